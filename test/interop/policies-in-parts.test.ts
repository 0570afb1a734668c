import { describe, expect, it } from "vitest";
import type { PackScope } from "../../core/archive/pack/pack-manifest.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { type Files, packOf } from "../core/archive/memory-pack.ts";
import { headOf, sinceHead } from "../core/archive/small-pack.ts";
import { attestationKeyOfPack, keptFiles, told } from "../core/archive/told.ts";
import { expectOurs } from "./our-verifier.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

// People signed for the second version of the policies, which says that they sign for the next as well. A part of the log, or a pack
// without personal data, does not show that there are no other versions; what it has is held against each other all the same.

const deployed = told.house.facts.find(({ id }) => id === "installation/policy/1") ?? expect.unreachable();
const last = told.house.facts.at(-1)?.at ?? expect.unreachable();
const sizes = [...keptFiles.keys()].flatMap((name) => /^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? []).map(Number);
const head = headOf(keptFiles, Math.max(...sizes.filter((size) => size < 150)));

/** A deployment that puts policies in force at the end of the log. */
const brought = (number: number, over: Partial<Fact> = {}): Fact => ({
  ...deployed,
  ...{ id: `installation/policy/${number}`, at: last, body: { ...deployed.body, number } },
  ...over,
});
const packs: Readonly<Record<string, { readonly scope?: PackScope; readonly withoutPersonalData?: boolean }>> = {
  "a pack without personal data": { withoutPersonalData: true },
  "a pack of what came since": { scope: sinceHead(head) },
};
/** What is told at the end, our sentence and the other one's; nothing where it may be so. */
const cases: Readonly<Record<string, readonly [Fact | undefined, RegExp?, RegExp?]>> = {
  "nothing else": [undefined],
  "a version that a deployment brings": [
    brought(3),
    /^A deployment put policies in force although the ones before say who has to sign for a change\.$/,
    /a deployment put policies in force where people have to sign for them/,
  ],
  "another one by the same number": [
    brought(2),
    /^It is counted as another version than it is\.$/,
    /a version of the policies is counted as another/,
  ],
  "a version after one that is not there": [brought(4)],
  "a version that is not brought": [
    brought(4, { attachments: [] }),
    /^The policies that it put in force cannot be read\.$/,
    /does not name one policies\.json/,
  ],
  "a version that is none": [
    brought(4, { body: { ...deployed.body, number: 4, policy: "none" } }),
    /does not say what a 'policy-activated' says \(policy\)/,
    /does not say what a 'policy-activated' says \(policy\)/,
  ],
};

describe.each(Object.entries(packs))("%s", (_, over) => {
  const packWith = (fact: Fact | undefined): Promise<Files> => {
    const facts = [...told.house.facts, ...(fact === undefined ? [] : [fact])];
    return packOf({ house: { ...told.house, facts, attestation: { key: attestationKeyOfPack } } }, over);
  };
  const since = "scope" in over ? { since: head } : {};

  it.each(Object.entries(cases))("with %s is taken by our verifier only as it may be", async (__, [fact, ours]) => {
    await expectOurs(await packWith(fact), ours, since);
  });

  withTool(
    python,
    "is taken by the second verifier only as it may be",
    async () => {
      for (const [name, [fact, , theirs]] of Object.entries(cases)) {
        await expectVerdict(await packWith(fact), theirs, name);
      }
    },
    async () => requireOnThePage(await packWith(undefined)),
  );
});
