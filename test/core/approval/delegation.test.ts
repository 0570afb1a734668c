import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { type Delegation, namedSigner, placesOf } from "../../../core/approval/delegation.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { conditionsText } from "../../../core/promotion/release-conditions.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { directory, given, open, operations } from "./delegated-seat.ts";
import {
  delegation,
  evening,
  identity,
  inPlace,
  morning,
  one,
  part,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const whyDismissed = (input: ApprovalInput) =>
  (part(evaluateApproval(input).explanation, "operations").dismissed ?? []).map(
    ({ person, why }) => `${person.name} ${why}`,
  );

describe("a sign-off in somebody's place", () => {
  it("fills the delegator's seat, and the explanation says in whose place", () => {
    const { outcome, explanation } = evaluateApproval(open({ signOffs: [inPlace(given, 0)] }));
    expect(outcome).toMatchObject({ kind: "reached", settled: { seats: [{ role: "sre", person: identity("Emil") }] } });
    expect(part(explanation, "operations", "SRE")).toMatchObject({
      why: "Filled by Emil (in the place of Dora).",
      seats: [{ filledBy: { name: "Emil", inPlaceOf: "Dora" } }],
    });
  });

  const at = "2026-11-23T09:00:00.000Z" as Instant;
  it.each<[string, Partial<Delegation> | undefined, string]>([
    ["that nobody recorded", undefined, "Emil signed under a delegation that is not recorded"],
    ["to another person", { delegate: identity("Fay") }, "Emil signed under a delegation that is not recorded"],
    ["of another role", { role: "a" }, "Emil was not given the role 'SRE' by Dora"],
    ["that has not begun", { from: addSeconds(at, 1) }, "Emil signed under a delegation by Dora that had not begun"],
    [
      "recorded afterwards",
      { recordedAt: addSeconds(at, 1) },
      "Emil signed under a delegation by Dora that had not begun",
    ],
    ["at its very end", { until: at }, "Emil signed under a delegation by Dora that was over"],
    ["at its revocation", { revokedAt: at }, "Emil signed under a delegation by Dora that was revoked"],
    [
      "for another target",
      { outOfScope: "is for the target 'staging' only" },
      "Emil signed under a delegation by Dora that is for the target 'staging' only",
    ],
    [
      "of what the delegator did not hold",
      { delegatorGroups: ["as"] },
      "Emil signed in the place of Dora, who did not hold the role 'SRE'",
    ],
  ])("counts for nothing under a delegation %s", (_, over, why) => {
    const input = open({
      signOffs: [inPlace(given, 0)],
      delegations: over === undefined ? [] : [{ ...given, ...over }],
    });
    expect(evaluateApproval(input).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(whyDismissed(input)).toContain(why);
  });

  it("is not taken for a role that asks for a passkey where the delegator's signed nothing, and rejects all the same", () => {
    const passkey = { id: sha256Hex(utf8("passkey")), counter: 0 };
    const asked = (signed: Partial<Delegation>, decision: Partial<SignOff> = {}) => {
      const base = open({
        signOffs: [{ ...inPlace(given, 0), passkey, ...decision }],
        delegations: [{ ...given, ...signed }],
      });
      const sre = { ...(base.roles["sre"] ?? expect.unreachable()), secondFactor: "passkey" as const };
      return { ...base, roles: { ...base.roles, sre } };
    };
    expect(evaluateApproval(asked({ passkey })).outcome.kind).toBe("reached");
    expect(evaluateApproval(asked({})).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(whyDismissed(asked({}))).toContain(
      "Emil signed in the place of Dora, who delegated without a passkey that is confirmed and not revoked, which the role 'SRE' asks for",
    );
    expect(evaluateApproval(asked({}, { result: "reject", reason: "No." })).outcome.kind).toBe("rejected");
  });

  it("needs the passkey of that very delegation, and no other's", () => {
    const passkey = { id: sha256Hex(utf8("passkey")), counter: 0 };
    const base = open({
      signOffs: [{ ...inPlace(given, 0), passkey }],
      delegations: [{ ...delegation("Gus", "Emil", "sre"), passkey }, given],
    });
    const sre = { ...(base.roles["sre"] ?? expect.unreachable()), secondFactor: "passkey" as const };
    expect(evaluateApproval({ ...base, roles: { ...base.roles, sre } }).outcome).toMatchObject({ missing: ["sre"] });
  });

  it("counts in the first instant of a delegation", () => {
    for (const over of [{ from: at }, { recordedAt: at }]) {
      const delegations = [{ ...given, ...over }];
      expect(evaluateApproval(open({ signOffs: [inPlace(given, 0)], delegations })).outcome.kind).toBe("reached");
    }
  });

  it("counts in the last instant of a delegation that is revoked later", () => {
    const delegations = [{ ...given, until: addSeconds(at, 1), revokedAt: addSeconds(at, 1) }];
    expect(evaluateApproval(open({ signOffs: [inPlace(given, 0)], delegations })).outcome.kind).toBe("reached");
  });

  it("is bound by separation of duties: of the delegate, and of the delegator", () => {
    const hand = (name: string) => new Map([[identityKey(identity(name)), "trained the model"]]);
    expect(whyDismissed(open({ signOffs: [inPlace(given, 0)], excluded: hand("Emil") }))).toContain(
      "Emil trained the model, and so cannot approve it",
    );
    expect(whyDismissed(open({ signOffs: [inPlace(given, 0)], excluded: hand("Dora") }))).toContain(
      "Emil signed in the place of Dora, who trained the model, and so cannot approve it",
    );
  });

  it("cannot be passed on: a delegate does not hold the role", () => {
    const chained = delegation("Emil", "Fay", "sre", { delegatorGroups: [] });
    const input = open({ signOffs: [inPlace(chained, 0)], delegations: [given, chained] });
    expect(whyDismissed(input)).toContain("Fay signed in the place of Emil, who did not hold the role 'SRE'");
  });

  it("gives way to the delegator's own decision, earlier or later", () => {
    for (const minute of [0, 2]) {
      const own = signOff("Dora", ["sre"], minute);
      const input = open({ signOffs: [inPlace(given, 1), own] });
      expect(evaluateApproval(input).outcome).toMatchObject({ settled: { seats: [{ person: identity("Dora") }] } });
      expect(whyDismissed(input)).toContain("Emil signed in the place of Dora, who has decided");
    }
  });

  it("is one seat for the two of them, whoever signs and in whatever stage", () => {
    const two = open({ rule: rule(stage("operations", one("sre", 2))) });
    expect(
      evaluateApproval({ ...two, signOffs: [inPlace(given, 0), signOff("Dora", ["sre"], 1)] }).outcome,
    ).toMatchObject({
      kind: "open",
      missing: ["sre"],
    });
    const again = delegation("Dora", "Fay", "sre");
    const both = open({
      rule: rule(stage("operations", one("sre", 2))),
      delegations: [given, again],
      signOffs: [inPlace(given, 0), inPlace(again, 1)],
    });
    expect(evaluateApproval(both).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(whyDismissed(both)).toContain("Fay signed in the place of somebody for whom another has signed");

    const first = inPlace(given, 0);
    const later = open({
      rule: rule(stage("operations", one("sre")), stage("second", one("sre"))),
      openStage: 1,
      settled: [settled(0, ["sre", first])],
      signOffs: [first, signOff("Dora", ["sre"], 1, { stage: 1 }), signOff("Emil", ["sre"], 2, { stage: 1 })],
    });
    expect(evaluateApproval(later).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
  });

  it("stops the promotion as a rejection of the delegator's would", () => {
    const no = inPlace(given, 0, { result: "reject", reason: "not yet" });
    expect(evaluateApproval(open({ signOffs: [no] })).outcome).toMatchObject({ kind: "rejected", reason: "not yet" });
    expect(evaluateApproval(open({ signOffs: [no], delegations: [] })).outcome.kind).toBe("open");
  });

  it("never takes the delegator's rejection back", () => {
    const no = signOff("Dora", ["sre"], 0, { result: "reject", reason: "no" });
    const patient = rule(stage("operations", one("sre"), { rejectionsToStop: 2 }));
    const input = open({ rule: patient, signOffs: [no, inPlace(given, 1)] });
    expect(evaluateApproval(input).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
  });
});

describe("a decided seat that a delegate fills", () => {
  const signed = inPlace(given, 0);
  const verified = (over: Partial<ApprovalInput>) =>
    lostSeats(
      open({
        openStage: undefined,
        settled: [settled(0, ["sre", signed])],
        signOffs: [signed],
        entitlement: "as-of-now",
        ...over,
      }),
    ).map(({ person, why }) => `${person.name} ${why}`);
  const [dora = expect.unreachable(), emil = expect.unreachable()] = directory;

  it.each<[string, ApprovalInput["members"], readonly string[]]>([
    ["stands while both are there", directory, []],
    [
      "falls with the delegator's account",
      [{ ...dora, enabled: false }, emil],
      ["Emil signed in the place of Dora, who has a disabled account"],
    ],
    [
      "falls with the delegator's role",
      [{ ...dora, groups: [] }, emil],
      ["Emil signed in the place of Dora, who no longer holds the role 'SRE'"],
    ],
    [
      "falls when the delegator has left",
      [emil],
      ["Emil signed in the place of Dora, who is not in the directory any more"],
    ],
    ["falls with the delegate's account", [dora, { ...emil, enabled: false }], ["Emil has a disabled account"]],
    ["falls when the delegate has left", [dora], ["Emil is not in the directory any more"]],
  ])("%s", (_, members, fallen) => {
    expect(verified({ members })).toEqual(fallen);
  });

  it("stands although the delegation was revoked since", () => {
    expect(verified({ delegations: [{ ...given, revokedAt: addSeconds(signed.recordedAt, 1) }] })).toEqual([]);
  });
});

describe("what is refused before it is recorded", () => {
  const openStage = {
    index: 0,
    name: "operations",
    round: 1,
    openedAt: morning,
    deadline: evening,
    open: true,
  };
  const attempt = (approval: ApprovalInput, signed: SignOff = inPlace(given, 60)) =>
    refuseSignOff({ approval: { ...approval, entitlement: "as-of-now" }, openStage, attempt: signed })?.why;

  it("nothing where the delegation holds", () => expect(attempt(open())).toBeUndefined());

  it("a second signature for the same person", () => {
    expect(attempt(open({ signOffs: [signOff("Dora", ["sre"], 0)] }))).toContain(
      "Emil signed in the place of Dora, who has decided; there is one seat for the two of them.",
    );
    const again = delegation("Dora", "Fay", "sre");
    expect(attempt(open({ delegations: [given, again], signOffs: [inPlace(again, 0)] }))).toContain(
      "Emil signed in the place of somebody for whom another has signed",
    );
  });

  it("the delegator's own, where the delegate fills a seat of another stage", () => {
    const first = inPlace(given, 0);
    const approval = open({
      rule: rule(stage("first", one("sre")), stage("operations", one("sre"))),
      openStage: 1,
      settled: [settled(0, ["sre", first])],
      signOffs: [first],
    });
    const own = signOff("Dora", ["sre"], 1, { stage: 1 });
    const why = refuseSignOff({ approval, openStage: { ...openStage, index: 1 }, attempt: own })?.why;
    expect(why).toContain("Dora already fills the seat 'SRE' in the stage 'first'");
  });

  it("a rejection without a delegation and without a role", () => {
    const no = inPlace(given, 60, { result: "reject", reason: "no" });
    expect(attempt(open(), no)).toBeUndefined();
    expect(attempt(open({ delegations: [] }), no)).toContain("holds none of the roles that may reject");
  });
});

describe("the places that somebody may take", () => {
  const long = delegation("Dora", "Emil", "sre", { until: addSeconds(given.until, 60) });
  const other = delegation("Fay", "Emil", "sre");
  const data = delegation("Dora", "Emil", "data");
  const foreign = delegation("Dora", "Fay", "sre");

  it("are those of the roles that are asked for, in the order in which they were given", () => {
    const all = [data, other, foreign, given];
    expect(placesOf(all, identity("Emil"), ["sre"])).toEqual([other, given]);
    expect(placesOf(all, identity("Emil"), ["sre", "data"])).toEqual([data, other, given]);
    expect(placesOf(all, identity("Dora"), ["sre"])).toEqual([]);
  });

  it("are one for each role of each delegator: that of the delegation that ends last", () => {
    expect(placesOf([given, long, data], identity("Emil"), ["sre", "data"])).toEqual([long, data]);
    expect(placesOf([long, given], identity("Emil"), ["sre"])).toEqual([long]);
    expect(placesOf([given, { ...given }], identity("Emil"), ["sre"])).toHaveLength(1);
  });

  it("are that of the last to end in whatever order they were given, of those that end together the first", () => {
    const hours = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(hours, (ends) => {
        const all = ends.map((end) => ({ ...given, until: addSeconds(given.from, end * 3600) }));
        expect(placesOf(all, identity("Emil"), ["sre"])).toEqual([all[ends.indexOf(Math.max(...ends))]]);
        expect(placesOf(all, identity("Emil"), ["sre"])[0]).toBe(all[ends.indexOf(Math.max(...ends))]);
      }),
    );
  });
});

describe("whoever gave a sign-off", () => {
  const escalated = { ...operations, escalation: { afterSeconds: 3600, to: "a" } };
  const named = (signed: SignOff, over: Partial<ApprovalInput> = {}) => namedSigner(signed, open(over), "sre");
  const emil = { identity: identity("Emil"), name: "Emil" };
  const conditions = { trafficPercent: 10, forSeconds: 3600 };

  it.each<[string, SignOff, Partial<ApprovalInput>, object]>([
    ["plainly", signOff("Emil", ["sre"], 0), {}, {}],
    ["in whose place", inPlace(given, 0), {}, { inPlaceOf: "Dora" }],
    ["as whom, after the escalation", signOff("Emil", ["a"], 0), { rule: escalated }, { escalatedAs: "A" }],
    [
      "plainly in the seat's own role, with the other as well",
      signOff("Emil", ["sre", "a"], 0),
      { rule: escalated },
      {},
    ],
    ["plainly in a role to which nothing is escalated", signOff("Emil", ["b"], 0), { rule: escalated }, {}],
    ["plainly where nothing is escalated", signOff("Emil", ["a"], 0), {}, {}],
    ["on what condition", signOff("Emil", ["sre"], 0, { conditions }), {}, { onCondition: conditionsText(conditions) }],
  ])("is named %s", (_, signed, over, more) => {
    expect(named(signed, over)).toStrictEqual({ ...emil, ...more });
  });
});
