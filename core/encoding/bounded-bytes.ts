import { concatBytes } from "./bytes.ts";

/**
 * All of what comes in parts, in bytes. Throws where it is more than `most` bytes: whoever sends it may be anybody, and a function has
 * little memory.
 */
export async function boundedBytes(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > most) throw new Error("The answer is too long.");
    all.push(part);
  }
  return concatBytes(all);
}
