import { describe, expect, it, vi } from "vitest";
import { accessTo } from "../../portal/src/audit/verifier/file-access.ts";

const length = 1_000_003;
const content = Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 255);
const fileOf = (bytes: Uint8Array<ArrayBuffer>) => new File([bytes], "pack.zip");

describe("a pack on the reader's disk", () => {
  it.each([
    ["at its beginning", 0, 10],
    ["in a piece", 300_000, 5_000],
    ["up to where a piece ends", 262_000, 144],
    ["over the end of a piece", 262_000, 145],
    ["over several pieces", 1, 999_999],
    ["at its end", length - 22, 22],
    ["of nothing", 12, 0],
  ])("is read %s", async (_, offset, size) => {
    let told = 0;
    const access = accessTo(fileOf(content), (bytes) => {
      told += bytes;
    });
    expect(access.size).toBe(length);
    expect(Buffer.compare(await access.read(offset, size), content.subarray(offset, offset + size))).toBe(0);
    expect(told).toBe(size);
  });

  it("is asked for once for the many small files that lie beside each other", async () => {
    const file = fileOf(content);
    const slice = vi.spyOn(file, "slice");
    const access = accessTo(file);
    for (let at = 0; at + 100 <= length; at += 100) await access.read(at, 100);
    // A piece for each quarter of a megabyte, and the files that lie over the ends of three.
    expect(slice).toHaveBeenCalledTimes(4 + 3);
  });

  it("hands out bytes that no later reading changes", async () => {
    const access = accessTo(fileOf(content));
    const first = await access.read(0, 100);
    first.fill(0);
    expect(Buffer.compare(await access.read(0, 100), content.subarray(0, 100))).toBe(0);
  });

  it("that became shorter is no pack", async () => {
    const file = fileOf(content);
    vi.spyOn(file, "slice").mockImplementation((begin = 0, end = 0) => new Blob([content.subarray(begin, end - 1)]));
    await expect(accessTo(file).read(10, 100)).rejects.toThrow("The pack became shorter while it was read.");
    await expect(accessTo(file).read(length - 10, 11)).rejects.toThrow("The pack became shorter while it was read.");
  });
});
