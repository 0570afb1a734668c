import { describe, expect, it } from "vitest";
import type { AboutToRun } from "../../../core/deployment/standing-verdict.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { assertAnswerMatches } from "../../api/answer-matches.ts";
import { digestOf, id, manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { edge, type PassportSceneOptions, passportScene } from "./passport-scene.ts";

const serves = {
  image: "registry.example/scorer@sha256:1",
  model: { uri: "s3://artifacts/frozen/m", versionId: "v1", sha256: digestOf("model") },
};
const deployment: NonNullable<Promotion["deployment"]> = {
  startedAt: now,
  serves,
  release: { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } },
};

/** A candidate that runs, and somebody who is about to let it run again. */
async function scene(options: PassportSceneOptions = {}) {
  const made = await passportScene({ ...options, promotion: { status: "deployed", deployment, ...options.promotion } });
  const asked = { target: edge.name, verdict: made.verdict, image: serves.image, model: serves.model.sha256 };
  return { ...made, asked };
}

describe("whether a verdict still holds", () => {
  it("is told for exactly what runs under it, however old it is", async () => {
    const { check, asked, at } = await scene();
    at(addSeconds(now, 90 * 86_400));
    const answer = await check(asked);
    const { name: model, version } = manifest.model;
    const { target, verdict, image } = asked;
    expect(answer).toEqual({
      status: 200,
      json: { promotion: id, holds: true, model, version, target, verdict, image },
    });
    assertAnswerMatches("GET", "/v1/promotions/{id}/verdict", 200, answer.json);
  });

  it.each<[string, PassportSceneOptions, string]>([
    ["that was signed for another target", { verdict: { target: manifest.target } }, "it is for another target"],
    ["over another candidate", { verdict: { freezeDigest: digestOf("other") } }, "statement-mismatch"],
    ["that failed", { verdict: { result: "FAILED" } }, "its result is not PASSED"],
    [
      "whose manifest was changed",
      { promotion: { freezeDigest: digestOf("other") } },
      "is not the manifest that was signed",
    ],
  ])("is no for one %s, whatever the records say", async (_, options, why) => {
    const { check, asked } = await scene(options);
    const refusal = await refused(check(asked));
    expect(`${refusal.code}: ${refusal.sentence}`).toContain(why);
  });

  describe("where another version was approved since", () => {
    const report = manifest.evidence[0] ?? expect.unreachable();
    const newer = (change: Partial<Promotion>) => {
      const next = { ...manifest, target: edge, model: { ...manifest.model, version: "9.0.0" } };
      const freeze = freezeDigest(next);
      return promotionInReview({
        id: promotionId(freeze, 1),
        manifest: next,
        freezeDigest: freeze,
        submittedAt: addSeconds(now, 60),
        deployment,
        ...change,
      });
    };

    it.each<[string, Partial<Promotion>]>([
      ["runs", { status: "deployed" }],
      ["drifted, and is kept", { status: "restricted", restriction: { at: now, evidence: report } }],
    ])("is no for the one before it once that %s", async (_, change) => {
      const { check, asked, promotions } = await scene();
      await promotions.create(newer(change));
      expect(await refused(check(asked))).toEqual({
        code: "deployment-refused",
        sentence: "9.0.0 was approved for 'edge' since, and took its place.",
      });
    });

    it.each<[string, Partial<Promotion>]>([
      ["is on its way", { status: "deploying" }],
      ["was taken back", { status: "rolled-back" }],
      ["was lent", { status: "loaned" }],
      ["is for another target", { status: "deployed", manifest }],
      [
        "drifted, and makes place for it",
        {
          status: "restricted",
          restriction: {
            at: now,
            evidence: report,
            taken: { remedy: "previous", because: "drift", startedAt: now, to: id },
          },
        },
      ],
    ])("is yes for the one before it while that %s", async (_, change) => {
      const { check, asked, promotions } = await scene();
      await promotions.create(newer(change));
      expect((await check(asked)).status).toBe(200);
    });
  });

  describe("of what runs on loan", () => {
    const lent = async (of: NonNullable<PassportSceneOptions["verdict"]>) => {
      const made = await scene({ verdict: of });
      const { verdict: _, ...stored } = made.promotions.stored(id);
      const loan = {
        terms: { seconds: 3600, incident: "https://incidents.example/7" },
        lenders: [],
        ...{ at: now, until: addSeconds(now, 3600), runningSince: now },
        verdict: { sha256: made.verdict, at: now },
      };
      made.promotions.put({ ...stored, status: "loaned", loan, expiresAt: loan.until });
      return made;
    };

    it("is told until its loan is over, whatever else was approved there", async () => {
      const { check, asked, at, promotions } = await lent({ lenders: [] });
      const other = { ...manifest, target: edge, model: { ...manifest.model, version: "1.3.0" } };
      await promotions.create(
        promotionInReview({ id: promotionId(digestOf("other"), 1), manifest: other, status: "deployed", deployment }),
      );
      expect((await check(asked)).status).toBe(200);
      at(addSeconds(now, 3600));
      expect((await refused(check(asked))).sentence).toBe("The loan on which it ran is over.");
    });

    it("is no where its verdict is of no loan", async () => {
      const { check, asked } = await lent({});
      expect((await refused(check(asked))).sentence).toContain("it says nothing of a loan");
    });
  });

  it.each(["failed", "rolled-back"])(
    "is no once its pipeline has said that it is %s, though the promotion is said to be deploying yet",
    async (outcome) => {
      const { check, asked, report } = await scene({ promotion: { status: "deploying" } });
      expect((await check(asked)).status).toBe(200);
      await report({ outcome, detail: "3 of 40 devices did not come up." });
      expect(await refused(check(asked))).toEqual({
        code: "deployment-refused",
        sentence: `It was reported that the deployment is ${outcome}, and so nothing of it may run.`,
      });
    },
  );

  it("is yes once its pipeline has said that it is deployed", async () => {
    const { check, asked, report } = await scene({ promotion: { status: "deploying" } });
    await report({ outcome: "deployed", detail: "Rolled out to 40 devices." });
    expect((await check(asked)).status).toBe(200);
  });

  it("is told to nobody who has nothing to do with the model", async () => {
    const { check, asked } = await scene({ reports: ["another-model"] });
    expect(await refused(check(asked))).toEqual({ code: "not-found", sentence: "There is no such promotion." });
  });

  it("is asked in 300 characters at most", async () => {
    const { check, asked } = await scene();
    expect((await refused(check({ ...asked, image: "x".repeat(301) }))).code).toBe("invalid-request");
    expect((await refused(check({ ...asked, image: "x".repeat(300) }))).sentence).toBe(
      "The image is another than the approved one.",
    );
  });

  it.each(["target", "verdict", "image", "model"])("cannot be asked without the %s", async (name) => {
    const { check, asked } = await scene();
    expect((await refused(check({ ...asked, [name]: "" }))).code).toBe("invalid-request");
  });
});

describe("what may run by its records", () => {
  it.each<[string, Partial<AboutToRun>, string]>([
    ["in another target", { target: "production" }, "It was approved for the target 'edge', not for 'production'."],
    ["under another verdict", { verdict: digestOf("other") }, "The verdict is another than the promotion's."],
    ["by another image", { image: "registry.example/scorer:latest" }, "The image is another than the approved one."],
    ["with another model", { model: digestOf("other") }, "The model is another than the approved one."],
  ])("is nothing %s", async (_, change, sentence) => {
    const { check, asked } = await scene();
    expect(await refused(check({ ...asked, ...change }))).toEqual({ code: "deployment-refused", sentence });
  });

  it.each(statuses.filter((status) => !["deploying", "deployed", "loaned"].includes(status)))(
    "is nothing of a promotion that is %s",
    async (status) => {
      const { check, asked } = await scene({ promotion: { status } });
      expect((await refused(check(asked))).sentence).toBe(`The promotion is ${status}, and so nothing of it may run.`);
    },
  );
});
