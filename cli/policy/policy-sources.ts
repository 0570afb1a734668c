import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { requireKeepable } from "../../adapters/dynamodb/kept-policies.ts";
import {
  type PolicyFolder,
  policyText,
  readPolicyFiles,
  readPolicyFolder,
} from "../../adapters/policies/policy-folder.ts";
import { type Instant, isInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { readDirectory } from "../../core/policy/directory.ts";
import { bundledTexts, bundledWasm } from "../../core/policy/policy-bundle.ts";
import { type PolicyTexts, policyFileNames } from "../../core/policy/policy-files.ts";
import type { Member } from "../../core/promotion/identity.ts";
import { fileBytes, unreadable } from "../file-failure.ts";

/** The folder of a checkout, where commands look unless they are told another. */
export const defaultFolder = "policies";

/** The text of each policy file in a folder; what is not there is left out. */
export async function policyTexts(folder: string): Promise<PolicyTexts> {
  const texts = await Promise.all(
    policyFileNames.map(async (name) => [name, await textIn(join(folder, name))] as const),
  );
  if (texts.every(([, text]) => text === undefined))
    throw new Failure("invalid-request", `There are no policies in ${folder}.`);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}

/** The folder with everything that judges, the compiled gates included. Throws `invalid-policy` with file and line. */
export function policyFolder(folder: string): PolicyFolder {
  return readFrom(folder, readPolicyFolder);
}

/**
 * Why a folder can be neither deployed nor proposed, whatever its files say: it is larger than the service can keep. Of a folder
 * in which a file is missing nothing is known; the gates of a deployment need not be policies of one's own.
 */
export function whyNotKept(folder: string): string | undefined {
  if (![...bundledTexts, bundledWasm].every((name) => existsSync(join(folder, name)))) return undefined;
  const bundle = readFrom(folder, readPolicyFiles);
  try {
    requireKeepable(bundle);
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.code === "invalid-policy") return error.message;
    throw error;
  }
}

function readFrom<Read>(folder: string, read: (url: URL) => Read): Read {
  try {
    return read(pathToFileURL(`${resolve(folder)}${sep}`));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unreadable(fileOf(folder, error), error);
  }
}

/** Which file of the folder the machine does not give, as its user would name it; else the folder. */
function fileOf(folder: string, error: unknown): string {
  const path = error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : undefined;
  return path === undefined ? folder : join(folder, relative(resolve(folder), path));
}

/** The people of a directory's export; `undefined` where none is given. */
export async function directoryIn(path: string | undefined): Promise<readonly Member[] | undefined> {
  return path === undefined ? undefined : readDirectory(await fileBytes(path));
}

/** An instant as commands take it: with or without milliseconds, always in UTC. */
export function instantOption(text: string): Instant {
  const full = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? text.replace("Z", ".000Z") : text;
  if (isInstant(full)) return full;
  throw new Failure("invalid-request", `'${text}' is not a time in UTC such as 2026-12-18T18:00:00Z.`);
}

async function textIn(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(path, error);
  });
  return bytes === undefined ? undefined : policyText(path, bytes);
}
