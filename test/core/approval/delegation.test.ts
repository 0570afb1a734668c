import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { type Delegation, inScopeOf, placesToStandIn } from "../../../core/approval/delegation.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { personText } from "../../../core/approval/explanation.ts";
import { refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  approvalInput,
  delegation,
  evening,
  identity,
  inPlace,
  member,
  morning,
  now,
  one,
  part,
  roles,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const given = delegation("Dora", "Emil", "sre");
const directory = [member("Dora", "sre"), member("Emil"), member("Fay", "a")];
const operations = rule(stage("operations", one("sre")));
const open = (over: Partial<ApprovalInput> = {}) =>
  approvalInput({ rule: operations, delegations: [given], members: directory, ...over });
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

it("is for what its scope says and nothing else", () => {
  const candidate = {
    model: { name: "scores", type: "credit-scoring", version: "1" },
    target: { name: "production", kind: "sagemaker-endpoint", endpoint: "e", instanceType: "i", instanceCount: 1 },
  } as const;
  const why = (scope: Delegation["scope"]) => inScopeOf([{ ...given, scope }], candidate)[0]?.outOfScope;
  expect(why({})).toBeUndefined();
  expect(why({ model: "scores", modelType: "credit-scoring", target: "production" })).toBeUndefined();
  expect(why({ model: "prices" })).toBe("is for the model 'prices' only");
  expect(why({ modelType: "pricing" })).toBe("is for the model type 'pricing' only");
  expect(why({ target: "staging" })).toBe("is for the target 'staging' only");
});

it("is offered while it holds, and not after", () => {
  const offered = (over: Partial<Delegation>, members = directory) =>
    placesToStandIn({ roles, members, delegations: [{ ...given, ...over }], now }).map(
      ({ delegatorName }) => delegatorName,
    );
  expect(offered({})).toEqual(["Dora"]);
  expect(offered({ until: now })).toEqual([]);
  expect(offered({}, [])).toEqual([]);
});

describe("who could fill a seat", () => {
  const could = (over: Partial<ApprovalInput> = {}) =>
    (part(evaluateApproval(open(over)).explanation, "operations", "SRE").seats ?? []).flatMap((seat) =>
      seat.couldBeFilledBy.map(personText),
    );
  const why = (over: Partial<ApprovalInput> = {}) =>
    part(evaluateApproval(open(over)).explanation, "operations", "SRE").why;
  const away = (...names: string[]) => new Set(names.map((name) => identityKey(identity(name))));

  it("tells delegates with the person in whose place they could", () => {
    expect(could()).toEqual(["Dora", "Emil (in the place of Dora)"]);
  });

  it("tells no delegate of somebody who lost the role, who is excluded, or whose delegation does not hold", () => {
    expect(could({ members: [member("Dora"), member("Emil"), member("Zoe", "sre")] })).toEqual(["Zoe"]);
    expect(could({ excluded: new Map([[identityKey(identity("Emil")), "trained the model"]]) })).toEqual(["Dora"]);
    expect(could({ delegations: [{ ...given, until: now }] })).toEqual(["Dora"]);
    expect(could({ delegations: [{ ...given, role: "compliance" }] })).toEqual(["Dora"]);
    expect(could({ members: [member("Dora", "sre"), { ...member("Emil"), enabled: false }] })).toEqual(["Dora"]);
  });

  it("tells who is away, last, and when everybody is", () => {
    expect(could({ absent: away("Dora") })).toEqual(["Emil (in the place of Dora)", "Dora (away)"]);
    expect(why({ absent: away("Dora") })).toBe("0 of 1 seat is filled.");
    expect(why({ absent: away("Dora", "Emil") })).toBe("0 of 1 seat is filled. Everybody who could is away.");
  });

  it("changes no outcome by who is away", () => {
    const absent = away("Dora", "Emil");
    expect(evaluateApproval(open({ absent })).outcome).toEqual(evaluateApproval(open()).outcome);
    const signOffs = [signOff("Dora", ["sre"], 0)];
    expect(evaluateApproval(open({ absent, signOffs })).outcome.kind).toBe("reached");
  });
});

describe("whatever people delegate and sign", () => {
  const name = fc.constantFrom("p0", "p1", "p2", "p3", "p4");
  const role = fc.constantFrom("a", "b");
  const delegations = fc
    .uniqueArray(fc.tuple(name, name, role), { maxLength: 6, selector: ([from, to, what]) => `${from} ${to} ${what}` })
    .map((all) => all.filter(([from, to]) => from !== to).map(([from, to, what]) => delegation(from, to, what)));
  const scene = delegations.chain((known) =>
    fc.record({
      known: fc.constant(known),
      signOffs: fc.uniqueArray(
        fc.tuple(name, role, fc.nat({ max: 20 }), fc.nat({ max: 7 })).map(([who, what, minute, pick]) => {
          const place = known[pick];
          return place === undefined ? signOff(who, [what], minute) : inPlace(place, minute);
        }),
        { maxLength: 8, selector: ({ id }) => id },
      ),
      order: fc.infiniteStream(fc.nat()),
    }),
  );
  const wanted = rule(
    stage("one", {
      all: [
        { role: "a", count: 2 },
        { role: "b", count: 1 },
      ],
    }),
  );

  it("nobody fills two seats, themselves or through others, and the order of arrival changes nothing", () => {
    fc.assert(
      fc.property(scene, ({ known, signOffs, order }) => {
        const input = approvalInput({ rule: wanted, signOffs, delegations: known });
        const { outcome } = evaluateApproval(input);
        const shuffled = signOffs
          .map((each) => [order.next().value, each] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, each]) => each);
        expect(evaluateApproval({ ...input, signOffs: shuffled }).outcome).toEqual(outcome);
        if (outcome.kind !== "reached") return;
        const hands = outcome.settled.seats.flatMap(({ person, signOff: id }) => {
          const place = signOffs.find((each) => each.id === id)?.onBehalfOf?.person;
          return place === undefined ? [person] : [person, place];
        });
        expect(new Set(hands.map(identityKey)).size).toBe(hands.length);
      }),
      { numRuns: 500 },
    );
  });
});
