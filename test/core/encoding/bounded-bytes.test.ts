import { expect, it } from "vitest";
import { boundedBytes } from "../../../core/encoding/bounded-bytes.ts";

const text = new TextEncoder();

it("what comes in parts is read as a whole up to its bound", async () => {
  const parts = ["all ", "of it"].map((part) => text.encode(part));
  expect(await boundedBytes(parts, 9)).toEqual(text.encode("all of it"));
  expect(await boundedBytes([], 0)).toEqual(new Uint8Array());
  await expect(boundedBytes(parts, 8)).rejects.toThrow("The answer is too long.");
});

it("what comes without end is not read any further than that", async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += 1024;
      yield new Uint8Array(1024);
    }
  }
  await expect(boundedBytes(endless(), 10_000)).rejects.toThrow("The answer is too long.");
  expect(sent).toBe(10 * 1024);
});
