import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { reachable, whoCouldSign } from "../../../core/approval/reachability.ts";
import { renderExplanation } from "../../../core/approval/render-explanation.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import {
  approvalInput,
  identity,
  member,
  one,
  part,
  roles,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const two = rule(stage("compliance", one("compliance")), stage("operations", { all: [one("data"), one("sre")] }));
const people = [
  member("clara", "compliance"),
  member("dora", "data"),
  member("sam", "sre"),
  member("omni", "data", "sre"),
];
const base = { rule: two, roles, excluded: new Map(), members: people, people: [] };
const trained = (...names: string[]) =>
  new Map(names.map((name) => [identityKey(identity(name)), "trained the model"]));

describe("at submission", () => {
  it("a quorum is reachable with distinct people for all seats", () => {
    expect(reachable(base)).toEqual({ kind: "reachable" });
    expect(reachable({ ...base, excluded: trained("dora") })).toEqual({ kind: "reachable" });
  });

  it("an exclusion that makes it unreachable is said, with the seat and the people", () => {
    expect(reachable({ ...base, excluded: trained("dora", "omni") })).toEqual({
      kind: "unreachable",
      stage: 1,
      role: "data",
      why: "Nobody is left for the seat 'Lead data scientist' in the stage 'operations': dora trained the model; omni trained the model.",
    });
  });

  it("one person's accounts together give them the roles of each", () => {
    const linked = { name: "Ada", addresses: [], accounts: [], outside: false };
    const accounts = [member("ada", "data"), member("ada-2", "sre"), member("ada-3")];
    const single = (...asked: string[]) =>
      reachable({
        ...base,
        rule: rule(...asked.map((role) => stage(role, one(role)))),
        members: accounts,
        people: [{ ...linked, identities: accounts.map(({ identity: own }) => own) }],
      }).kind;
    expect([single("data"), single("sre"), single("data", "sre")]).toEqual(["reachable", "reachable", "unreachable"]);
  });

  it("one person cannot serve two stages", () => {
    const alone = rule(stage("first", one("sre")), stage("second", one("sre")));
    expect(reachable({ ...base, rule: alone, members: [member("sam", "sre")] })).toMatchObject({
      kind: "unreachable",
      stage: 1,
      why: "Nobody is left for the seat 'SRE' in the stage 'second': sam is needed for another seat.",
    });
  });

  it("two identities with one address are one person", () => {
    const pair = rule(stage("only", one("sre", 2)));
    const twin = { ...member("sam-admin", "sre"), address: "SAM@example.org" };
    expect(reachable({ ...base, rule: pair, members: [member("sam", "sre"), twin] }).kind).toBe("unreachable");
  });

  it("a role that nobody holds is named with its groups", () => {
    expect(reachable({ ...base, members: people.filter(({ name }) => name !== "clara") })).toMatchObject({
      why: "Nobody is left for the seat 'Compliance officer' in the stage 'compliance': nobody in the directory is in compliances.",
    });
  });

  it("a role that many hold and nobody can fill is explained by the first five", () => {
    const many = ["a1", "a2", "a3", "a4", "a5", "a6", "a7"].map((name) => member(name, "a"));
    const alone = { ...base, rule: rule(stage("only", one("a"))), members: many.toReversed() };
    expect(reachable({ ...alone, excluded: trained(...many.map(({ name }) => name)) })).toMatchObject({
      why: "Nobody is left for the seat 'A' in the stage 'only': a1 trained the model; a2 trained the model; a3 trained the model; a4 trained the model; a5 trained the model; and 2 more cannot.",
    });
  });

  it("a role of several groups is named with all of them", () => {
    const wide = { ...roles, compliance: { title: "Compliance officer", groups: ["risk", "audit"], judges: [] } };
    expect(reachable({ ...base, roles: wide })).toMatchObject({
      why: "Nobody is left for the seat 'Compliance officer' in the stage 'compliance': nobody in the directory is in risk, audit.",
    });
  });

  it("any one way is enough", () => {
    const either = rule(stage("only", { any: [one("c", 3), { all: [one("data"), one("compliance")] }] }));
    expect(reachable({ ...base, rule: either })).toEqual({ kind: "reachable" });
  });
});

describe("those to ask", () => {
  it("hold the role, are enabled, not excluded and not seated yet", () => {
    const sue = { ...member("sue", "sre"), enabled: false };
    const clara = signOff("clara", ["compliance"], 1);
    const asked = whoCouldSign({
      ...base,
      members: [...people, sue, member("clara", "compliance", "sre")],
      excluded: trained("omni"),
      stage: 1,
      settled: [settled(0, ["compliance", clara])],
    });
    expect(asked.map(({ role, members }) => [role, members.map(({ name }) => name)])).toEqual([
      ["data", ["dora"]],
      ["sre", ["sam"]],
    ]);
  });
});

