import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { escalationsOf } from "../../../core/approval/escalation.ts";
import { approvalOutcome, evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { type Explanation, personText, type SeatExplanation } from "../../../core/approval/explanation.ts";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import { refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import { decidedRightly, requirementsOf } from "../../../core/approval/requirements.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { approvalInput, identity, member, now, one, part, rule, settled, signOff, stage } from "./people-and-votes.ts";

const operations = { ...rule(stage("operations", one("sre"))), escalation: { afterSeconds: 3600, to: "a" } };
const directory = [member("Dora", "sre"), member("Greta", "a"), member("Hugo", "a")];

/** A stage that asks for an SRE, escalated to the role `a` from a minute of the tests' hour on. */
function open(fromMinute: number, over: Partial<ApprovalInput> = {}): ApprovalInput {
  const escalations = new Map([[0, signOff("x", [], fromMinute).recordedAt]]);
  return approvalInput({ rule: operations, members: directory, escalations, ...over });
}
const greta = (minute: number, over: object = {}) => signOff("Greta", ["a"], minute, over);

describe("a stage that has been open for too long", () => {
  it("may be filled by the role that it is escalated to, and the explanation says so", () => {
    const { outcome, explanation } = evaluateApproval(open(10, { signOffs: [greta(10)] }));
    expect(outcome).toMatchObject({
      kind: "reached",
      settled: { seats: [{ role: "sre", person: identity("Greta") }] },
    });
    expect(part(explanation, "operations", "SRE").why).toBe("Filled by Greta (as A, after the escalation).");
  });

  it("may not a moment earlier, and the sign-off does not count later either", () => {
    const early = open(10, { signOffs: [greta(9)] });
    expect(evaluateApproval(early).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(part(evaluateApproval(early).explanation, "operations").dismissed?.[0]?.why).toContain(
      "signed in none of the roles",
    );
  });

  it("is filled by nobody who had a hand in the candidate, lost the role, or was never given it", () => {
    const signOffs = [greta(10)];
    const excluded = new Map([[identityKey(identity("Greta")), "trained the model"]]);
    expect(approvalOutcome(open(10, { signOffs, excluded })).kind).toBe("open");
    const left = [member("Dora", "sre"), member("Greta")];
    expect(approvalOutcome(open(10, { signOffs, members: left, entitlement: "as-of-now" })).kind).toBe("open");
    expect(approvalOutcome(open(10, { signOffs: [greta(10, { groups: [] })] })).kind).toBe("open");
    const { escalation: _, ...without } = operations;
    expect(approvalOutcome(open(10, { signOffs, rule: without })).kind).toBe("open");
  });

  it("shows them among those who could sign, from then on", () => {
    const could = (minute: number) => {
      const { explanation } = evaluateApproval(open(minute, { now }));
      return part(explanation, "operations", "SRE").seats?.flatMap((seat) => seat.couldBeFilledBy.map(personText));
    };
    expect(could(-600)).toEqual(["Dora", "Greta (as A, after the escalation)", "Hugo (as A, after the escalation)"]);
    expect(could(6000)).toEqual(["Dora"]);
  });

  it("shows whoever holds a role of its own in that, and lets nobody else fill it", () => {
    const two = { ...operations, stages: [stage("operations", { all: [one("sre"), one("data")] })] };
    const both = member("Ivo", "a", "data");
    const seatsIn = (each: Explanation): readonly SeatExplanation[] => [
      ...(each.seats ?? []),
      ...each.children.flatMap(seatsIn),
    ];
    const could = (rule: ApprovalInput["rule"], members: ApprovalInput["members"], role: string) => {
      const { outcome, explanation } = evaluateApproval(open(-600, { now, rule, members }));
      const seats = seatsIn(part(explanation, "operations")).filter((seat) => seat.role === role);
      return [outcome, seats.flatMap((seat) => seat.couldBeFilledBy.map(personText))];
    };
    const missing = ["sre", "data"];
    expect(could(two, [both, ...directory], "sre")).toEqual([
      { kind: "open", missing, unreachable: false },
      ["Dora", "Greta (as A, after the escalation)", "Hugo (as A, after the escalation)", "Ivo"],
    ]);
    expect(could(operations, [member("Bob", "b")], "sre")).toEqual([
      { kind: "open", missing: ["sre"], unreachable: true },
      [],
    ]);
    const rest = { ...two, stages: [...two.stages, stage("last", one("b"))] };
    const named = ["Dora", "Greta (as A, after the escalation)", "Hugo (as A, after the escalation)", "Ivo"];
    expect(could(rest, [member("Bob", "b"), both, ...directory], "sre")[1]).toEqual(named);
  });

  it("stays decided, and falls when the one who filled it loses that role", () => {
    const first = greta(10);
    const decided = (members = directory) =>
      open(10, {
        signOffs: [first],
        settled: [settled(0, ["sre", first])],
        openStage: undefined,
        members,
        entitlement: "as-of-now",
      });
    expect(lostSeats(decided())).toEqual([]);
    expect(lostSeats(decided([member("Dora", "sre"), member("Greta")]))).toMatchObject([
      { role: "sre", why: "no longer holds the role 'A'" },
    ]);
    const early = { ...decided(), escalations: new Map([[0, addSeconds(first.recordedAt, 1)]]) };
    expect(lostSeats(early)).toMatchObject([{ role: "sre", why: "did not sign as 'SRE'" }]);
  });

  it("may be rejected by them before that as well: stopping is the safe direction", () => {
    const no = greta(0, { result: "reject", reason: "no" });
    expect(approvalOutcome(open(6000, { signOffs: [no] }))).toMatchObject({ kind: "rejected", reason: "no" });
  });

  it("refuses them before, and says from when on", () => {
    const attempt = (minute: number) => {
      const approval = open(30);
      const openStage = {
        index: 0,
        name: "operations",
        round: 1,
        openedAt: now,
        deadline: addSeconds(now, 9e5),
        open: true,
      };
      return refuseSignOff({ approval, openStage, attempt: greta(minute) })?.why;
    };
    expect(attempt(29)).toMatch(/asks for: SRE\. As A it may be signed from .* on\.$/);
    expect(attempt(30)).toBeUndefined();
  });

  it("never gives one person two seats, and an escalation never takes one away", () => {
    const two = { ...rule(stage("operations", { role: "sre", count: 2 })), escalation: operations.escalation };
    const votes = fc.uniqueArray(fc.constantFrom("Dora", "Greta", "Hugo"), { minLength: 1 });
    fc.assert(
      fc.property(votes, fc.integer({ min: 0, max: 20 }), (people, from) => {
        const signOffs = people.map((name, minute) => signOff(name, name === "Dora" ? ["sre"] : ["a"], minute));
        const later = approvalOutcome(open(from + 1, { rule: two, signOffs }));
        const outcome = approvalOutcome(open(from, { rule: two, signOffs }));
        if (later.kind === "reached") expect(outcome.kind).toBe("reached");
        if (outcome.kind !== "reached") return;
        expect(new Set(outcome.settled.seats.map(({ person }) => identityKey(person))).size).toBe(2);
      }),
    );
  });
});

it("counts from the first opening of the stage in this review", () => {
  const opened = (at: string, stageIndex: unknown, review: number, type = "stage-opened") =>
    ({
      id: "x",
      type,
      at,
      summary: "",
      body: { stage: stageIndex, review },
      attachments: [],
    }) as unknown as Promotion["history"][number];
  const history = [
    opened("2026-11-20T00:00:00.000Z", 0, 1),
    opened("2026-11-21T00:00:00.000Z", 0, 2, "stage-decided"),
    opened("2026-11-21T00:00:00.000Z", "0", 2),
    opened("2026-11-22T00:00:00.000Z", 0, 2),
    opened("2026-11-23T00:00:00.000Z", 0, 2),
    opened("2026-11-25T00:00:00.000Z", 1, 2),
    // A log has it in its place, also where it came late.
    opened("2026-11-24T00:00:00.000Z", 1, 2),
  ];
  expect([...escalationsOf(operations, { history, review: 2 })]).toEqual([
    [0, "2026-11-22T01:00:00.000Z" as Instant],
    [1, "2026-11-24T01:00:00.000Z"],
  ]);
  expect(escalationsOf({}, { history, review: 2 }).size).toBe(0);
});

describe("in the matrix", () => {
  const text = (escalation: string) => `
matrixVersion: 1
roles:
  sre: { title: SRE, groups: [sre] }
  head: { title: Head of risk, groups: [heads] }
reminders: { every: 1d, escalation: ${escalation} }
rules:
  - modelType: fraud
    target: production
    expiresAfter: 5d
    stages: [{ name: operations, requires: { role: sre } }]
`;
  const requirements = (escalation: string) => {
    const loaded = loadMatrix(text(escalation));
    if (loaded.kind === "refused") throw new Error(JSON.stringify(loaded.problems));
    const gatePolicy = { wasm: "00".repeat(32) as never, thresholds: null };
    return requirementsOf({ matrix: loaded.value, modelType: "fraud", target: "production", gatePolicy });
  };

  it("is part of what sign-offs name only where they may fill the seats", () => {
    const told = requirements("{ after: 2d, to: head }");
    expect(told.document.rule.escalation).toBeUndefined();
    expect(requirements("{ after: 3d, to: head, mayFill: false }").sha256).toBe(told.sha256);
    const filling = requirements("{ after: 2d, to: head, mayFill: true }");
    expect(filling.sha256).not.toBe(told.sha256);
    expect(filling.document).toMatchObject({
      rule: { escalation: { afterSeconds: 172_800, to: "head" } },
      roles: { head: { groups: ["heads"] }, sre: {} },
    });
    expect(decidedRightly(filling.document)).toBe(true);
  });

  it.each<[string, string, string, boolean]>([
    ["a second factor", "secondFactor: passkey", "", false],
    ["a second factor that both ask for", "secondFactor: passkey", "secondFactor: passkey", true],
    ["a method", "signIn: { amr: [hwk, pin] }", "signIn: { amr: [pin] }", false],
    ["methods, and more are asked for", "signIn: { amr: [hwk] }", "signIn: { amr: [pin, hwk] }", true],
    ["an assurance", "signIn: { acr: [high] }", "", false],
    ["an assurance, where a lower one would do", "signIn: { acr: [high] }", "signIn: { acr: [high, low] }", false],
    ["one of several assurances", "signIn: { acr: [high, higher] }", "signIn: { acr: [higher] }", true],
  ])("does not let seats be filled without what their role asks for: %s", (_, seat, head, loaded) => {
    const strict = (escalation: string) =>
      loadMatrix(
        text(escalation)
          .replace("groups: [sre]", `groups: [sre], ${seat}`)
          .replace("groups: [heads]", `groups: [heads]${head === "" ? "" : `, ${head}`}`),
      );
    expect(strict("{ after: 2d, to: head }").kind).toBe("loaded");
    const filling = strict("{ after: 2d, to: head, mayFill: true }");
    if (loaded) expect(filling.kind).toBe("loaded");
    else
      expect(filling).toMatchObject({
        kind: "refused",
        problems: [
          {
            sentence:
              "The role 'head' may not fill seats of the role 'sre', which asks for a stricter way of signing: ask for it there too.",
          },
        ],
      });
  });

  it("does not let a change of the policies be signed without what its role asks for either", () => {
    const guarded = (head: string) => {
      const guard = "guard: { title: Guard, groups: [guards], secondFactor: passkey }";
      const change = "policyChange: { expiresAfter: 5d, stages: [{ name: guards, requires: { role: guard } }] }";
      return text("{ after: 2d, to: head, mayFill: true }")
        .replace("[heads]", `[heads]${head}`)
        .replace("reminders:", `  ${guard}\n${change}\nreminders:`);
    };
    expect(loadMatrix(guarded(", secondFactor: passkey")).kind).toBe("loaded");
    const { problems } = loadMatrix(guarded("")) as { readonly problems?: readonly { readonly sentence: string }[] };
    expect(problems?.map(({ sentence }) => sentence)).toEqual([
      "The role 'head' may not fill seats of the role 'guard', which asks for a stricter way of signing: ask for it there too.",
    ]);
  });

  it("is refused where it says neither true nor false", () => {
    expect(loadMatrix(text("{ after: 2d, to: head, mayFill: often }"))).toMatchObject({
      kind: "refused",
      problems: [{ sentence: "This must be true or false." }],
    });
  });
});
