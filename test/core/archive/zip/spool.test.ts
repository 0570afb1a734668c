import { expect, it } from "vitest";
import { memorySpool } from "../../../../core/archive/zip/spool.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { collected } from "../memory-pack.ts";

it("what was put aside comes back in its order, until it is let go", async () => {
  const spool = memorySpool();
  for (const text of ["one, ", "two, ", "three"]) await spool.append(utf8(text));
  expect(await collected(spool.read())).toEqual(utf8("one, two, three"));
  await spool.close();
  expect(await collected(spool.read())).toEqual(utf8(""));
  expect(await collected(memorySpool().read())).toEqual(utf8(""));
});
