import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { changed, factOf } from "./retelling.ts";
import { resultOf, told } from "./told.ts";

// A service that lies in several records, or in several members of one, each of which would hold by itself: what gives it away
// is what the log says beside.

describe("an update that is told as a first release, all at once and watched by nothing,", () => {
  const update = factOf(told.house, "deployment-started", told.kept);
  const release = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } };
  const { previous: _, ...body } = update.body;

  it.each<[string, { readonly [name: string]: Json }, RegExp]>([
    ["nothing is said to have run before", { previous: null }, /nothing ran there, which was judged as an update/],
    ["not a word is said of what ran before", {}, /does not say what a 'deployment-started' says \(previous\)\.$/],
  ])("is noticed where %s", async (__, previous, sentence) => {
    const facts = changed(told.house, update, (fact) => ({ ...fact, body: { ...body, ...previous, release } }));
    expect((await resultOf(told.kept, { facts })).findings).toContainEqual(
      expect.objectContaining({ code: "deployment-unapproved", sentence: expect.stringMatching(sentence) }),
    );
  });
});
