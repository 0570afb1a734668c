import { Uint8ArrayReader, ZipReader } from "@zip.js/zip.js";
import { expect, it } from "vitest";
import { readWhole } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { opened, zipped } from "./zipped.ts";

it("a pack's zip holds more files than the old format could count", async () => {
  const files = Array.from({ length: 70_000 }, (_, n) => ({ name: `records/${n}.json`, content: utf8(String(n)) }));
  const bytes = await zipped(files);
  const zip = await opened(bytes);
  if (zip.kind === "refused") throw new Error(zip.sentence);
  expect(zip.source.count).toBe(70_000);
  expect(await readWhole(zip.source, "records/69999.json")).toEqual(utf8("69999"));
  const reader = new ZipReader(new Uint8ArrayReader(bytes));
  expect(await reader.getEntries()).toHaveLength(70_000);
  await reader.close();
});
