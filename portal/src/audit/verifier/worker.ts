import { readReceipts } from "../../../../core/archive/kept-receipts.ts";
import { Failure } from "../../../../core/failure.ts";
import type { VerifierAnswer, VerifierRequest } from "./exchange.ts";
import { knownFrom } from "./known-keys.ts";
import { verifyFile } from "./verify-file.ts";

// Beside the page: verifying takes as long as it takes, and the page stays alive. It is loaded when somebody verifies.

const answer = (message: VerifierAnswer): void => postMessage(message);
/** Not for each of a hundred thousand small files. */
const toldEachBytes = 4 * 1024 * 1024;

addEventListener("message", ({ data }: MessageEvent<VerifierRequest>) => {
  void verify(data).then(answer);
});

async function verify({ file, receipts: kept, known: typed, now }: VerifierRequest): Promise<VerifierAnswer> {
  let known: ReturnType<typeof knownFrom>;
  let receipts: ReturnType<typeof readReceipts>;
  try {
    known = knownFrom(typed);
    const read = kept.map(async (each) => readReceipts(each.name, new Uint8Array(await each.arrayBuffer())));
    receipts = (await Promise.all(read)).flat();
  } catch (error) {
    return { kind: "unreadable-keys", sentence: sentenceOf(error) };
  }
  let bytes = 0;
  let told = 0;
  const onRead = (length: number): void => {
    bytes += length;
    if (bytes - told < toldEachBytes) return;
    told = bytes;
    answer({ kind: "reading", bytes });
  };
  try {
    return { kind: "verified", ...(await verifyFile(file, { known, receipts, now, subtle: crypto.subtle, onRead })) };
  } catch (error) {
    return { kind: "failed", sentence: sentenceOf(error) };
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Failure || error instanceof DOMException ? error.message : String(error);
}
