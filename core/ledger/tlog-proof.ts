import { base64, fromBase64 } from "../encoding/base64.ts";
import { concatBytes, equalBytes, fromUtf8, utf8 } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { hashLength, isTreeSize } from "./merkle.ts";
import { verifyInclusion } from "./merkle-proofs.ts";

// Proofs that stand alone: https://c2sp.org/tlog-proof. Files end in `.tlog-proof`.

const header = "c2sp.org/tlog-proof@v1";

/** That one entry is in the log, with all that is needed to check it offline. */
export interface TlogProof {
  readonly index: number;
  /** From the leaf's sibling upwards. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: Uint8Array;
  /** Opaque, and authenticated by nothing. */
  readonly extra?: Uint8Array;
}

/** The proof as bytes to store. Throws `ledger-invalid` for what could not be read back. */
export function formatTlogProof({ index, hashes, checkpoint, extra }: TlogProof): Uint8Array {
  if (!isTreeSize(index)) throw malformed(`its index cannot be ${index}`);
  if (hashes.some((hash) => hash.length !== hashLength)) throw malformed("one of its hashes is not of SHA-256");
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...hashes.map(base64),
  ];
  return concatBytes([utf8(`${lines.join("\n")}\n\n`), checkpoint]);
}

/** Reads a proof strictly, its checkpoint as yet unread; throws `ledger-invalid`. */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  const text = textOf(bytes);
  const blank = text.indexOf("\n\n");
  if (blank < 0) throw malformed("it has no blank line before its checkpoint");
  const [first, ...rest] = text.slice(0, blank).split("\n");
  if (first !== header) throw malformed(`it does not begin with ${header}`);
  const extra = rest[0]?.startsWith("extra ") ? bytesOf(rest[0].slice("extra ".length), "its extra data") : undefined;
  const [indexLine, ...hashLines] = extra === undefined ? rest : rest.slice(1);
  const index = /^index (?<index>0|[1-9]\d*)$/.exec(indexLine ?? "")?.groups?.["index"];
  if (index === undefined || !isTreeSize(Number(index))) throw malformed("it has no index");
  // A path in a tree that JavaScript can count is no longer than this.
  if (hashLines.length > 53) throw malformed("it has too many hashes");
  const hashes = hashLines.map((line) => {
    const hash = bytesOf(line, "one of its hashes");
    if (hash.length !== hashLength) throw malformed("one of its hashes is not of SHA-256");
    return hash;
  });
  // The text is UTF-8 without replacement, so encoding it again gives the very bytes.
  const checkpoint = utf8(text.slice(blank + 2));
  return { index: Number(index), hashes, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

/**
 * Why a proof does not show that the entry with the leaf hash `leaf` is in the log of `head`, which is verified for itself;
 * `undefined` where it does. A proof with another checkpoint shows nothing: the log's key may have signed that tree for nobody
 * else. Throws `ledger-invalid` for a head that is no checkpoint.
 */
export function whyNotShown(proof: TlogProof, leaf: Uint8Array, head: Uint8Array): string | undefined {
  // Nothing signs it, and other verifiers of packs do not read it.
  if (proof.extra !== undefined) return "The proof has a line 'extra', which the log writes in none.";
  if (!equalBytes(proof.checkpoint, head)) return "The proof is one under another checkpoint than the head of the log.";
  const { size, root } = parseCheckpoint(head).checkpoint;
  return verifyInclusion({ leaf, index: proof.index, size, root, proof: proof.hashes })
    ? undefined
    : `The proof does not show that this entry is number ${proof.index} of the ${size} in the log.`;
}

function bytesOf(text: string, what: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw malformed(`${what} is not base64`, cause);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw malformed("it is not UTF-8", cause);
  }
}

function malformed(why: string, cause?: unknown): Failure {
  return new Failure("ledger-invalid", `This is no proof: ${why}.`, { cause });
}
