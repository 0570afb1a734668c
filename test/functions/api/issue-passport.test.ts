import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { statuses } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, id, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { issuer, type PassportSceneOptions, passportScene } from "./passport-scene.ts";

const serves = { image: "scorer", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } };

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
}

describe("a passport that a pipeline asks for", () => {
  it("names what was approved, ends after five minutes, and is recorded before it is given", async () => {
    const { issue, promotions, verdict } = await passportScene();
    const { status, json } = await issue();
    const { passport, ...rest } = json as { readonly passport: string };
    expect({ status, rest }).toEqual({ status: 201, rest: { audience: "vault", expiresAt: addSeconds(now, 300) } });
    expect(claimsOf(passport)).toMatchObject({
      iss: issuer,
      aud: "vault",
      jti: `${id}.1`,
      target: "edge",
      freeze_sha256: promotions.stored(id).freezeDigest,
      verdict_sha256: verdict,
    });
    const [fact] = promotions.recordedFacts();
    expect(fact).toMatchObject({
      id: `${id}/passport-issued/1`,
      type: "passport-issued",
      summary: "The pipeline was given passport 1 for 'vault', to deploy to edge.",
      body: { passport: `${id}.1`, audience: "vault", verdict },
    });
    expect(JSON.stringify(fact)).not.toContain(passport);
  });

  it("is the only one until it ends; then there is another, and never more than five", async () => {
    const scene = await passportScene();
    await scene.issue();
    expect(await refused(scene.issue({ audience: "sts.amazonaws.com" }))).toEqual({
      code: "conflict",
      sentence: `A passport was issued already, and is good until ${addSeconds(now, 300)}. There is one at a time.`,
    });
    for (const number of [2, 3, 4, 5]) {
      scene.at(addSeconds(now, (number - 1) * 300));
      const { json } = await scene.issue();
      expect(claimsOf((json as { readonly passport: string }).passport)["jti"]).toBe(`${id}.${number}`);
    }
    await expect(scene.issue()).rejects.toHaveProperty("until", addSeconds(now, 1500));
    scene.at(addSeconds(now, 1500));
    expect((await refused(scene.issue())).sentence).toBe(
      "5 passports were issued for this promotion; there are no more.",
    );
  });

  it.each(["deploying", "deployed", "restricted"] as const)(
    "is not given, nor redeemed, nor does its verdict hold once a newer candidate is %s",
    async (status) => {
      const began = {
        startedAt: now,
        serves,
        release: { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } },
      } as const;
      const scene = await passportScene({ promotion: { deployment: began } });
      const { passport } = (await scene.issue()).json as { readonly passport: string };
      const older = scene.promotions.stored(id);
      const { model } = manifest;
      scene.promotions.put({
        ...older,
        id: promotionId(digestOf("newer"), 1),
        submittedAt: addSeconds(older.submittedAt, 60),
        status,
        manifest: { ...older.manifest, model: { ...model, version: "1.5.0" } },
      });
      const sentence = `1.5.0 was approved for 'edge' after it, and is ${status}; this one is not deployed over it any more.`;
      expect(await refused(scene.redeem(passport))).toEqual({ code: "deployment-refused", sentence });
      const asked = { target: "edge", verdict: scene.verdict, image: serves.image, model: serves.model.sha256 };
      expect(await refused(scene.check(asked))).toEqual({ code: "deployment-refused", sentence });
      scene.at(addSeconds(now, 1200));
      expect(await refused(scene.issue())).toEqual({ code: "deployment-refused", sentence });
      expect(scene.promotions.recordedFacts().map(({ type }) => type)).toEqual(["passport-issued"]);
    },
  );

  it("is another once the one before has ended, whenever that was redeemed", async () => {
    const { issue, redeem, at, promotions } = await passportScene();
    const { passport } = (await issue()).json as { readonly passport: string };
    at(addSeconds(now, 200));
    await redeem(passport);
    at(addSeconds(now, 300));
    expect((await issue()).status).toBe(201);
    expect(promotions.recordedFacts().map(({ id: each }) => each)).toEqual([
      `${id}/passport-issued/1`,
      `${id}/passport-redeemed/${id}.1`,
      `${id}/passport-issued/2`,
    ]);
  });

  it("is not given once it was reported what came of the deployment", async () => {
    const scene = await passportScene();
    await scene.report({ outcome: "deployed", detail: "It runs." });
    expect((await refused(scene.issue())).sentence).toBe(
      "What came of the deployment was reported; there is nothing to deploy any more.",
    );
  });

  it("is given once to two that ask at once", async () => {
    const { issue } = await passportScene();
    const outcomes = await Promise.allSettled([issue(), issue()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it.each(statuses.filter((status) => status !== "deploying"))(
    "is not given for a promotion that is %s",
    async (status) => {
      const { issue, promotions } = await passportScene({ promotion: { status } });
      expect((await refused(issue())).code).toBe("deployment-refused");
      expect(promotions.recordedFacts()).toEqual([]);
    },
  );

  it.each([
    ["over another candidate", { verdict: { freezeDigest: digestOf("another") } }],
    ["that failed", { verdict: { result: "FAILED" } }],
    ["for another target", { verdict: { target: manifest.target } }],
    ["that rests on other requirements", { verdict: { requirements: digestOf("others") } }],
    ["that is an hour old", { verdict: { at: addSeconds(now, -3600) } }],
  ] as readonly (readonly [string, PassportSceneOptions])[])(
    "is not given under a verdict %s, though the promotion is said to be deploying",
    async (_, options) => {
      const { issue, promotions } = await passportScene(options);
      expect((await refused(issue())).code).toMatch(/^(verdict-invalid|verdict-expired|statement-mismatch)$/);
      expect(promotions.recordedFacts()).toEqual([]);
    },
  );

  it("is not given where its verdict is an hour old once all was read", async () => {
    const { at, issue, promotions } = await passportScene();
    const { facts } = promotions;
    // The verdict is a minute old at `now`.
    at(addSeconds(now, 3536));
    Object.assign(promotions, {
      facts: async (of: typeof id) => {
        at(addSeconds(now, 3540));
        return facts(of);
      },
    });
    expect((await refused(issue())).code).toBe("verdict-expired");
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it("is not given where the deployment ended while it was looked at, or is of before that", async () => {
    const { at, issue, promotions } = await passportScene();
    const { facts } = promotions;
    const ended = { type: "failed", at: addSeconds(now, 1), summary: "late", body: {}, attachments: [] } as const;
    const slowBy = (seconds: number) =>
      Object.assign(promotions, {
        facts: async (of: typeof id) => {
          promotions.put(advance(promotions.stored(id), { status: "failed", reason: "late" }, ended));
          at(addSeconds(now, seconds));
          return facts(of);
        },
      });
    const deploying = promotions.stored(id);
    slowBy(8);
    expect(await refused(issue())).toEqual({
      code: "deployment-refused",
      sentence: "The promotion is failed; there is a passport for one that deploys.",
    });
    promotions.put(deploying);
    at(now);
    slowBy(2);
    expect((await issue()).status).toBe(201);
    expect(promotions.recordedFacts().map((fact) => fact.at)).toEqual([now]);
  });

  it("is not given for a manifest that was changed after it was signed", async () => {
    const { issue, promotions } = await passportScene();
    const stored = promotions.stored(id);
    promotions.put({ ...stored, manifest: { ...stored.manifest, model: { ...manifest.model, version: "9.9.9" } } });
    expect(await refused(issue())).toEqual({
      code: "verdict-invalid",
      sentence: "What is to be deployed is not the manifest that was signed.",
    });
  });

  it.each([[{}], [{ audience: "elsewhere" }], [{ audience: ["vault"] }], ["vault"], [null]])(
    "is for an audience of the target alone, not for %j",
    async (json) => {
      const { issue } = await passportScene();
      expect(await refused(issue(json))).toEqual({
        code: "invalid-request",
        sentence: "'audience' must be one of the target's: vault, sts.amazonaws.com.",
      });
    },
  );

  it("is not given to another pipeline, which does not learn that there is such a promotion", async () => {
    const { issue } = await passportScene({ machine: { issuer: "https://ci.example", subject: "machine/other" } });
    expect((await refused(issue())).code).toBe("not-found");
  });

  it("is not given for what Countersign deploys by itself", async () => {
    const { issue } = await passportScene({ target: manifest.target });
    expect((await refused(issue())).sentence).toBe(
      "The target 'production' is deployed by Countersign itself; it has no passports.",
    );
  });
});
