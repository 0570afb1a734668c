import { describe, expect, it } from "vitest";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { type Requirements, requirementsOf } from "../../../core/approval/requirements.ts";
import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { GateThresholds } from "../../../core/gates/thresholds.ts";
import type { GivenDecision } from "../../../core/policy/play-review.ts";
import type { SimulatedPolicy } from "../../../core/policy/simulation.ts";
import type { LedgerRecord } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { PastPromotion } from "../../../core/replay/past-promotion.ts";
import { type ReplayPolicy, replayUnder } from "../../../core/replay/replay-promotion.ts";
import { delegation } from "../approval/people-and-votes.ts";
import { goodCandidate, judgementOf, saying, shippedPolicy } from "../gates/candidate.ts";
import { cora, dana, id, now, promotionInReview, sam } from "../promotion/promotion-in-review.ts";

const shipped = readPolicyFolder(new URL("../../../policies/", import.meta.url));
const good = judgementOf(goodCandidate);
const asked: Requirements = requirementsOf({
  matrix: shipped.matrix,
  ...{ modelType: "credit-scoring", target: "production" },
  gatePolicy: shipped.gatePolicy("credit-scoring", "production"),
}).document;

const approval = ({ identity, name, groups }: Member): GivenDecision => ({
  ...{ reviewer: identity, reviewerName: name, groups, result: "approve", reason: "Fine.", at: now },
});
const all = [cora, dana, sam];

/** The record of how its gates came out. */
function judgedBy(over: Partial<LedgerRecord>): Step {
  const end = promotionInReview({ manifest: good.manifest });
  const record: LedgerRecord = {
    ...{
      recordVersion: 1,
      id: `${id}/2`,
      type: "gates",
      at: now,
      promotion: id,
      summary: "",
      body: {},
      attachments: [],
    },
    ...over,
  };
  return { record, index: 2, before: end, after: end, requirements: asked } as Step;
}

/** A promotion of a good candidate that everybody signed, deployed under the shipped policies. */
function past(over: Partial<PastPromotion> = {}): PastPromotion {
  return {
    id,
    end: promotionInReview({ manifest: good.manifest, status: "deployed" }),
    judged: judgedBy({}),
    requirements: asked,
    evidence: good.evidence,
    computedDigests: good.computedDigests,
    releases: [],
    decisions: all.map(approval),
    members: all,
    people: [],
    times: [],
    ...over,
  };
}

const under = (over: Partial<PastPromotion> = {}, context: Partial<ReplayPolicy> = {}) =>
  replayUnder(past(over), { policy: shipped, evaluate: shippedPolicy.evaluate, ...context });

/** The shipped policies with the rule for credit scoring changed. */
function withRule(change: Partial<ApprovalRule>): SimulatedPolicy {
  const rules = shipped.matrix.rules.map((rule, index) => (index === 1 ? { ...rule, ...change } : rule));
  return { ...shipped, matrix: { ...shipped.matrix, rules } };
}

const stage = (role: string, count = 1, when?: ApprovalRule["when"]): ApprovalRule["stages"][number] => ({
  ...{ name: role, requires: { role, count }, minimumReviewSeconds: 0, rejectionsToStop: 1 },
  ...(when === undefined ? {} : { when }),
});

