import { expect } from "vitest";
import { type Files, verified } from "../core/archive/memory-pack.ts";

/** Expects that our verifier takes a pack, or that it refuses it by `why` among other reasons. */
export async function expectOurs(files: Files, why?: RegExp, over?: Parameters<typeof verified>[1]): Promise<void> {
  const { holds, findings } = await verified(files, over);
  expect([holds, findings.map(({ sentence }) => sentence)]).toEqual(
    why === undefined ? [true, []] : [false, expect.arrayContaining([expect.stringMatching(why)])],
  );
}
