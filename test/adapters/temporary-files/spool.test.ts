import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { fileSpool } from "../../../adapters/temporary-files/spool.ts";
import { concatBytes } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { collected } from "../../core/archive/pack-fixture.ts";

const ours = () => readdirSync(tmpdir()).filter((name) => name.startsWith("countersign-"));

describe("a spool on disk", () => {
  it("gives back what it took, in order, and leaves no file behind", async () => {
    const spool = fileSpool();
    const pieces = Array.from({ length: 900 }, (_, n) => new Uint8Array(1000).fill(n));
    const before = ours();
    for (const piece of pieces) await spool.append(piece);
    expect(ours()).toEqual(before);
    expect(sha256Hex(await collected(spool.read()))).toBe(sha256Hex(concatBytes(pieces)));
    await spool.close();
  });

  it("can be empty, and closed without being read", async () => {
    const empty = fileSpool();
    expect(await collected(empty.read())).toHaveLength(0);
    await empty.close();
    await fileSpool().close();
  });
});
