import { describe, expect, it } from "vitest";
import type { FreezeWindow } from "../../../core/approval/calendar.ts";
import {
  approvalInputOf,
  calendarNow,
  everyGroup,
  groupsOf,
  nextStage,
  openStageOf,
  requirementsInForce,
  requirePinned,
  restartReview,
  secondsForNextStage,
  shadowPlanInForce,
  stageDeadline,
} from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import {
  cora,
  digestOf,
  expiresAt,
  manifest,
  matrix,
  now,
  openStage,
  policy,
  promotionInReview,
  requirements,
  stricterPolicy,
  tom,
} from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { delegation, settled, signOff } from "./people-and-votes.ts";

const rule = requirements.document.rule;
const [first, second] = rule.stages;
if (first === undefined || second === undefined) throw new Error("The rule has two stages.");
const vote = signOff("Cora", ["compliance-officer"], 1);
const decided = (...indexes: number[]) => promotionInReview({ settled: indexes.map((index) => settled(index)) });

describe("what the rules are given about a promotion", () => {
  const facts = { people: [], members: [cora, tom], signOffs: [vote], entitlement: "as-of-now", now } as const;
  const given = (over: Partial<Promotion> = {}, more: Partial<Parameters<typeof approvalInputOf>[2]> = {}) =>
    approvalInputOf(promotionInReview(over), requirements.document, { ...facts, ...more });

  it("is what it is pinned to, what was signed, and who had a hand in it", () => {
    expect(given()).toMatchObject({
      rule,
      roles: requirements.document.roles,
      review: 1,
      openStage: 0,
      settled: [],
      signOffs: [vote],
      invalidated: new Map(),
      excluded: new Map([[identityKey(tom.identity), "trained the model"]]),
      members: [cora, tom],
      people: [],
      entitlement: "as-of-now",
      delegations: [],
      now,
    });
  });

  it("has what was kept of an earlier candidate among what was signed, as if given here", () => {
    const kept = { ...vote, id: digestOf("kept"), review: 7, stage: 4, roles: ["sre", "compliance-officer"] };
    const carried = [{ signOff: kept, stage: 0, roles: ["compliance-officer"], review: 1 }];
    expect(given({ carried }).signOffs).toEqual([
      vote,
      { ...kept, stage: 0, roles: ["compliance-officer"], review: 1 },
    ]);
  });

  it("has what was kept of an earlier review once, where it is kept", () => {
    const carried = [{ signOff: vote, stage: 1, roles: ["compliance-officer"], review: 2 }];
    expect(given({ carried, review: 2 }).signOffs).toEqual([{ ...vote, stage: 1, review: 2 }]);
  });

  it("has those who may object, who is away, and until when a loan runs while it does", () => {
    expect(given({}, { objectors: [cora] }).objectors).toEqual([cora]);
    expect(given().objectors).toEqual([]);
    expect(given()).not.toHaveProperty("absent");
    const absent = new Set([identityKey(cora.identity)]);
    expect(given({}, { absent }).absent).toBe(absent);
    const loan = {
      terms: { seconds: 3600, incident: "https://incidents.example/7" },
      lenders: [],
      at: now,
      until: expiresAt,
    };
    expect(given({ status: "loaned", loan }).lentUntil).toBe(expiresAt);
    expect(given({ loan })).not.toHaveProperty("lentUntil");
    expect(given({ status: "loaned" })).not.toHaveProperty("lentUntil");
  });

  it("has what fell with the reason, and delegations with what they are not for", () => {
    const invalidated = [{ signOff: vote.id, why: "was given for another plan" }];
    expect(given({ invalidated }).invalidated).toEqual(new Map([[vote.id, "was given for another plan"]]));
    const elsewhere = delegation("Cora", "Tom", "sre", { scope: { target: "staging" } });
    expect(given({}, { delegations: [elsewhere] }).delegations).toEqual([
      { ...elsewhere, outOfScope: "is for the target 'staging' only" },
    ]);
  });
});

