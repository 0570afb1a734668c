import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";

/** A stream that lets bytes through, and what they came to once it has ended. */
export function measuring() {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ sha256: hash.digest("hex") as Sha256, size }) };
}

/** What the bytes of a stream come to: they need not fit into memory. */
export async function measured(
  body: Readable,
  what: string,
): Promise<{ readonly sha256: Sha256; readonly size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of unbroken(body, what)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest("hex") as Sha256, size };
}

/**
 * The chunks of a stream, where a connection that was lost, or bytes that the SDK finds spoilt on their way, are
 * `unavailable`: they may come whole when they are read again.
 */
export async function* unbroken(body: Readable, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw brokeOff(what, error);
  }
}

export function brokeOff(what: string, cause: unknown): Failure {
  return new Failure("unavailable", `${what} broke off while it was read.`, { cause });
}

/** All bytes of a stream; throws `invalid-evidence` once there are more than `largest`. */
export async function collect(body: Readable, name: string, largest: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of unbroken(body, `'${name}'`)) {
    size += chunk.length;
    if (size > largest) {
      body.destroy();
      throw new Failure("invalid-evidence", `'${name}' is larger than ${largest} bytes, the most that is read.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
