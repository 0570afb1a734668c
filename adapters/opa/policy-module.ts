/** What a module of rules may ask of whoever runs it, besides the memory that it is handed. */
const mostTableEntries = 65_536;

/** Sections by the ids of WebAssembly 1.0 and bulk memory: https://webassembly.github.io/spec/core/binary/modules.html#sections */
const section = { custom: 0, types: 1, imports: 2, tables: 4, memories: 5, last: 12 } as const;
const functionType = 0x60;
const numbers: ReadonlySet<number> = new Set([0x7f, 0x7e, 0x7d, 0x7c]);
const functionReference = 0x70;

/**
 * Why a module is not loaded, in a sentence; undefined where it may be. What `opa build` makes works in the one memory that it is
 * handed, whose size is bounded, with one table and types of functions over numbers. A module with a memory, larger tables or
 * objects of its own would take as much as it likes, in its start function at the latest, before anybody could ask it anything.
 * Whether it is WebAssembly at all is for the engine to find.
 */
export function whyNotLoadable(wasm: Uint8Array): string | undefined {
  const reader = new Reader(wasm);
  reader.skip(8);
  while (!reader.done) {
    const id = reader.byte();
    const part = reader.part(reader.number());
    if (id > section.last) return "it has a part that no policy has";
    if (id === section.memories && part.number() > 0) return "it brings a memory of its own";
    if (id === section.tables && !isSmallTable(part))
      return "its table is larger than one of a policy, or is not the only one";
    if (id === section.types && !areOfFunctions(part)) return "it has types that no policy has";
    if (id === section.imports && importsMore(part)) return "it asks for something else than functions and one memory";
  }
  return undefined;
}

/** One table of functions, that cannot grow beyond its bound. */
function isSmallTable(part: Reader): boolean {
  const [count, kind, bounded] = [part.number(), part.byte(), part.byte()];
  part.number();
  return (
    count === 0 || (count === 1 && kind === functionReference && bounded === 1 && part.number() <= mostTableEntries)
  );
}

function areOfFunctions(part: Reader): boolean {
  for (let left = part.number(); left > 0; left -= 1) {
    if (part.byte() !== functionType) return false;
    for (const _ of ["parameters", "results"]) {
      for (let values = part.number(); values > 0; values -= 1) if (!numbers.has(part.byte())) return false;
    }
  }
  return true;
}

function importsMore(part: Reader): boolean {
  let memories = 0;
  for (let left = part.number(); left > 0; left -= 1) {
    // It says that there are more than there is room for.
    if (part.done) return true;
    part.skip(part.number());
    part.skip(part.number());
    const kind = part.byte();
    if (kind === 2) {
      memories += 1;
      const bounded = part.byte();
      part.number();
      if ((bounded & 1) === 1) part.number();
    } else if (kind === 0) part.number();
    else return true;
  }
  return memories > 1;
}

/** Reads on where there is nothing more as if all was zero: what is cut off, the engine refuses. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** An unsigned LEB128 number of 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) break;
    }
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  part(length: number): Reader {
    const from = this.#at;
    this.skip(length);
    return new Reader(this.#bytes.subarray(from, from + length));
  }
}