describe("the stage of a promotion", () => {
  it("takes approvals while it is open and in review", () => {
    expect(openStageOf(promotionInReview())).toEqual(openStage(0));
    expect(openStageOf(promotionInReview({ stage: openStage(0, { open: false }) }))).toBeUndefined();
    expect(openStageOf(promotionInReview({ status: "approved" }))).toBeUndefined();
    const { stage: _, ...without } = promotionInReview();
    expect(openStageOf(without)).toBeUndefined();
  });

  it("that comes next is the first that is not decided", () => {
    expect(nextStage(rule, decided())).toEqual({ index: 0, stage: first });
    expect(nextStage(rule, decided(0))).toEqual({ index: 1, stage: second });
    expect(nextStage(rule, decided(1))).toEqual({ index: 0, stage: first });
    expect(nextStage(rule, decided(0, 1))).toBeUndefined();
  });

  it("is over with the loan alone while one runs", () => {
    expect(stageDeadline(first, promotionInReview({ status: "loaned" }), now)).toBe(expiresAt);
  });

  it("is over at its own limit or at the promotion's, whichever is earlier", () => {
    expect(stageDeadline(first, promotionInReview(), now)).toBe(addSeconds(now, 86_400));
    expect(stageDeadline(second, promotionInReview(), now)).toBe(expiresAt);
    expect(stageDeadline(first, promotionInReview(), addSeconds(expiresAt, -86_400))).toBe(expiresAt);
    expect(stageDeadline(first, promotionInReview(), addSeconds(expiresAt, -60))).toBe(expiresAt);
  });

  it("is waited for as long, in whole seconds and for one at least", () => {
    expect(secondsForNextStage(rule, decided(), now)).toBe(86_400);
    expect(secondsForNextStage(rule, decided(0), addSeconds(expiresAt, -1.5))).toBe(2);
    expect(secondsForNextStage(undefined, decided(), addSeconds(expiresAt, -90))).toBe(90);
    expect(secondsForNextStage(rule, decided(0, 1), addSeconds(expiresAt, 60))).toBe(1);
  });
});

describe("the groups that matter", () => {
  it("are those of the roles that are asked for, each once", () => {
    expect(groupsOf(requirements.document)).toEqual(["compliance-officers", "lead-data-scientists", "sre"]);
    const shared = {
      ...requirements.document.roles,
      sre: { title: "SRE", groups: ["compliance-officers"], judges: [] },
    };
    expect(groupsOf({ ...requirements.document, roles: shared })).toEqual([
      "compliance-officers",
      "lead-data-scientists",
    ]);
  });

  it("are of every role, where it is not about a promotion", () => {
    const roles = { ...matrix.roles, head: { title: "Head", groups: ["heads", "sre"], judges: [] } };
    expect(everyGroup({ roles })).toEqual(["lead-data-scientists", "compliance-officers", "sre", "heads"]);
  });
});

it("the calendar of the matrix is asked about the promotion", () => {
  const window: FreezeWindow = {
    name: "Year end",
    zone: "UTC",
    when: { from: now, until: expiresAt },
    exceptions: [],
  };
  expect(calendarNow(policy, { manifest }, now)).toEqual({ kind: "free" });
  expect(calendarNow({ matrix: { ...matrix, freezeWindows: [window] } }, { manifest }, now)).toEqual({
    kind: "frozen",
    window: "Year end",
    until: expiresAt,
  });
});

