import { startSha256 } from "../adapters/node-crypto/running-sha256.ts";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../adapters/node-crypto/signatures.ts";
import { timedPolicies } from "../adapters/opa/timed-policies.ts";
import type { PackVerification, VerifyPackOptions } from "../core/archive/pack-verification.ts";
import { verifyPack } from "../core/archive/verify-pack.ts";
import { type OpenedPackFile, withPack } from "./pack-file.ts";
import { dismissThreads, type IdleThread, startThreads, threadsFor, verifyThreads } from "./verify-threads.ts";

/** What a pack is verified for, and with what in hand. */
export type VerifySettings = Omit<VerifyPackOptions, keyof typeof tools | "policyOf" | "helpers" | "allocate">;

const tools = { verifyEd25519, verifySignature: verifyEcdsa, verifyJws, startSha256 };

/** Verifies a pack on the disk, by as many threads as it is worth. */
export async function verificationOf(path: string, settings: VerifySettings): Promise<PackVerification> {
  let threads: readonly IdleThread[] = [];
  const use = async (pack: OpenedPackFile): Promise<PackVerification> => {
    if (pack.kind === "opened") {
      const options: VerifyPackOptions = { ...settings, ...tools, policyOf: timedPolicies() };
      const count = threadsFor(pack.source.count);
      if (threads.length === 0 && pack.rows !== undefined) threads = startThreads(count);
      return await verifyPack(pack.source, { ...options, ...shared(path, pack, threads, options) });
    }
    const finding = { code: "container-refused", path, sentence: pack.sentence } as const;
    return { mode: settings.mode, holds: false, findings: [finding], promotions: [], unchecked: [] };
  };
  try {
    // How many files there are is told by the directory; they load while it is read.
    return await withPack(path, use, (bytes) => {
      threads = startThreads(threadsFor(bytes / largestMean));
    });
  } finally {
    await dismissThreads(threads);
  }
}

/** In a pack with many files these are rarely larger on average: evidence is shared by promotions. */
const largestMean = 8 * 1024;

/** Threads, where there is work enough for them and a zip that all of them can open. */
function shared(
  path: string,
  { rows }: Extract<OpenedPackFile, { kind: "opened" }>,
  threads: readonly IdleThread[],
  options: VerifyPackOptions,
): Pick<VerifyPackOptions, "helpers" | "allocate"> {
  if (rows === undefined || threads.length === 0) return {};
  return {
    helpers: verifyThreads(threads, { path, rows }, options),
    allocate: (size) => new SharedArrayBuffer(size),
  };
}
