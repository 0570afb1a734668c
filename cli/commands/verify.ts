import { existsSync } from "node:fs";
import { Command } from "commander";
import { readJson } from "../../core/archive/documents/json-document.ts";
import { type KeptReceipt, readReceipts } from "../../core/archive/kept-receipts.ts";
import { knownByServices, readKeptService } from "../../core/archive/kept-service.ts";
import { readPublicKeys, readVerifierKeys } from "../../core/archive/pack/pack-keys.ts";
import type { VerifyPackOptions } from "../../core/archive/pack-verification.ts";
import { readJwks } from "../../core/archive/people/verify-sign-offs.ts";
import type { Jwks } from "../../core/attestation/id-token.ts";
import { Failure } from "../../core/failure.ts";
import type { NoteKey } from "../../core/ledger/note-key.ts";
import { fileBytes } from "../file-failure.ts";
import { keptCheckpoint } from "../kept-checkpoint.ts";
import { durationOf } from "../options.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine } from "../terminal-text.ts";
import { verificationLines } from "../verification-text.ts";
import { verificationOf } from "../verify-file.ts";

interface VerifyOptions {
  readonly full: boolean;
  readonly checkpoint: boolean;
  readonly service?: readonly string[];
  readonly key?: string;
  readonly checkpointKey?: string;
  readonly witnessKey?: readonly string[];
  readonly jwks?: readonly string[];
  readonly issuer?: readonly string[];
  readonly audience?: readonly string[];
  readonly origin?: readonly string[];
  readonly maxAge?: number;
  readonly receipt?: readonly string[];
  readonly since?: string;
  readonly json: boolean;
}

const help = `
Works offline. What is not given is taken from the pack itself, and named as such under 'could not be checked'.
What each finding means and what to do about it: docs/audit-pack.md.
Exit codes:
  0  everything that could be checked holds
  1  something does not hold, or the pack cannot be read`;

/** `countersign verify PACK`: whether an exported audit pack holds, without trusting whoever exported it. */
export function verifyCommand(surroundings: Surroundings): Command {
  return new Command("verify")
    .description("verify an audit pack offline: every digest, signature, gate, quorum and the log itself")
    .argument("<pack>", "the zip, or the folder it was unpacked into")
    .option("--full", "check everything (the default)", false)
    .option("--checkpoint", "check the log only: that the records are those that the checkpoint signs for", false)
    .option(
      "--service <file>",
      "what you kept of the deployment's GET /v1/service: its keys, and whose sign-ins and passkeys count; repeatable",
      listed,
    )
    .option(
      "--key <file>",
      "the deployment's attestation keys, as PEM; counts before those of --service, as does each below",
    )
    .option("--checkpoint-key <key>", "the log's verifying key, <name>+<id>+<base64>, or a file with such lines")
    .option("--witness-key <key>", "a witness's verifying key, or a file with some: each must have cosigned", listed)
    .option(
      "--jwks <file>",
      "the identity provider's key set, which counts before the ones archived with each sign-off; of each time that it had other keys; repeatable",
      listed,
    )
    .option("--issuer <address>", "the identity provider that reviewers' tokens must come from; repeatable", listed)
    .option(
      "--audience <client>",
      "an application of it that reviewers sign in to, as its client id; repeatable",
      listed,
    )
    .option("--origin <origin>", "a page on which reviewers make their passkeys: the portal's; repeatable", listed)
    .option("--max-age <duration>", "the checkpoint must not be older, such as 24h", durationOf)
    .option(
      "--receipt <file>",
      "what the service answered as you signed something (sign-off --json, or GET …/attestations): the log must have it; repeatable",
      listed,
    )
    .option(
      "--since <file>",
      "a checkpoint of this log that you have verified before: look only at what came since; once in a while without it, since what others of a model and target say is held against the whole log alone",
    )
    .option("--json", "print the whole result as one line of JSON", false)
    .addHelpText("after", help)
    .action((pack: string, options: VerifyOptions) => verify(pack, options, surroundings));
}

async function verify(path: string, options: VerifyOptions, surroundings: Surroundings): Promise<void> {
  if (options.full && options.checkpoint) {
    throw new Failure("invalid-request", "--full and --checkpoint are two modes: give one of them.");
  }
  if (options.checkpoint && options.receipt !== undefined) {
    throw new Failure(
      "invalid-request",
      "--checkpoint looks at no record, so no receipt is held against any: leave one out.",
    );
  }
  const result = await verificationOf(path, {
    mode: options.checkpoint ? "checkpoint" : "full",
    now: surroundings.now(),
    ...(options.maxAge === undefined ? {} : { maxAgeSeconds: options.maxAge / 1000 }),
    known: await knownFrom(options),
    ...(options.receipt === undefined ? {} : { receipts: await receiptsFrom(options.receipt) }),
    ...(options.since === undefined ? {} : { since: await keptCheckpoint(options.since) }),
  });
  if (options.json) surroundings.print(jsonText(result));
  else for (const line of verificationLines(result)) surroundings.print(line);
  surroundings.exitWith(result.holds ? 0 : 1);
}

async function knownFrom(options: VerifyOptions): Promise<VerifyPackOptions["known"]> {
  const { service, key, checkpointKey, witnessKey, jwks, issuer, audience, origin } = options;
  const services = await Promise.all((service ?? []).map(async (path) => readKeptService(path, await fileBytes(path))));
  const witnessKeys = await Promise.all((witnessKey ?? []).map(verifierKeysOf));
  return {
    ...knownByServices(services),
    ...(key === undefined ? {} : { attestationKeys: readPublicKeys(await fileText(key), key) }),
    ...(checkpointKey === undefined ? {} : { checkpointKeys: await verifierKeysOf(checkpointKey) }),
    ...(witnessKey === undefined ? {} : { witnessKeys: witnessKeys.flat() }),
    ...(jwks === undefined ? {} : { jwks: { keys: (await Promise.all(jwks.map(keySet))).flat() } }),
    ...(issuer === undefined ? {} : { issuers: issuer }),
    ...(audience === undefined ? {} : { audiences: audience }),
    ...(origin === undefined ? {} : { origins: origin }),
  };
}

async function keySet(path: string): Promise<Jwks["keys"]> {
  const value = readJson(path, await fileBytes(path));
  return ofFile(path, () => readJwks(value)).keys;
}

async function receiptsFrom(paths: readonly string[]): Promise<readonly KeptReceipt[]> {
  const kept = await Promise.all(paths.map(async (path) => readReceipts(path, await fileBytes(path))));
  return kept.flat();
}

/** An option that may be given several times. */
function listed(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The verifying keys that an option gives, one or several in a file; none would ask for nothing. */
async function verifierKeysOf(given: string): Promise<readonly NoteKey[]> {
  if (!existsSync(given)) {
    if (given.includes("+")) return readVerifierKeys(given);
    const sentence = `'${oneLine(given, 300)}' is neither a file that is there nor a verifying key, <name>+<id>+<base64>.`;
    throw new Failure("invalid-request", sentence);
  }
  const text = await fileText(given);
  if (text.trim() === "") throw new Failure("invalid-request", `${oneLine(given, 300)} holds no verifying key.`);
  return ofFile(given, () => readVerifierKeys(text));
}

/** What is made of a file that was named: a refusal says of which. */
function ofFile<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.code, `In ${oneLine(path, 300)}: ${error.message}`, { cause: error });
  }
}

async function fileText(path: string): Promise<string> {
  return Buffer.from(await fileBytes(path)).toString("utf8");
}