describe("a review whose requirements changed", () => {
  const at = "2026-11-23T13:00:00.000Z" as Instant;
  const stricter = requirementsInForce(stricterPolicy, promotionInReview());
  const kept = { ...vote, id: digestOf("kept") };

  it("begins again at the gates, and what was signed falls there or is kept", () => {
    const carried = [{ signOff: kept, stage: 0, roles: ["compliance-officer"], review: 1 }];
    const invalidated = [{ signOff: digestOf("earlier"), why: "was given for another plan" }];
    const before = promotionInReview({
      settled: [settled(0, ["compliance-officer", vote])],
      invalidated,
      carried,
    });
    const after = restartReview(before, stricter, at);
    if (stricter.kind !== "asked") expect.unreachable();
    const to = stricter.requirements.sha256;
    expect(after).toMatchObject({ status: "gating", review: 2, settled: [], requirements: { sha256: to } });
    expect(after).not.toHaveProperty("stage");
    expect(after).not.toHaveProperty("gates");
    expect(after).toMatchObject({ invalidated, carried });
    expect(after.history.at(-1)).toMatchObject({
      type: "seat-reopened",
      at,
      summary:
        "The requirements changed, so the promotion goes back to the gates; then it is told which signatures still count.",
      body: { from: requirements.sha256, to, fallen: [] },
      attachments: [],
    });
  });

  it("stays pinned to what it was judged by where nothing is asked any more", () => {
    const none = { kind: "none", why: new Failure("unknown-target", "There is no rule.") } as const;
    expect(restartReview(promotionInReview(), none, at).requirements).toEqual({ sha256: requirements.sha256 });
  });

  it("is refused to whoever relies on what it was pinned to", () => {
    expect(() => requirePinned(promotionInReview(), requirements.sha256)).not.toThrow();
    expect(told(codeOf(() => requirePinned(promotionInReview(), digestOf("other"))))).toBe(
      "requirements-changed: The requirements changed while this promotion was in review; it goes back to the gates under the new ones.",
    );
  });
});

it("a change of the policies is held up by no freeze window: it is the way to correct one", () => {
  const until = addSeconds(now, 60);
  const close: FreezeWindow = { name: "Close", zone: "UTC", when: { from: now, until }, exceptions: [] };
  const target = { name: "policies", kind: "policy", endpoint: "policies" } as const;
  const frozen = { matrix: { ...matrix, freezeWindows: [close] } };
  expect(calendarNow(frozen, { manifest }, now)).toEqual({ kind: "frozen", window: "Close", until });
  expect(calendarNow(frozen, { manifest: { ...manifest, target } }, now)).toEqual({ kind: "free" });
});

it("only what a policy says of itself is that it has no rule: what fails otherwise goes on failing", () => {
  for (const failure of [new Failure("internal", "The thresholds cannot be read."), new TypeError("broken")]) {
    const failing = {
      ...policy,
      gatePolicy: () => {
        throw failure;
      },
    };
    expect(() => requirementsInForce(failing, { manifest })).toThrow(failure);
  }
});

describe("how a promotion is to run in shadow", () => {
  const shadow = { durationSeconds: 3600, requests: 10, withinSeconds: 7200, agreement: 0.9 };
  const shadowing = (over: object) => ({ ...policy, matrix: { ...matrix, rules: [{ ...rule, ...over }] } });

  it("is what the rule in force says, whatever its evidence says", () => {
    expect(shadowPlanInForce(policy, { manifest })).toBeUndefined();
    expect(shadowPlanInForce(shadowing({ shadow }), { manifest })).toEqual(shadow);
    const facts = { release: "first", evidence: { metrics: {} } } as const;
    const stages = [{ ...first, when: [{ fact: "metric", name: "auc", below: 0.8 }] }, second];
    // By its evidence alone no rule could be decided: it states no such metric.
    expect(shadowPlanInForce(shadowing({ shadow, stages }), { manifest, facts })).toEqual(shadow);
    expect(requirementsInForce(shadowing({ shadow, stages }), { manifest, facts }).kind).toBe("none");
  });

  it("is said nowhere where no rule is for it any more", () => {
    expect(shadowPlanInForce(shadowing({ shadow, modelType: "fraud" }), { manifest })).toBeUndefined();
  });

  it("goes by what is known of it besides", () => {
    const asked = shadowing({ shadow, when: [{ fact: "release", oneOf: ["first"] }] });
    expect(shadowPlanInForce(asked, { manifest, facts: { release: "first" } })).toEqual(shadow);
    expect(shadowPlanInForce(asked, { manifest, facts: { release: "update" } })).toBeUndefined();
  });
});
