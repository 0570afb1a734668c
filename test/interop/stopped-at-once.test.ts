import { describe, expect, it } from "vitest";
import type { Fact } from "../../core/promotion/fact.ts";
import { packOf, verified } from "../core/archive/memory-pack.ts";
import { lenderRevokedBefore } from "../core/archive/revoked-meanwhile.ts";
import { rejectedAsVerified, withdrawnAsVerified, withdrawnOfNothing } from "../core/archive/stopped-at-once.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// Whoever decides may not have heard of what was recorded in the same seconds, or is told of late, so that it is no finding: both verifiers
// say so.

const idOf = (facts: readonly Fact[], result: string) =>
  facts.find(({ type, body }) => type === "sign-off" && body["result"] === result)?.body["signOff"];
const idOfLender = (facts: readonly Fact[]) =>
  facts.findLast(({ type }) => type === "loan-requested")?.body["signature"];
const recordOf = (facts: readonly Fact[], kind: string) => facts.findLast(({ type }) => type === kind)?.id;

const scenes = await Promise.all(
  [
    {
      what: "a withdrawal of the seconds in which the verdict is signed",
      told: await withdrawnAsVerified(),
      ours: (facts: readonly Fact[]) =>
        `Whether the withdrawal ${idOf(facts, "withdraw")} came before the verdict '${recordOf(facts, "verdict")}' is told by the service's clock alone: they are of the same seconds.`,
      second: (facts: readonly Fact[]) =>
        `that ${idOf(facts, "withdraw")} ('withdraw') came after the verdict is told by the service's clock alone`,
    },
    {
      what: "a withdrawal of nothing that is told",
      told: await withdrawnOfNothing(),
      ours: (facts: readonly Fact[]) =>
        `What the withdrawal ${idOf(facts, "withdraw")} took back: no decision of its reviewer that stood then is told, and one that was left out leaves no gap.`,
      second: (facts: readonly Fact[]) => `what the withdrawal ${idOf(facts, "withdraw")} took back is not told`,
    },
    {
      what: "a rejection of the seconds in which the verdict is signed",
      told: await rejectedAsVerified(),
      ours: (facts: readonly Fact[]) =>
        `Whether the rejection ${idOf(facts, "reject")} came before the verdict '${recordOf(facts, "verdict")}' is told by the service's clock alone: they are of the same seconds.`,
      second: (facts: readonly Fact[]) =>
        `that ${idOf(facts, "reject")} ('reject') came after the verdict is told by the service's clock alone`,
    },
    {
      what: "a revocation of a lender's passkey that was held back for minutes",
      told: await lenderRevokedBefore(180),
      ours: (facts: readonly Fact[]) =>
        `Whether the lender's signature ${idOfLender(facts)} counted: by the identity provider it was signed at 2026-11-23T09:04, and its passkey was revoked at 2026-11-23T09:01; by the records it was the other way round.`,
      second: (facts: readonly Fact[]) =>
        `by the provider ${idOfLender(facts)} was signed after what it rests on was revoked`,
    },
  ].map(async (scene) => ({ ...scene, files: await packOf(scene.told, { facts: scene.told.facts }) })),
);

describe("what would have stopped a candidate, and did not, is said:", () => {
  it.each(scenes)("$what, by our verifier", async ({ told: { facts, id }, files, ours }) => {
    const { findings, unchecked } = await verified(files);
    expect(findings).toEqual([]);
    // To the minute: the seconds are those that the service's steps take in this house.
    const said = unchecked.map((each) => ({ ...each, sentence: each.sentence.replace(/(T\d\d:\d\d):[\d.]+Z/g, "$1") }));
    expect(said).toContainEqual({ promotion: id, sentence: ours(facts) });
  });

  withTool(
    python,
    "each of them by the second verifier",
    async () => {
      for (const { told, files, second } of scenes) {
        const { status, output } = await verdictOn(files);
        expect([status, output]).toEqual([0, expect.stringContaining(second(told.facts))]);
      }
    },
    () => requireOnThePage(scenes[0]?.files ?? expect.unreachable()),
  );
});
