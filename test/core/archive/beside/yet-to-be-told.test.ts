import { describe, expect, it } from "vitest";
import { againstOthers } from "../../../../core/archive/beside/yet-to-be-told.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { verified } from "../memory-pack.ts";
import { packOfOthers, type Story, storiesOfOthers } from "../others-on-their-way.ts";

const finding = {
  code: "life-cycle",
  path: "records/1.json",
  promotion: promotionId(digestOf("one"), 1),
  sentence: "It took the place of one that does not say so.",
} as const;

describe("what another does not say", () => {
  it("is said for as long as it may be on its way, and wrong after that", () => {
    const soon = againstOthers(addSeconds(now, 904));
    soon.missing(now, finding);
    expect(soon.findings).toEqual([]);
    expect(soon.unchecked).toEqual([
      {
        promotion: finding.promotion,
        sentence: `Whether what is missing was on its way to the log, which goes on until ${addSeconds(now, 904)}: It took the place of one that does not say so.`,
      },
    ]);
    const late = againstOthers(addSeconds(now, 905));
    late.missing(now, finding);
    expect(late).toMatchObject({ findings: [finding], unchecked: [] });
  });

  it("is wrong where nobody knows how late the log goes on, and what is wrong in any case always is", () => {
    const unknown = againstOthers(undefined);
    unknown.missing(now, finding);
    const soon = againstOthers(now);
    soon.wrong(finding);
    for (const each of [unknown, soon]) expect(each).toMatchObject({ findings: [finding], unchecked: [] });
  });
});

const sentences: Readonly<Record<Story, readonly string[]>> = {
  released: [
    "no version of the model had been deployed in the target before.",
    "and the log has no such release that served in its target then.",
  ],
  superseded: ["which does not say so.", "whose place it did not take."],
  drifted: ["of which no record of drift names it."],
};

describe.each(storiesOfOthers)("a log that has not all yet of others: %s", (story) => {
  const ends = expect.arrayContaining(
    sentences[story].map((sentence) => expect.objectContaining({ sentence: expect.stringContaining(sentence) })),
  );
  const waiting = expect.objectContaining({ sentence: expect.stringContaining("was on its way to the log") });

  it("holds, and that is said", async () => {
    const { holds, findings, unchecked } = await verified(await packOfOthers(story, { seconds: 1 }));
    expect(findings).toEqual([]);
    expect(holds).toBe(true);
    expect(unchecked).toEqual(ends);
    expect(unchecked).toContainEqual(waiting);
  });

  it("does not hold once it would be there", async () => {
    const { findings, unchecked } = await verified(await packOfOthers(story, { seconds: 906 }));
    expect(findings).toEqual(ends);
    expect(unchecked).not.toContainEqual(waiting);
  });

  it("has nothing to say of it once it is there", async () => {
    const { findings, unchecked } = await verified(await packOfOthers(story, { complete: true, seconds: 1 }));
    expect(findings).toEqual([]);
    expect(unchecked).not.toContainEqual(waiting);
  });
});