describe("the seats of a review", () => {
  it("are not for whoever fills another, and the sentence says which", () => {
    const sam = signOff("sam", ["sre"], 1);
    const again = rule(stage("first", one("sre")), stage("second", one("sre")));
    const input = approvalInput({ rule: again, members: [member("sam", "sre")], openStage: 1 });
    const { explanation } = evaluateApproval({ ...input, settled: [settled(0, ["sre", sam])], signOffs: [sam] });
    expect(part(explanation, "second").why).toBe(
      "Nobody is left for the seat 'SRE' in the stage 'second': sam already fills the seat 'SRE' in the stage 'first'.",
    );
  });

  it("may be asked of whoever fills a seat of the same stage that is decided again", () => {
    const clara = signOff("clara", ["compliance"], 1);
    const asked = whoCouldSign({ ...base, stage: 0, settled: [settled(0, ["compliance", clara])] });
    expect(asked.map(({ role, members }) => [role, members.map(({ name }) => name)])).toEqual([
      ["compliance", ["clara"]],
    ]);
    expect(whoCouldSign({ ...base, stage: 7, settled: [] })).toEqual([]);
  });

  it("that are all filled leave nothing to explain", () => {
    const sam = signOff("sam", ["sre"], 1);
    const pair = rule(stage("first", one("sre")), stage("second", one("data")));
    const input = approvalInput({ rule: pair, members: [member("sam", "sre", "data")], signOffs: [sam] });
    const { outcome, explanation } = evaluateApproval(input);
    expect(outcome).toMatchObject({ kind: "reached", next: 1 });
    expect(part(explanation, "second").why).toBe(
      "Nobody is left for the seat 'Lead data scientist' in the stage 'second': sam already fills the seat 'SRE' in the stage 'first'.",
    );
    expect(explanation.status).toBe("unreachable");
  });
});

describe("a choice between ways", () => {
  const either = rule(stage("only", { any: [one("compliance", 2), { all: [one("data"), one("sre")] }] }));
  const input = approvalInput({ rule: either, members: [...people, member("cora", "compliance")] });

  it("follows the way that is nearest", () => {
    const { outcome, explanation } = evaluateApproval({ ...input, signOffs: [signOff("dora", ["data"], 1)] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(part(explanation, "only", "any one of these")).toMatchObject({
      status: "open",
      why: "The nearest is: all of these. 1 of 2 are met.",
    });
    expect(part(explanation, "only", "any one of these", "2 × Compliance officer").why).toBe("Another way is nearer.");
  });

  it("takes whichever is met", () => {
    const { outcome, explanation } = evaluateApproval({
      ...input,
      signOffs: [signOff("dora", ["data"], 1), signOff("clara", ["compliance"], 2), signOff("cora", ["compliance"], 3)],
    });
    expect(outcome).toMatchObject({
      kind: "reached",
      settled: { seats: [{ role: "compliance" }, { role: "compliance" }] },
    });
    expect(part(explanation, "only", "any one of these").status).toBe("met");
    expect(part(explanation, "only", "any one of these", "all of these", "SRE").why).toBe(
      "Not needed: another way is met.",
    );
  });

  it("does not wait for a way that nobody can go", () => {
    const { outcome } = evaluateApproval({
      ...input,
      excluded: trained("sam", "omni"),
      signOffs: [signOff("dora", ["data"], 1)],
    });
    expect(outcome).toEqual({ kind: "open", missing: ["compliance", "compliance"], unreachable: false });
  });
});

describe("the explanation as text", () => {
  it("shows stages, seats, who could fill them, and whose vote does not count", () => {
    const clara = signOff("clara", ["compliance"], 1);
    const { explanation } = evaluateApproval(
      approvalInput({
        rule: two,
        members: people,
        openStage: 1,
        settled: [settled(0, ["compliance", clara])],
        excluded: trained("dora"),
        signOffs: [clara, signOff("dora", ["data"], 2, { stage: 1 })],
      }),
    );
    expect(renderExplanation(explanation)).toBe(
      [
        "○ open  credit-scoring in production: Stage 'operations': Still needed: Lead data scientist, SRE.",
        "  ✔ met  compliance: Every seat is filled.",
        "    ✔ met  Compliance officer: Filled by clara.",
        "        seat filled by clara",
        "  ○ open  operations: Still needed: Lead data scientist, SRE.",
        "      does not count: dora trained the model, and so cannot approve it",
        "    ○ open  all of these: 0 of 2 are met.",
        "      ○ open  Lead data scientist: 0 of 1 seat is filled.",
        "          seat free; could be filled by omni",
        "      ○ open  SRE: 0 of 1 seat is filled.",
        "          seat free; could be filled by omni, sam",
      ].join("\n"),
    );
  });

  it("keeps control characters of names and reasons from the terminal", () => {
    const text = renderExplanation({ name: "x\u001b[2J", status: "rejected", why: "a\nb\u202ec", children: [] });
    expect(text).toBe("✖ rejected  x [2J: a b c");
  });

  it("names the first few of many", () => {
    const many = Array.from({ length: 7 }, (_, n) => member(`s${n}`, "sre"));
    const { explanation } = evaluateApproval(approvalInput({ rule: rule(stage("only", one("sre"))), members: many }));
    expect(renderExplanation(explanation)).toContain("could be filled by s0, s1, s2, s3, s4 and 2 more");
  });
});
