import { describe, expect, it } from "vitest";
import { type AboutToRun, whyMayNotRun } from "../../../core/deployment/standing-verdict.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { digestOf, expiresAt, now, promotionInReview } from "../promotion/promotion-in-review.ts";

const serves = {
  image: "registry.example/scorer@sha256:1",
  model: { uri: "s3://artifacts/frozen/m", versionId: "v1", sha256: digestOf("model") },
};
const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
const loan = { verdict: { sha256: digestOf("loan"), at: now } } as NonNullable<Promotion["loan"]>;
const deployed = promotionInReview({
  status: "deployed",
  verdict,
  deployment: {
    startedAt: now,
    serves,
    release: { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } },
  },
});
const asked: AboutToRun = {
  target: "production",
  verdict: verdict.sha256,
  image: serves.image,
  model: serves.model.sha256,
};
const underLoan = { ...asked, verdict: digestOf("loan") };

describe("what may run", () => {
  it.each<[string, Promotion, AboutToRun]>([
    ["is what was approved, while it comes", { ...deployed, status: "deploying" }, asked],
    ["is what was approved, however long ago", deployed, asked],
    ["is what was lent", { ...deployed, status: "loaned", loan }, underLoan],
    ["is what was lent and ratified, under the loan's verdict", { ...deployed, loan }, underLoan],
    ["is what was lent and ratified, under the quorum's", { ...deployed, loan }, asked],
  ])("%s", (_, promotion, wanted) => {
    expect(whyMayNotRun(promotion, wanted, now)).toBeUndefined();
  });

  it("is what was lent until the loan is over, excluding that instant", () => {
    const loaned: Promotion = { ...deployed, status: "loaned", loan };
    expect(whyMayNotRun(loaned, underLoan, addSeconds(expiresAt, -0.001))).toBeUndefined();
    expect(whyMayNotRun(loaned, underLoan, expiresAt)).toBe("The loan on which it ran is over.");
    expect(whyMayNotRun(deployed, asked, addSeconds(expiresAt, 1e6))).toBeUndefined();
  });

  it.each(statuses.filter((status) => !["deploying", "deployed", "loaned"].includes(status)))(
    "is nothing of a promotion that is %s",
    (status) => {
      expect(whyMayNotRun({ ...deployed, status }, asked, now)).toBe(
        `The promotion is ${status}, and so nothing of it may run.`,
      );
    },
  );

  it.each<[string, Partial<AboutToRun>, string]>([
    ["in another target", { target: "edge" }, "It was approved for the target 'production', not for 'edge'."],
    ["under another verdict", { verdict: digestOf("other") }, "The verdict is another than the promotion's."],
    [
      "under the verdict of a loan that there is not",
      { verdict: digestOf("loan") },
      "The verdict is another than the promotion's.",
    ],
    ["by another image", { image: "registry.example/scorer:latest" }, "The image is another than the approved one."],
    ["with another model", { model: digestOf("other") }, "The model is another than the approved one."],
  ])("is nothing %s", (_, change, why) => {
    expect(whyMayNotRun(deployed, { ...asked, ...change }, now)).toBe(why);
  });

  it("is nothing where nothing was deployed, or no verdict allowed it", () => {
    const { deployment: _, ...waiting } = deployed;
    const { verdict: __, ...unjudged } = deployed;
    const loaned: Promotion = { ...deployed, status: "loaned", loan: {} as typeof loan };
    for (const promotion of [waiting, unjudged, loaned])
      expect(whyMayNotRun(promotion, asked, now)).toBe("Nothing of the promotion was deployed.");
  });
});
