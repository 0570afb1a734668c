import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { restrict } from "../../../functions/events/restrict/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, digestOf, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const former = await approvedPromotion("1.3.0");
const champion = await approvedPromotion("1.4.0", { over: { submittedAt: addSeconds(now, -7200) } });
const candidate = await approvedPromotion("1.5.0", {
  over: { status: "deploying", submittedAt: addSeconds(now, -3600) },
});
const [beside, id] = [champion.promotion.id, candidate.promotion.id];
const loan: Loan = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  ...{ lenders: [], at: now, until: addSeconds(now, 3600), verdict: { sha256: digestOf("verdict"), at: now } },
};
const drifted = { status: "restricted", restriction: restriction({ remedy: "previous" }) } as const;
const taken = "1.4.0, which answers beside it, drifted and is to make place.";

/** The candidate answers a part of the requests beside the champion. */
function scene(over: Partial<Promotion>, later = 0) {
  const answering = { ...champion.promotion, ...over };
  const weighed: Promotion = {
    ...candidate.promotion,
    ...(candidate.promotion.deployment === undefined
      ? {}
      : { deployment: { ...candidate.promotion.deployment, previous: beside } }),
  };
  const promotions = new MemoryPromotions([former.promotion, answering, weighed]);
  const target = new MemoryTarget({ revision: `share-${id}`, promotion: id, changingTo: id, beside });
  target.progress = { kind: "sharing", why: "It answers a part.", percent: 10 };
  // As on SageMaker: a weight of nought comes first, and at the next look what is left serves alone.
  target.rollBack = async (deployment) => {
    if (target.stuck !== undefined) throw target.stuck;
    target.rolledBack.push(deployment);
    const parted = target.rolledBack.filter(({ promotion }) => promotion === id).length;
    if (deployment.promotion === beside) target.running = {};
    else if (parted > 1) target.running = { revision: beside, promotion: beside };
  };
  const logged: string[] = [];
  const work = restrict({
    now: () => addSeconds(now, later),
    log: (_, message) => void logged.push(message),
    policies: {
      matrix: policy.matrix,
      machines: [{ name: "ci", issuer: "ci", provider: "github", match: {}, submits: ["credit-scoring"], reports: [] }],
      targets: {
        production: { kind: "sagemaker-endpoint", endpoint: "{model}", instanceType: "ml.m5.large", instanceCount: 1 },
      },
    },
    lost: { take: async () => [], remove: async () => {} },
    monitored: async () => {},
    reapprove: async () => {},
    start: async () => {},
    attestationBase,
    artifactsBucket: "artifacts",
    promotions,
    blobs: new MemoryBlobs([former.bytes, champion.bytes, candidate.bytes]),
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
  });
  const hear = () =>
    work({ "detail-type": "Countersign Fact Recorded", detail: { promotionId: beside, type: "drift" } });
  const ring = () => work({ "detail-type": "Scheduled Event", detail: {} });
  const of = (promotion: Promotion["id"]) => promotions.stored(promotion);
  /** What was recorded of a promotion since. */
  const told = (promotion: Promotion["id"]) => of(promotion).history.slice(candidate.promotion.history.length);
  return { target, logged, hear, ring, of, told };
}

describe("what answers beside a candidate", () => {
  it("and drifted makes place: the candidate's part ends first, and says why, then what was approved before serves", async () => {
    const { target, logged, hear, ring, of, told } = scene(drifted);
    await hear();
    expect(target.rolledBack.map(({ promotion }) => promotion)).toEqual([id]);
    expect(of(id)).toMatchObject({
      status: "deploying",
      deployment: { rollBack: { at: now, why: taken } },
    });
    expect(told(id)).toMatchObject([
      { type: "rollback", summary: `It is rolled back. ${taken}`, attachments: [{ name: "deployment.json" }] },
    ]);
    expect([target.started, told(beside)]).toEqual([[], []]);
    target.progress = { kind: "under-way", why: "It is on its way." };
    await ring();
    expect(target.started.map(({ order }) => order.promotion)).toEqual([former.promotion.id]);
    expect(told(beside).map(({ type, body }) => [type, body["state"]])).toEqual([["remedy", "started"]]);
    expect(logged).toEqual(["remedy waits"]);
  });

  it("is taken out of service only once the candidate's part has ended, which is told once", async () => {
    const { target, ring, told } = scene({ ...drifted, restriction: restriction({ remedy: "stop" }) });
    await ring();
    expect([target.rolledBack.map(({ promotion }) => promotion), told(beside)]).toEqual([[id], []]);
    await ring();
    expect(target.rolledBack.map(({ promotion }) => promotion)).toEqual([id, id, beside]);
    expect(target.running).toEqual({});
    expect(told(id).map(({ type }) => type)).toEqual(["rollback"]);
  });

  it("and was lent is left to whoever takes it back, once its loan is over and the candidate's part has ended", async () => {
    const running = scene({ status: "loaned", loan }, 3599);
    await running.ring();
    expect([running.target.rolledBack, running.told(id)]).toEqual([[], []]);
    const over = scene({ status: "expired", loan }, 3600);
    await over.ring();
    expect(over.target.rolledBack.map(({ promotion }) => promotion)).toEqual([id]);
    expect(over.of(id).deployment?.rollBack?.why).toBe(
      `1.4.0, which answers beside it, ran on a loan that is over (${loan.until}).`,
    );
  });

  it.each<[string, Partial<Promotion>]>([
    ["is deployed", {}],
    ["is restricted and may serve on", { status: "restricted", restriction: restriction() }],
  ])("goes on where it %s", async (_, over) => {
    const { target, ring, told } = scene(over);
    await ring();
    expect([target.rolledBack, told(id)]).toEqual([[], []]);
  });

  it("is somebody else's business where it is nobody's that is known", async () => {
    const { target, ring } = scene(drifted);
    const { beside: _, ...running } = target.running;
    target.running = running;
    await ring();
    expect(target.rolledBack).toEqual([]);
  });

  it.each([
    ["unavailable", "remedy waits"],
    ["deployment-refused", "remedy failed"],
  ] as const)(
    "cannot be parted from a target that answers '%s': that is logged, and tried again",
    async (code, said) => {
      const { target, logged, ring, of } = scene(drifted);
      target.stuck = new Failure(code, "Not now.");
      await ring();
      // And so the remedy waits as well.
      expect(logged).toEqual([said, "remedy waits"]);
      expect(of(id).deployment?.rollBack?.why).toBe(taken);
      target.stuck = undefined;
      await ring();
      expect(target.rolledBack.map(({ promotion }) => promotion)).toEqual([id]);
    },
  );

  it("is not gone back to once the candidate was deployed meanwhile", async () => {
    const { target, ring, of, told } = scene(drifted);
    const check = target.check;
    Object.assign(target, {
      check: async () => {
        const stored = of(id);
        Object.assign(stored, { status: "deployed" });
        return check();
      },
    });
    await ring();
    expect([target.rolledBack, told(id)]).toEqual([[], []]);
  });
});
