import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
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

  it("that finds no room for all of it says so, and gives back no part of it as all", async () => {
    const spool = new URL("../../../adapters/temporary-files/spool.ts", import.meta.url).href;
    const script = `const { fileSpool } = await import(${JSON.stringify(spool)});
      const spool = fileSpool();
      for (let n = 0; n < 300; n += 1) await spool.append(new Uint8Array(1000));
      let length = 0;
      for await (const piece of spool.read()) length += piece.length;
      console.log(length);`;
    // Room for 290 KiB of 293.
    const limited = ["-c", `ulimit -f 290 && exec "$0" --input-type=module --eval "$1"`, process.execPath, script];
    await expect(promisify(execFile)("bash", limited)).rejects.toMatchObject({
      stdout: "",
      stderr: expect.stringContaining("EFBIG"),
    });
  });

  it("can be empty, and closed without being read", async () => {
    const empty = fileSpool();
    expect(await collected(empty.read())).toHaveLength(0);
    await empty.close();
    await fileSpool().close();
  });
});
