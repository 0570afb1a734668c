import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fileSpool } from "../../../adapters/temporary-files/spool.ts";
import { concatBytes } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { collected } from "../../core/archive/pack-fixture.ts";

// The machine's own, where other tests come and go, is not looked at.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-spool-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("a spool on disk", () => {
  it("gives back what it took, in order, and leaves no file behind", async () => {
    const spool = fileSpool();
    const pieces = Array.from({ length: 900 }, (_, n) => new Uint8Array(1000).fill(n));
    for (const piece of pieces) await spool.append(piece);
    expect(tmpdir()).toBe(folder);
    expect(readdirSync(folder)).toEqual([]);
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