describe("a past promotion under other policies", () => {
  it("is told with its name and how it ended, and stands where it stood under the same", () => {
    expect(under()).toEqual({
      promotion: id,
      title: "credit-scoring 2.0.0 in production",
      status: "deployed",
      before: { kind: "would-pass" },
      after: { kind: "would-pass" },
    });
  });

  it("cannot be told where its gates were never evaluated", () => {
    const never = { kind: "cannot-tell", why: "Its gates were never evaluated." };
    expect(under({ judged: undefined })).toMatchObject({ before: never, after: never });
    expect(under({ requirements: undefined })).toMatchObject({ before: never, after: { kind: "would-pass" } });
  });

  it("cannot be told where its evidence was not kept", () => {
    expect(under({ evidence: undefined })).toMatchObject({
      before: { kind: "would-pass" },
      after: { kind: "cannot-tell", why: "Its evidence is not in the pack." },
    });
  });

  it.each(["gates", "matrix"] as const)("stood blocked by what blocked it then: %s", (step) => {
    const judged = judgedBy({ type: "blocked", body: { step }, summary: "Too weak." });
    expect(under({ judged }).before).toEqual({ kind: "would-be-blocked", by: step, why: "Too weak." });
  });

  it("would be blocked by every gate that does not pass, in their words", () => {
    const weak = judgementOf(saying("model-quality.json", { metrics: { accuracy: 0.7, auc: 0.6 } }));
    const end = promotionInReview({ manifest: weak.manifest });
    const { evidence, computedDigests } = weak;
    expect(under({ end, evidence, computedDigests }).after).toEqual({
      kind: "would-be-blocked",
      by: "gates",
      why: "Accuracy is 0.7; at least 0.72 is required. AUC is 0.6; at least 0.72 is required.",
    });
  });

  it("is compared with what was kept of earlier releases, and cannot be told where nothing was", () => {
    expect(under({ releases: undefined }).after).toEqual({
      kind: "cannot-tell",
      why: "What it would be compared with was not kept: it was compared with nothing then.",
    });
    const weak = judgementOf(saying("model-quality.json", { metrics: { accuracy: 0.7, auc: 0.79 } }));
    const { evidence, computedDigests } = weak;
    const end = promotionInReview({ manifest: weak.manifest });
    expect(under({ end, evidence, computedDigests, releases: undefined }).after).toEqual({
      ...{ kind: "would-be-blocked", by: "gates" },
      why: "Accuracy is 0.7; at least 0.72 is required.",
    });
  });

  it("is judged at its own moment unless another is asked for", () => {
    const thresholds = (modelType: string, target: string): GateThresholds | undefined => {
      const own = shipped.thresholds(modelType, target);
      const until = "2027-01-01T00:00:00.000Z" as typeof now;
      return own && { ...own, quality: { auc: { min: 0.9 } }, dryRun: [{ rule: "quality", until }] };
    };
    const policy = { ...shipped, thresholds };
    expect(under({}, { policy }).after.kind).toBe("would-pass");
    expect(under({}, { policy, at: "2027-01-01T00:00:00.000Z" as typeof now }).after.kind).toBe("would-be-blocked");
  });

  it("would wait for roles in which nobody signed, each named once", () => {
    const policy = withRule({ stages: [stage("compliance-officer", 3)] });
    expect(under({}, { policy }).after).toEqual({
      ...{ kind: "would-wait", for: ["compliance-officer"] },
      why: "Nobody who signed fills the seat of 'Compliance officer'.",
    });
  });

  it("would be blocked by a rejection, in its own words", () => {
    const decisions = [approval(cora), { ...approval(sam), result: "reject" as const, reason: "No runbook." }];
    expect(under({ decisions })).toMatchObject({
      before: { kind: "would-be-blocked", by: "rejection", why: "No runbook." },
      after: { kind: "would-be-blocked", by: "rejection", why: "No runbook." },
    });
  });

  it("is asked what its evidence and its release decide", () => {
    const onAuc = (below: number) =>
      withRule({ stages: [stage("sre"), stage("compliance-officer", 2, [{ fact: "metric", name: "auc", below }])] });
    expect(under({}, { policy: onAuc(0.5) }).after.kind).toBe("would-pass");
    expect(under({}, { policy: onAuc(0.9) }).after.kind).toBe("would-wait");
    const onRelease = withRule({
      stages: [stage("sre"), stage("compliance-officer", 2, [{ fact: "release", oneOf: ["update"] }])],
    });
    const released = (release: "first" | "update") =>
      past({ end: promotionInReview({ manifest: good.manifest, facts: { release } }) });
    expect(under(released("first"), { policy: onRelease }).after.kind).toBe("would-pass");
    expect(under(released("update"), { policy: onRelease }).after.kind).toBe("would-wait");
    expect(under({}, { policy: onRelease }).after).toEqual({
      kind: "cannot-tell",
      why: "The release of this promotion is not known.",
    });
  });

  it("would be blocked where the evidence does not say what decides", () => {
    const onKs = withRule({ stages: [stage("sre", 1, [{ fact: "metric", name: "ks", below: 0.5 }])] });
    expect(under({}, { policy: onKs }).after).toEqual({
      ...{ kind: "would-be-blocked", by: "matrix" },
      why: "The approval matrix decides by the metric 'ks', and the evidence does not state it.",
    });
  });

  it("is blocked by an unknown author only where a directory says who there is, and the rule does not allow it", () => {
    const blocked = {
      ...{ kind: "would-be-blocked", by: "matrix" },
      why: "An author is neither in the directory nor in people.yaml.",
    };
    expect(under({}, { members: all })).toMatchObject({ before: { kind: "would-pass" }, after: blocked });
    const trainer: Member = { ...cora, identity: { issuer: "x", subject: "t" }, address: "trainer@example.com" };
    expect(under({}, { members: [...all, trainer] }).after).toEqual({ kind: "would-pass" });
    const policy = withRule({ unlinkableAuthors: "allowed" });
    expect(under({}, { members: all, policy }).after).toEqual({ kind: "would-pass" });
  });

  it("knows whoever signed by what they signed with, whatever the directory says of them now", () => {
    const trainer: Member = { ...cora, identity: { issuer: "x", subject: "t" }, address: "trainer@example.com" };
    const nowTrainers = all.map((each) => ({ ...each, address: "trainer@example.com", groups: [] }));
    expect(under({}, { members: [...nowTrainers, trainer] }).after).toEqual({ kind: "would-pass" });
    expect(under({ members: [{ ...cora, address: "trainer@example.com" }, dana, sam] }).after.kind).toBe("would-wait");
  });
});

