import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import type { SeenChangeSet } from "../../../core/deployment/change-set.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { type FreezeManifest, freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { type PlanOutcome, planReportFact } from "../../../core/promotion/plan-report.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { deploy } from "../../../functions/steps/deploy/handler.ts";
import { stage } from "../../../functions/steps/stage/handler.ts";
import { compileMachine } from "../../../local/stepfunctions/asl-definition.ts";
import { historyPen } from "../../../local/stepfunctions/asl-history.ts";
import { advance, begin } from "../../../local/stepfunctions/asl-interpreter.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { changeSetId, signedChangeSet } from "../../core/deployment/signed-change-set.ts";
import {
  attestationBase,
  digestOf,
  expiresAt,
  id,
  manifest,
  now,
  openStage,
  promotionInReview,
  requirements,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const machine: object = JSON.parse(
  readFileSync("statemachine/promotion.asl.json", "utf8").replaceAll(
    /\$\{(\w+)Arn\}/g,
    "arn:aws:lambda:us-east-1:000000000000:function:$1",
  ),
);
const environment = utf8(JSON.stringify({ image: { reference: `registry.example/scorer@sha256:${"a".repeat(64)}` } }));
const changeSetBytes = utf8(JSON.stringify(signedChangeSet));
const plan = (format: string, name: string, sha256 = digestOf(name)) =>
  ({ kind: "iac-plan", format, name, mediaType: "application/json", size: 3, sha256 }) as const;
const terraform = plan("terraform-plan", "plan.json");
const changeSet = plan("cloudformation-change-set", "change-set.json", sha256Hex(changeSetBytes));
const executed: SeenChangeSet = {
  document: signedChangeSet,
  executionStatus: "EXECUTE_COMPLETE",
  stack: { status: "UPDATE_COMPLETE", changeSet: changeSetId },
};

/** A candidate whose target asks for its plans to be applied: approved, and about to be deployed. */
async function scene(evidence: FreezeManifest["evidence"], seen?: SeenChangeSet, over: Partial<Promotion> = {}) {
  const asking: FreezeManifest = {
    ...manifest,
    target: { ...requireKind(manifest.target, "sagemaker-endpoint"), infrastructure: "applied" },
    evidence,
  };
  const digest = freezeDigest(asking);
  const signedAt = async (at: Instant) => {
    const verdict = verdictOf({
      attestationBase,
      freezeDigest: digest,
      target: asking.target,
      requirements: requirements.sha256,
      signOffs: [],
      result: "PASSED",
      at,
    });
    const envelope = await signEnvelope(statementBytes(verdict), attestation.key.keyid, attestation.sign);
    return canonicalJsonBytes(envelope);
  };
  const bytes = await signedAt(now);
  const promotion = promotionInReview({
    status: "approved",
    stage: openStage(1, { open: false }),
    manifest: asking,
    freezeDigest: digest,
    verdict: { sha256: sha256Hex(bytes), result: "PASSED", at: now },
    ...over,
  });
  const promotions = new MemoryPromotions([promotion]);
  const target = new MemoryTarget();
  const described: [string, boolean][] = [];
  let time: Instant = now;
  const blobs = new MemoryBlobs([bytes, changeSetBytes]);
  const work = deploy({
    now: () => time,
    calendar: () => ({ kind: "free" }),
    isPinned: () => true,
    attestationBase,
    artifactsBucket: "artifacts",
    watchSeconds: 30,
    promotions,
    blobs,
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    facts: promotions.facts,
    recordFact: promotions.recordFact,
    describeChangeSet: async (changeSet, withValues, of) => {
      expect(of.id).toBe(id);
      described.push([changeSet, withValues]);
      return seen;
    },
    targets: everyKind(target),
  });
  return {
    promotions,
    target,
    described,
    later: (seconds: number) => {
      time = addSeconds(now, seconds);
    },
    report: (outcome: PlanOutcome, of = id) =>
      promotions.recordFact(
        planReportFact(of, terraform, { plan: terraform.sha256, outcome, detail: "So it is." }, now),
      ),
    run: () => work({ promotionId: id, understands: ["unverified"] }),
    /** What the verification before comes to where everything holds. */
    verifyAgain: async () => {
      const current = promotions.stored(id);
      const sha256 = await blobs.put(await signedAt(time));
      const verdict = { sha256, result: "PASSED", at: time } as const;
      await promotions.move({ ...current, revision: current.revision + 1, verdict });
    },
  };
}

describe("deploying to a target that asks for the signed plan to be applied", () => {
  it("waits for the pipeline's word, and tells so once", async () => {
    const { promotions, target, run } = await scene([terraform]);
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id)).toMatchObject({
      status: "approved",
      history: [
        {
          type: "held",
          summary:
            "Everybody has signed; it is deployed once the infrastructure plan that was signed is applied: the pipeline has not said yet that 'plan.json' is applied.",
          body: { plans: [terraform.sha256] },
        },
      ],
    });
  });

  describe("what drifted and is approved again", () => {
    const before = promotionId(digestOf("drifted"), 1);
    const again = () => scene([terraform], undefined, { reapproves: { promotion: before, frozen: [] } });
    const reportsOf = (promotions: MemoryPromotions) =>
      promotions.recordedFacts().filter(({ promotion }) => promotion === id);

    it("goes by what its pipeline said of it the first time, which is recorded once", async () => {
      const { promotions, target, run, report } = await again();
      await report("applied", before);
      expect(await run()).toEqual({ outcome: "started", seconds: 30 });
      await run();
      expect(target.started).toHaveLength(1);
      expect(reportsOf(promotions)).toMatchObject([
        {
          ...{ id: `${id}/plan-reported/${terraform.sha256}`, at: now },
          summary: `The pipeline reported of the infrastructure plan 'plan.json': applied. It said so of ${before}, which is to run on.`,
          body: { plan: terraform.sha256, outcome: "applied" },
        },
      ]);
      expect(promotions.stored(id).history).toMatchObject([
        { type: "deployment-started", body: { infrastructure: [{ plan: terraform.sha256, by: "report" }] } },
      ]);
    });

    it("waits where nothing was said of it then either, or that it failed, and is held to what is said of it now", async () => {
      const unsaid = await again();
      const waiting = { outcome: "waiting", seconds: 30 };
      expect(await unsaid.run()).toEqual(waiting);
      const failed = await again();
      await failed.report("failed", before);
      expect(await failed.run()).toEqual(waiting);
      expect([reportsOf(unsaid.promotions), reportsOf(failed.promotions)]).toEqual([[], []]);
      const now = await again();
      await now.report("applied", before);
      await now.report("failed");
      expect(await now.run()).toEqual({ outcome: "refused" });
    });
  });

  it("takes no other promotion's report, where it is to let none run on", async () => {
    const { run, report } = await scene([terraform]);
    await report("applied", promotionId(digestOf("drifted"), 1));
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
  });

  it("waits for days, as long as its own time lasts: its execution has steps left for all that comes after", async () => {
    const { promotions, later, run, verifyAgain } = await scene([terraform]);
    const begins = msOfInstant(now);
    const pen = historyPen(0, begins);
    const turn = {
      machine: compileMachine(JSON.stringify({ ...machine, StartAt: "Deploy the candidate" })),
      context: { Execution: { Id: "arn", Input: {}, Name: id } },
      now: begins,
      pen,
      newToken: () => "token",
      random: () => 0.5,
    };
    let standing = begin(turn, { promotionId: id, task: { answer: {} } });
    const over = addSeconds(expiresAt, 900);
    const verified: number[] = [];
    for (;;) {
      if (standing.at === "sleeping") {
        turn.now = standing.until;
        later(Math.round((turn.now - begins) / 1000));
        standing = advance(turn, standing, { happened: "woken" });
      } else if (standing.at === "invoking" && standing.task.functionArn.endsWith(":DeployFunction")) {
        standing = advance(turn, standing, { happened: "invoked", result: { payload: await run() } });
      } else if (standing.at === "invoking" && turn.now < msOfInstant(over)) {
        expect(standing.task.functionArn).toMatch(/:VerifySignOffsFunction$/);
        verified.push(turn.now);
        await verifyAgain();
        standing = advance(turn, standing, { happened: "invoked", result: { payload: { outcome: "passed" } } });
      } else break;
    }
    // At no moment was the verdict older than an hour, or than an eighth of the wait, and a look.
    for (const [at, signed] of verified.entries()) {
      const before = verified[at - 1] ?? begins;
      expect(signed - before).toBeLessThan(
        Math.max(3_600_000, (signed - begins) / 8) + (signed - begins) / 64 + 90_000,
      );
    }
    expect(verified.length).toBeGreaterThan(10);
    expect(verified.length).toBeLessThan(40);
    expect(turn.now).toBeGreaterThanOrEqual(msOfInstant(over));
    expect(turn.now).toBeLessThan(msOfInstant(over) + 60_000);
    expect(msOfInstant(over) - begins).toBeGreaterThan(40 * 3_600_000);
    expect(pen.written.length).toBeLessThan(4_000);
    expect(promotions.stored(id).status).toBe("approved");
  });

  it("begins once the plan is said to be applied, and records which", async () => {
    const { promotions, report, run } = await scene([terraform]);
    await report("applied");
    expect(await run()).toMatchObject({ outcome: "started" });
    expect(promotions.stored(id).history.at(-1)).toMatchObject({
      type: "deployment-started",
      body: { infrastructure: [{ plan: terraform.sha256, by: "report" }] },
    });
  });

  it("refuses where the pipeline could not apply it", async () => {
    const { promotions, target, report, run } = await scene([terraform]);
    await report("failed");
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason: "The pipeline says that the plan 'plan.json' was not applied: So it is.",
    });
    expect(target.started).toEqual([]);
  });

  it("has the sign-offs verified again while it waits, for whoever applies the plan under its verdict", async () => {
    const { later, run, verifyAgain } = await scene([terraform]);
    await run();
    later(3599);
    expect(await run()).toEqual({ outcome: "waiting", seconds: 56 });
    later(3600);
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
    later(16 * 3600);
    await verifyAgain();
    later(18 * 3600 - 1);
    expect(await run()).toEqual({ outcome: "waiting", seconds: 1012 });
    later(18.5 * 3600);
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
  });

  it("has the sign-offs verified again once the plan is applied, where its verdict is too old by then", async () => {
    const { promotions, target, later, report, run } = await scene([terraform]);
    await run();
    await report("applied");
    later(3600);
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
    expect(promotions.stored(id)).toMatchObject({ status: "approved", history: [{ type: "held" }] });
    expect(target.started).toEqual([]);
  });

  it("waits no longer than the promotion has time, give or take what its verification has", async () => {
    const { later, run, verifyAgain } = await scene([terraform]);
    await run();
    const left = (Date.parse(expiresAt) - Date.parse(now)) / 1000;
    later(left + 898);
    await verifyAgain();
    later(left + 899);
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    // The last verdict has its hour.
    later(left + 900);
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    later(left + 898 + 3600);
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
  });

  it("refuses a plan that was not applied, however old its verdict", async () => {
    const { promotions, later, report, run } = await scene([terraform]);
    later(4000);
    await report("failed");
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id).reason).toMatch(/^The pipeline says that the plan 'plan.json' was not applied/);
  });

  it("looks at the change set by its ARN, with the values that were signed", async () => {
    const { promotions, described, run } = await scene([changeSet], executed);
    expect(await run()).toMatchObject({ outcome: "started" });
    expect(described).toEqual([[changeSetId, true]]);
    expect(promotions.stored(id).history.at(-1)?.body["infrastructure"]).toEqual([
      { plan: changeSet.sha256, by: "change-set" },
    ]);
  });

  it("waits for every plan of several", async () => {
    const { report, run } = await scene([changeSet, terraform], executed);
    expect(await run()).toMatchObject({ outcome: "waiting" });
    await report("applied");
    expect(await run()).toMatchObject({ outcome: "started" });
  });

  it.each<[string, FreezeManifest["evidence"], RegExp]>([
    ["a change set that is gone", [changeSet], /is not there any more as a change set/],
    ["a format that nobody can look at", [plan("pulumi", "preview.json")], /in the format 'pulumi' is applied/],
    ["no plan at all", [], /the candidate has none/],
  ])("refuses over %s", async (_, evidence, why) => {
    const { promotions, target, run } = await scene(evidence);
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id).reason).toMatch(why);
    expect(target.started).toEqual([]);
  });

  it.each<[string, FreezeManifest["evidence"], string]>([
    ["has none", [], "blocked"],
    ["has one", [terraform], "staged"],
  ])("is known before anybody is asked: a candidate that %s", async (_, evidence, outcome) => {
    const asking: FreezeManifest = {
      ...manifest,
      target: { ...requireKind(manifest.target, "sagemaker-endpoint"), infrastructure: "applied" },
      evidence,
    };
    const promotions = new MemoryPromotions([promotionInReview({ status: "gating", manifest: asking })]);
    const target = new MemoryTarget();
    const work = stage({
      now: () => now,
      promotions,
      readArtifact: async () => environment,
      artifactsBucket: "artifacts",
      targets: everyKind(target),
    });
    expect(await work({ promotionId: id })).toEqual({ outcome });
    expect(promotions.stored(id).history.at(-1)?.summary).toMatch(
      outcome === "staged"
        ? /It is deployed once the infrastructure plan that is signed was applied\.$/
        : /takes only what comes with an infrastructure plan that is signed and applied, and the candidate has none\.$/,
    );
  });
});
