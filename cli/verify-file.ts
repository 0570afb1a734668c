import { startSha256 } from "../adapters/node-crypto/running-sha256.ts";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../adapters/node-crypto/signatures.ts";
import { timedPolicies } from "../adapters/opa/timed-policies.ts";
import type { PackVerification, VerifyPackOptions } from "../core/archive/pack-verification.ts";
import { verifyPack } from "../core/archive/verify-pack.ts";
import { type OpenedPackFile, withPack } from "./pack-file.ts";
import { threadsFor, verifyThreads } from "./verify-threads.ts";

/** What a pack is verified for, and with what in hand. */
export type VerifySettings = Omit<VerifyPackOptions, keyof typeof tools | "policyOf" | "helpers" | "allocate">;

const tools = { verifyEd25519, verifySignature: verifyEcdsa, verifyJws, startSha256 };

/** Verifies a pack on the disk, by as many threads as it is worth. */
export async function verificationOf(path: string, settings: VerifySettings): Promise<PackVerification> {
  return await withPack(path, async (pack): Promise<PackVerification> => {
    if (pack.kind === "opened") {
      const options: VerifyPackOptions = { ...settings, ...tools, policyOf: timedPolicies() };
      return await verifyPack(pack.source, { ...options, ...shared(path, pack, options) });
    }
    const finding = { code: "container-refused", path, sentence: pack.sentence } as const;
    return { mode: settings.mode, holds: false, findings: [finding], promotions: [], unchecked: [] };
  });
}

/** Threads, where there is work enough for them and a zip that all of them can open. */
function shared(
  path: string,
  { source, rows }: Extract<OpenedPackFile, { kind: "opened" }>,
  options: VerifyPackOptions,
): Pick<VerifyPackOptions, "helpers" | "allocate"> {
  const threads = threadsFor(source.count);
  if (rows === undefined || threads < 2) return {};
  return {
    helpers: verifyThreads(threads, { path, rows }, options),
    allocate: (size) => new SharedArrayBuffer(size),
  };
}
