import { describe, expect, it } from "vitest";
import { namedIn, recheckNamed } from "../../../../core/archive/beside/verify-named.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { parseCheckpoint } from "../../../../core/ledger/checkpoint.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { now } from "../../promotion/promotion-in-review.ts";
import { attemptLeftOut, type LeftOut, newerLeftOut, reapprovalLeftOut } from "../left-out.ts";
import { createdAt, packOf, verified } from "../pack-fixture.ts";
import { hoursAfter, sinceHead } from "../small-pack.ts";
import { replayedOf, told } from "../told.ts";

const twoDays = 2 * 86_400;
/** Packs are looked at days later than others here. */
const looking = { now: addSeconds(createdAt, 7 * 86_400) };

/** What is said of the promotion that is left out, of all records and of all but its own. */
async function saidOf({ house, hidden, facts }: LeftOut) {
  const about = (said: readonly { readonly sentence: string }[]) =>
    said.map(({ sentence }) => sentence).filter((sentence) => sentence.includes(hidden));
  const [honest, lie] = [
    await verified(await packOf({ house }), looking),
    await verified(await packOf({ house }, { facts: facts() }), looking),
  ];
  const { findings, unchecked } = lie;
  return {
    honest: [honest.findings, about(honest.unchecked)],
    findings: findings.map(({ code, promotion, sentence }) => ({ code, promotion, sentence })),
    unchecked: about(unchecked),
  };
}

describe("a promotion that people rejected, left out of the log as a whole", () => {
  it.each<[string, () => Promise<LeftOut>, string]>([
    ["the attempt before", attemptLeftOut, "the attempt before this one at the same candidate"],
    [
      "a newer candidate that was on its way when it drifted",
      newerLeftOut,
      "the newer candidate that was on its way when it drifted",
    ],
  ])("is found once the log goes on without it for two days: %s", async (_, make, words) => {
    const scene = await make();
    const { hidden, names: promotion } = scene;
    await scene.goOn(twoDays - 3600);
    expect(await saidOf(scene)).toEqual({
      honest: [[], []],
      findings: [],
      unchecked: [`What became of ${hidden}, ${words}: the log does not have it.`],
    });
    await scene.goOn(3600);
    expect(await saidOf(scene)).toEqual({
      honest: [[], []],
      findings: [
        {
          code: "life-cycle",
          promotion,
          sentence: expect.stringMatching(
            new RegExp(`^${hidden}, ${words}, was there before .*, and the log does not have it\\.$`),
          ),
        },
      ],
      unchecked: [],
    });
  });

  it("is said where it was to tell whether what drifted may run on: that may never have been asked", async () => {
    const scene = await reapprovalLeftOut();
    await scene.goOn(twoDays);
    const { honest, ...said } = await saidOf(scene);
    const { hidden } = scene;
    // By all records it was due to be stopped, and was not.
    expect(honest).toMatchObject([[{ code: "deployment-differs" }], []]);
    expect(said).toEqual({
      findings: [],
      unchecked: [`What became of ${hidden}, which was to say whether it may run on: the log does not have it.`],
    });
  });

  it.each(["as it is", "with a question that says that it was asked days before"])(
    "is found from an earlier head on, before which it could not be told yet: %s",
    async (how) => {
      const { house, hidden, names: promotion, facts, goOn } = await attemptLeftOut();
      const asked = house.facts.find((fact) => fact.type === "request" && fact.promotion === promotion);
      const question: Fact = {
        ...{ id: `${promotion}/question/one`, type: "question", promotion, summary: "", attachments: [] },
        at: addSeconds(asked?.at ?? now, -5 * 86_400),
        body: { question: "one", text: "Why?", by: { issuer: "https://login.example", subject: "s" }, name: "Sam" },
      };
      const length = facts().length;
      const lied = () => facts().toSpliced(length, 0, ...(how === "as it is" ? [] : [question]));
      const before = await packOf({ house }, { facts: lied() });
      expect((await verified(before, looking)).findings).toEqual([]);
      const bytes = before.get("log/checkpoint") ?? new Uint8Array();
      const since = await hoursAfter({ bytes, checkpoint: parseCheckpoint(bytes).checkpoint });
      await goOn(twoDays);
      for (const scope of [undefined, sinceHead(since)]) {
        const pack = await packOf({ house }, { facts: lied(), ...(scope === undefined ? {} : { scope }) });
        const { findings } = await verified(pack, { ...looking, since });
        if (scope === undefined)
          expect(findings).toMatchObject([
            { code: "life-cycle", promotion, sentence: expect.stringContaining(hidden) },
          ]);
        // A part tells of no promotion that it is not in the log.
        else expect(findings).toEqual([]);
      }
    },
  );

  it("is said to be elsewhere in a part of the log", async () => {
    const { house, hidden, names: promotion } = await attemptLeftOut();
    const part = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion } }), looking);
    expect(part.findings).toEqual([]);
    expect(part.unchecked).toContainEqual({
      promotion,
      sentence: `What became of ${hidden}, the attempt before this one at the same candidate: it is not here.`,
    });
  });
});

describe("others that a promotion names", () => {
  it("are none for most", async () => {
    expect(namedIn((await replayedOf(told.deployed)).steps)).toEqual([]);
  });

  it("are nothing to ask for where nobody says until when the log goes on", () => {
    const [promotion, other] = ["p-x-2", "p-x-1"] as PromotionId[] as [PromotionId, PromotionId];
    const named = [{ promotion, index: 3, at: addSeconds(now, -2 * twoDays), other, as: "attempt" as const }];
    const known = { isThere: () => false, whole: true, goesTo: undefined };
    expect(recheckNamed(named, known).findings).toEqual([]);
    expect(recheckNamed(named, { ...known, goesTo: now }).findings).toMatchObject([{ path: "records/3.json" }]);
    expect(recheckNamed(named, { ...known, goesTo: now, isThere: (id) => id === other })).toEqual({
      findings: [],
      unchecked: [],
    });
  });
});