describe("a past promotion under freeze windows", () => {
  const minute = (minutes: number) => addSeconds(now, minutes * 60);
  const window = (from: number, until: number): Partial<ReplayPolicy> => ({
    policy: {
      ...shipped,
      matrix: {
        ...shipped.matrix,
        freezeWindows: [
          { name: "Year end", zone: "UTC", when: { from: minute(from), until: minute(until) }, exceptions: [] },
        ],
      },
    },
  });

  it("waits where somebody signed while changes were frozen", () => {
    expect(under({}, window(-1, 1)).after).toMatchObject({
      kind: "would-wait",
      why: expect.stringMatching(/What was signed while changes were frozen \('Year end'\) does not count\.$/),
    });
    expect(under({}, window(1, 2)).after).toEqual({ kind: "would-pass" });
  });

  it("is rejected all the same: stopping is possible at any time", () => {
    const no = { ...approval(cora), result: "reject" as const, reason: "No." };
    expect(under({ decisions: [no] }, window(-1, 1)).after).toMatchObject({ by: "rejection" });
  });

  it("waits for the end of one in which it was verified", () => {
    expect(under({ passedAt: minute(5) }, window(4, 6)).after).toEqual({
      kind: "would-wait",
      for: [],
      why: `Everybody has signed. Changes are frozen ('Year end') until ${minute(6)}.`,
    });
  });
});

describe("a past promotion that somebody signed in another's place", () => {
  const place = delegation("Cora", "Emil", "compliance-officer", {});
  const emil: Member = { ...cora, identity: place.delegate, name: "Emil", groups: [] };
  const signed: GivenDecision = {
    ...approval(emil),
    roles: ["compliance-officer"],
    onBehalfOf: { person: place.delegator, delegation: place.id },
  };
  const decisions = [signed, approval(dana), approval(sam)];
  const given = { ...place, delegatorGroups: ["compliance-officers"] };

  it("passes by the delegation of then, and waits where there is none, or where it was over", () => {
    const members = [cora, emil, dana, sam];
    expect(under({ decisions, members, delegations: [given] }).after).toEqual({ kind: "would-pass" });
    expect(under({ decisions, members }).after).toMatchObject({ kind: "would-wait", for: ["compliance-officer"] });
    const over = { ...given, revokedAt: given.from };
    expect(under({ decisions, members, delegations: [over] }).after).toMatchObject({ kind: "would-wait" });
  });
});
