import { rmSync } from "node:fs";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import { Command } from "commander";
import { startSha256 } from "../../adapters/node-crypto/running-sha256.ts";
import { hex } from "../../core/encoding/bytes.ts";
import { isInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { askForExport, awaitExport, type FinishedExport } from "../await-export.ts";
import { promotionIdOf } from "../fetch-promotion.ts";
import { fileBytes, fileFailure, unwritable } from "../file-failure.ts";
import { keptCheckpoint } from "../kept-checkpoint.ts";
import { type SignInSettings, signInOptions, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { readerTokens } from "../readers.ts";
import { trustworthyAddress } from "../service/address.ts";
import { type ApiClient, apiClient } from "../service/api-client.ts";
import { connectionFailure } from "../service/connection-failure.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine } from "../terminal-text.ts";

interface ExportOptions extends TokenSettings, SignInSettings {
  readonly url: string;
  readonly out: string;
  readonly promotion?: string;
  readonly model?: string;
  readonly from?: string;
  readonly to?: string;
  readonly since?: string;
  readonly withoutPersonalData: boolean;
  readonly fetch?: string;
  readonly tokenFile?: string;
  readonly signIn: boolean;
  readonly json: boolean;
}

/** `countersign export`: fetches an audit pack of everything, a promotion, a model or a time. */
export function exportCommand(surroundings: Surroundings): Command {
  const command = new Command("export")
    .description("export the audit archive, or a part of it, as a pack that 'verify' checks offline")
    .addOption(urlOption())
    .requiredOption("--out <file>", "where to write the zip")
    .option("--promotion <id>", "only this promotion")
    .option("--model <name>", "only the promotions of this model")
    .option("--from <time>", "only promotions of which something was recorded from this time on (RFC 3339, UTC)")
    .option("--to <time>", "and before this time")
    .option("--since <file>", "only what was recorded since this checkpoint, with the promotions that it is about")
    .option("--without-personal-data", "leave out what tells about people, as far as it is not signed", false)
    .option("--fetch <id>", "fetch an export that was asked for before, by its id")
    .option("--token-file <file>", "file that holds the token to use")
    .option("--sign-in", "sign in as a person even where there is a CI token", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((options: ExportOptions) => exportPack(options, surroundings));
  for (const option of [...tokenOptions(), ...signInOptions()]) command.addOption(option);
  return command;
}

async function exportPack(options: ExportOptions, surroundings: Surroundings): Promise<void> {
  const api = apiClient(options.url);
  const request = await requestOf(options);
  const { pack, body } = await beside(options.out, surroundings, async (file, asked) => {
    const token = await tokensFor(api, options, surroundings);
    const id = options.fetch ?? (await askForExport(api, request, await token()));
    asked(id);
    const finished = await awaitExport(api, id, token, surroundings);
    await download(finished.pack, file, options.out);
    return finished;
  });
  const { entries, origin } = pack.ledger;
  surroundings.note(`${options.out}: ${pack.bytes} bytes, up to entry ${entries} of ${oneLine(origin)}.`);
  surroundings.print(options.json ? jsonText(body) : options.out);
}

/**
 * Opens a file of this export's own beside the place of the pack, before anything is asked: a pack may take minutes, and its
 * place must not turn out then to be none. It is moved there once `write` is through, and gone where it came to nothing or was
 * interrupted. Whoever exports to the same place meanwhile, with other people's data in it or without, writes into another.
 */
async function beside<Value>(
  out: string,
  { onInterrupt, note, random }: Surroundings,
  write: (file: FileHandle, asked: (id: string) => void) => Promise<Value>,
): Promise<Value> {
  const there = await lstat(out).catch(() => undefined);
  if (there?.isDirectory()) throw new Failure("invalid-request", `${out} is a folder: name a file in it.`);
  if (there !== undefined && !there.isFile()) {
    throw new Failure("invalid-request", `${out} is a link or a device, and no file: name a file.`);
  }
  const part = `${out}.part-${hex(random(8))}`;
  const file = await open(part, "wx").catch((cause: unknown) => {
    throw unwritable(out, cause);
  });
  let known: string | undefined;
  const forget = onInterrupt(() => {
    rmSync(part, { force: true });
    note(`Nothing was fetched.${known === undefined ? "" : ` What was asked for goes on: --fetch ${known} gets it.`}`);
  });
  try {
    const value = await write(file, (id) => {
      known = id;
    });
    await file.close();
    await rename(part, out);
    return value;
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  } finally {
    forget();
  }
}

async function requestOf(options: ExportOptions): Promise<object> {
  const { promotion, model, from, to, since, withoutPersonalData, fetch: id } = options;
  // The service would say so after a sign-in.
  if ((from === undefined) !== (to === undefined))
    throw new Failure("invalid-request", "--from and --to go together: give both.");
  if ([promotion, model, from, since].filter((part) => part !== undefined).length > 1)
    throw new Failure(
      "invalid-request",
      "Give one of --promotion, --model, --from with --to and --since, or none of them for everything.",
    );
  if (from !== undefined && to !== undefined && timeOf(from) >= timeOf(to))
    throw new Failure("invalid-request", "--from has to be before --to.");
  if (since !== undefined && withoutPersonalData)
    throw new Failure(
      "invalid-request",
      "--since brings every record that came since: leave --without-personal-data out.",
    );
  const request = {
    ...(promotion === undefined ? {} : { promotion: promotionIdOf(promotion) }),
    ...(model === undefined ? {} : { model }),
    ...(from === undefined ? {} : { from: timeOf(from) }),
    ...(to === undefined ? {} : { to: timeOf(to) }),
    ...(since === undefined ? {} : { since: await headOf(since) }),
    ...(withoutPersonalData ? { withoutPersonalData } : {}),
  };
  if (id !== undefined && Object.keys(request).length > 0) {
    throw new Failure("invalid-request", "--fetch takes an export as it was asked for: leave the other options out.");
  }
  return request;
}

/** The size and the root that a checkpoint stands for. */
async function headOf(path: string): Promise<{ readonly size: number; readonly root: string }> {
  const { size, root } = (await keptCheckpoint(path)).checkpoint;
  return { size, root: hex(root) };
}

async function tokensFor(
  api: ApiClient,
  options: ExportOptions,
  surroundings: Surroundings,
): Promise<() => Promise<string>> {
  if (options.tokenFile === undefined) return await readerTokens(api, options, surroundings);
  const text = Buffer.from(await fileBytes(options.tokenFile)).toString("utf8");
  return async () => text.trim();
}

/** Fetches the pack into a file. Throws `digest-mismatch` where it has not the bytes that the service recorded. */
async function download({ address, sha256 }: FinishedExport["pack"], file: FileHandle, out: string): Promise<void> {
  const hash = startSha256();
  try {
    const response = await fetch(trustworthyAddress(address, "the export"), { redirect: "error" });
    if (!response.ok || response.body === null) {
      throw new Failure("unavailable", `The export could not be fetched: its address answered ${response.status}.`);
    }
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (fileFailure(error) !== undefined) throw unwritable(out, error);
    const why = connectionFailure(error);
    throw new Failure("unavailable", `The export could not be fetched to ${out}: ${why}.`, { cause: error });
  }
  if (hash.digest() !== sha256) {
    throw new Failure(
      "digest-mismatch",
      "What was fetched is not the pack that the service wrote; please export again.",
    );
  }
}

/** A time in the one spelling of the API; dates alone are midnight in UTC. */
function timeOf(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00.000Z` : text.replace(/(?<=:\d{2})Z$/, ".000Z");
  if (isInstant(day)) return day;
  throw new Failure("invalid-request", `'${oneLine(text, 40)}' is no time such as 2026-11-22 or 2026-11-22T17:03:00Z.`);
}
