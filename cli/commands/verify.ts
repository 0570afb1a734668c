import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { startSha256 } from "../../adapters/node-crypto/running-sha256.ts";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../../adapters/node-crypto/signatures.ts";
import { warmPolicies } from "../../adapters/opa/warm-policies.ts";
import { readPublicKeys, readVerifierKeys } from "../../core/archive/pack-keys.ts";
import type { PackVerification, VerifyPackOptions } from "../../core/archive/pack-verification.ts";
import { readJson } from "../../core/archive/read-document.ts";
import { verifyPack } from "../../core/archive/verify-pack.ts";
import { readJwks } from "../../core/archive/verify-sign-offs.ts";
import { Failure } from "../../core/failure.ts";
import { durationOf } from "../options.ts";
import { type OpenedPackFile, withPack } from "../pack-file.ts";
import type { Surroundings } from "../surroundings.ts";
import { verificationLines } from "../verification-text.ts";
import { threadsFor, verifyThreads } from "../verify-threads.ts";

interface VerifyOptions {
  readonly full: boolean;
  readonly checkpoint: boolean;
  readonly key?: string;
  readonly checkpointKey?: string;
  readonly jwks?: string;
  readonly issuer?: string;
  readonly maxAge?: number;
  readonly json: boolean;
}

const help = `
Works offline. What is not given is taken from the pack itself, and named as such under 'could not be checked'.
Exit codes:
  0  everything holds that was looked at
  1  something does not hold, or the pack cannot be read`;

/** `countersign verify PACK`: whether an exported audit pack holds, without trusting whoever exported it. */
export function verifyCommand(surroundings: Surroundings): Command {
  return new Command("verify")
    .description("verify an audit pack offline: every digest, signature, gate, quorum and the log itself")
    .argument("<pack>", "the zip, or the folder it was unpacked into")
    .option("--full", "check everything (the default)", false)
    .option("--checkpoint", "check the log only: that the records are those that the checkpoint signs for", false)
    .option("--key <file>", "the deployment's attestation keys, as PEM")
    .option("--checkpoint-key <key>", "the log's verifying key, <name>+<id>+<base64>, or a file with such lines")
    .option("--jwks <file>", "the identity provider's key set, instead of the ones archived with each sign-off")
    .option("--issuer <address>", "the identity provider that the reviewers' tokens must come from")
    .option("--max-age <duration>", "the checkpoint must not be older, such as 24h", durationOf)
    .option("--json", "print the whole result as one line of JSON", false)
    .addHelpText("after", help)
    .action((pack: string, options: VerifyOptions) => verify(pack, options, surroundings));
}

async function verify(path: string, options: VerifyOptions, surroundings: Surroundings): Promise<void> {
  if (options.full && options.checkpoint) {
    throw new Failure("invalid-request", "--full and --checkpoint are two modes: give one of them.");
  }
  const mode = options.checkpoint ? "checkpoint" : "full";
  const settings: VerifyPackOptions = {
    mode,
    now: surroundings.now(),
    ...(options.maxAge === undefined ? {} : { maxAgeSeconds: options.maxAge / 1000 }),
    known: await knownFrom(options),
    verifyEd25519,
    verifySignature: verifyEcdsa,
    verifyJws,
    policyOf: warmPolicies(),
    startSha256,
  };
  const result = await withPack(path, async (pack): Promise<PackVerification> => {
    if (pack.kind === "opened") return await verifyPack(pack.source, { ...settings, ...shared(path, pack, settings) });
    const finding = { code: "container-refused", path, sentence: pack.sentence } as const;
    return { mode, holds: false, findings: [finding], promotions: [], unchecked: [] };
  });
  if (options.json) surroundings.print(JSON.stringify(result));
  else for (const line of verificationLines(result)) surroundings.print(line);
  surroundings.exitWith(result.holds ? 0 : 1);
}

/** Threads, where there is work enough for them and a zip that all of them can open. */
function shared(
  path: string,
  { source, rows }: Extract<OpenedPackFile, { kind: "opened" }>,
  { mode, now, known }: VerifyPackOptions,
): Pick<VerifyPackOptions, "helpers" | "allocate"> {
  const threads = threadsFor(source.count);
  if (rows === undefined || threads < 2) return {};
  return {
    helpers: verifyThreads(threads, { path, rows }, { mode, now, known }),
    allocate: (size) => new SharedArrayBuffer(size),
  };
}

async function knownFrom(options: VerifyOptions): Promise<VerifyPackOptions["known"]> {
  const { key, checkpointKey, jwks, issuer } = options;
  const checkpointText =
    checkpointKey === undefined || !existsSync(checkpointKey) ? checkpointKey : await fileText(checkpointKey);
  return {
    ...(key === undefined ? {} : { attestationKeys: readPublicKeys(await fileText(key)) }),
    ...(checkpointText === undefined ? {} : { checkpointKeys: readVerifierKeys(checkpointText) }),
    ...(jwks === undefined ? {} : { jwks: readJwks(readJson(jwks, await fileBytes(jwks))) }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

async function fileText(path: string): Promise<string> {
  return Buffer.from(await fileBytes(path)).toString("utf8");
}

async function fileBytes(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause: unknown) => {
    throw new Failure("invalid-request", `${path} cannot be read.`, { cause });
  });
}
