import { describe, expect, it } from "vitest";
import type { ApprovalRule, Role } from "../../../core/approval/matrix.ts";
import type { SimulatedPolicy, SimulationInput } from "../../../core/policy/simulation.ts";
import { standIns } from "../../../core/policy/stand-ins.ts";
import { parseRequestSketch } from "../../../core/promotion/request-sketch.ts";
import { everybody } from "./policy-texts.ts";
import { bytes, policy, request, simulated } from "./simulated.ts";

const all = ["Ines", "Lars", "Mira"];
const unknown = parseRequestSketch({ ...request, lineage: { trainedBy: [{ address: "ghost@example.com" }] } });

/** The shipped policies with the rule for credit scoring changed. */
function withRule(change: (rule: ApprovalRule) => Partial<ApprovalRule>): SimulatedPolicy {
  const rules = policy.matrix.rules.map((rule, index) => (index === 1 ? { ...rule, ...change(rule) } : rule));
  return { ...policy, matrix: { ...policy.matrix, rules } };
}

/** The shipped policies with more asked of a role. */
function withRole(name: string, more: Partial<Role>): SimulatedPolicy {
  const { roles } = policy.matrix;
  const role = roles[name];
  if (role === undefined) throw new Error(`There is no role ${name}.`);
  return { ...policy, matrix: { ...policy.matrix, roles: { ...roles, [name]: { ...role, ...more } } } };
}

describe("the review of a simulated request", () => {
  it("is blocked by an author whom nobody knows, unless the rule allows that", () => {
    const why = (over: Partial<SimulationInput>) => simulated({ sketch: unknown, ...over }, all).why;
    expect(why({})).toEqual([expect.stringContaining("matches nobody in the directory")]);
    expect(why({ policy: withRule(() => ({ unlinkableAuthors: "allowed" })) })).toEqual([]);
  });

  it("asks after no author where nobody gave a directory", () => {
    const members = standIns(policy.matrix);
    const { outcome, notes } = simulated({ sketch: unknown, members, standIns: true });
    expect(outcome).toBe("would-wait");
    expect(notes).toContain(
      "No directory was given, so who may not sign because of a hand in the candidate was not looked at.",
    );
    expect(simulated().notes.join(" ")).not.toContain("No directory was given");
  });

  it("names everybody whose rejection would end it", () => {
    const { why } = simulated(
      { policy: withRule(({ stages }) => ({ stages: stages.map((each) => ({ ...each, rejectionsToStop: 2 })) })) },
      [],
      ["Ines", "Sam"],
    );
    // Within one instant the order is that of ids.
    expect(why).toEqual([expect.stringMatching(/^It would be rejected by (Ines, Sam|Sam, Ines)\.$/)]);
  });

  it("is blocked once for a quorum that nobody can reach", () => {
    const members = everybody.filter(({ name }) => name !== "Lars");
    const { outcome, why } = simulated({ members }, ["Ines"]);
    expect(outcome).toBe("would-be-blocked");
    expect(why).toEqual([expect.stringContaining("Nobody is left for the seat 'Lead data scientist'")]);
  });

  it("is blocked where those who signed took the seats of the only ones who could fill the rest", () => {
    const twice = everybody.map((each) =>
      each.name === "Lars" ? { ...each, groups: ["lead-data-scientists", "compliance-officers"] } : each,
    );
    expect(simulated({ members: twice }).outcome).toBe("would-wait");
    const { outcome, why } = simulated({ members: twice }, ["Lars"]);
    expect(outcome).toBe("would-be-blocked");
    expect(why).toEqual([expect.stringContaining("Lead data scientist")]);
  });

  it("says whose signature no stage so far asks for", () => {
    expect(simulated({}, ["Ines", "Noor"]).notes).toContain("No stage so far asks for a role in which Noor signs.");
    expect(simulated({}, all).notes.join(" ")).not.toContain("No stage so far");
  });

  it.each([
    ["a sign-in", { signIn: { acr: ["mfa"] } }],
    ["a passkey", { secondFactor: "passkey" }],
  ] as const)("takes it that whoever signs did so as their role asks, and says so: %s", (_, more) => {
    const note = "Whoever signs is taken to have signed in as their role asks.";
    const stricter = withRole("sre", more);
    expect(simulated({ policy: stricter }, all)).toMatchObject({
      outcome: "would-pass",
      notes: expect.arrayContaining([note]),
    });
    expect(simulated({ policy: stricter }).notes).not.toContain(note);
    expect(simulated({}, all).notes).not.toContain(note);
  });

  it("says how long nobody can approve, stage by stage", () => {
    const slow = withRule(({ stages }) => ({
      stages: stages.map((stage, index) => ({ ...stage, minimumReviewSeconds: index * 5400 })),
    }));
    expect(simulated({ policy: slow }, all).notes.filter((note) => note.startsWith("In the stage"))).toEqual([
      "In the stage 'model and operations' nobody can approve in the first 90m.",
    ]);
  });

  it("names everybody who may not sign, and why", () => {
    const lineage = { trainedBy: [{ address: "lea@example.com" }], codeAuthors: [{ address: "sam@example.com" }] };
    expect(simulated({ sketch: parseRequestSketch({ ...request, lineage }) }).excluded).toEqual([
      { name: "Lea", why: "trained the model" },
      { name: "Sam", why: "wrote the training code" },
    ]);
  });
});

describe("a simulated request as a whole", () => {
  it("takes the artifacts as they are declared, and says so once the gates were asked", () => {
    const note = "The artifacts were not looked at: their digests are taken as declared.";
    expect(simulated().notes).toEqual([note]);
    const nothing = simulated({ evidence: new Map() });
    expect(nothing.notes).toEqual([]);
    expect(nothing.why).toContain("The gates were not judged: no evidence was given.");
  });

  it("needs one pipeline that may submit the model, and not every", () => {
    const [pipeline] = policy.machines;
    if (pipeline === undefined) throw new Error("There is no pipeline.");
    const machines = [{ ...pipeline, submits: [] }, pipeline];
    expect(simulated({ policy: { ...policy, machines } }, all).outcome).toBe("would-pass");
  });

  it("is nothing but blocked in a target that is not there", () => {
    const sketch = parseRequestSketch({ ...request, target: "moon" });
    expect(simulated({ sketch })).toEqual({
      outcome: "would-be-blocked",
      why: ["There is no target 'moon'; there is 'production', 'cluster', 'offers' and 'edge'."],
      excluded: [],
      notes: [],
    });
    const inherited = parseRequestSketch({ ...request, target: "constructor" });
    expect(simulated({ sketch: inherited }).why).toEqual([
      "There is no target 'constructor'; there is 'production', 'cluster', 'offers' and 'edge'.",
    ]);
  });

  it("has no rule where the model type has none, and then no review", () => {
    const sketch = parseRequestSketch({ ...request, model: { ...request.model, type: "churn" } });
    const { rule, explanation, excluded, outcome } = simulated({ sketch });
    expect([rule, explanation, excluded, outcome]).toEqual([undefined, undefined, [], "would-be-blocked"]);
  });

  it("is blocked without thresholds, whether evidence was given or not", () => {
    const without: SimulatedPolicy = { ...policy, thresholds: () => undefined };
    expect(simulated({ policy: without, evidence: new Map() }).why).toContain(
      "No thresholds are set for the model type 'credit-scoring', which blocks it.",
    );
    expect(simulated({ policy: without }).outcome).toBe("would-be-blocked");
    expect(simulated({ evidence: new Map() }).why.join(" ")).not.toContain("No thresholds");
  });

  it("needs no kind of evidence while it names none", () => {
    const sketch = parseRequestSketch({ ...request, evidence: [] });
    expect(simulated({ sketch }).why.join(" ")).not.toContain("need evidence");
    const few = parseRequestSketch({
      ...request,
      evidence: request.evidence.filter(({ kind }) => kind === "model-quality" || kind === "iac-plan"),
    });
    expect(simulated({ sketch: few }).why[0]).toBe(
      "The gates of 'credit-scoring' need evidence that the request does not name: bias, explainability, data-schema, security-scan, unit-tests.",
    );
  });

  it("says of the champion only where it was to be compared with one", () => {
    const champion = "What runs now was not given, so the candidate was compared with nothing.";
    const some = new Map([...bytes].filter(([name]) => name !== "explainability.json"));
    expect(simulated({ evidence: some, release: "update", releases: [] }).why).not.toContain(champion);
    expect(simulated({ evidence: some, release: "update" }).why).toContain(champion);
    const thresholds = policy.thresholds("credit-scoring", "production");
    if (thresholds === undefined) throw new Error("There are no thresholds.");
    const { champion: _, ...alone } = thresholds;
    const comparing: SimulatedPolicy = { ...policy, thresholds: () => alone };
    expect(simulated({ policy: comparing, release: "update" }, all)).toMatchObject({ outcome: "would-pass", why: [] });
  });

  it("needs the size of every artifact to tell whether the model fits", () => {
    const [first, ...others] = request.artifacts;
    const artifacts = [{ role: first?.role, name: first?.name }, ...others];
    expect(simulated({ sketch: parseRequestSketch({ ...request, artifacts }) }, all).why).toEqual([
      "The size of an artifact was not given, so whether it fits its machine cannot be told.",
    ]);
  });

  it("says which freeze window does not hold it up, and why", () => {
    const window = {
      ...{ name: "year's end", zone: "UTC" },
      when: { from: "2026-11-01T00:00:00.000Z", until: "2026-12-01T00:00:00.000Z" },
      exceptions: [{ model: "credit-scoring", reason: "Agreed with the board." }],
    } as unknown as NonNullable<SimulatedPolicy["matrix"]["freezeWindows"]>[number];
    const excepted = { ...policy, matrix: { ...policy.matrix, freezeWindows: [window] } };
    const { outcome, notes } = simulated({ policy: excepted }, all);
    expect(outcome).toBe("would-pass");
    expect(notes).toContain("The freeze window 'year's end' does not hold it up: Agreed with the board.");
    expect(simulated({}, all).notes.join(" ")).not.toContain("freeze window");
  });

  it("decides by the evidence what the rule makes depend on it", () => {
    const onAuc = (below: number) =>
      withRule(({ stages }) => ({
        stages: stages.map((stage, index) =>
          index === 0 ? stage : { ...stage, when: [{ fact: "metric", name: "auc", below }] as const },
        ),
      }));
    expect(simulated({ policy: onAuc(0.5) }, ["Ines"]).outcome).toBe("would-pass");
    expect(simulated({ policy: onAuc(0.9) }, ["Ines"]).outcome).toBe("would-wait");
  });

  it("leaves out of the review what the evidence should decide and does not say", () => {
    const onMissing = withRule(({ stages }) => ({
      stages: stages.map((stage, index) =>
        index === 0 ? stage : { ...stage, when: [{ fact: "metric", name: "ks", below: 0.5 }] as const },
      ),
    }));
    const { why, notes, explanation } = simulated({ policy: onMissing }, ["Ines"]);
    expect(why).toEqual(["The approval matrix decides by the metric 'ks', and the evidence does not state it."]);
    expect(notes).toContain("What depends on the evidence is left out of the review below.");
    expect(explanation?.children).toHaveLength(1);
  });

  it("finds the rule by the release that it is", () => {
    const forUpdates = withRule((rule) => ({ ...rule, when: [{ fact: "release", oneOf: ["update"] }] }));
    const [, second] = policy.matrix.rules;
    if (second === undefined) throw new Error("There is no second rule.");
    const both = { ...forUpdates, matrix: { ...forUpdates.matrix, rules: [...forUpdates.matrix.rules, second] } };
    expect(simulated({ policy: both }).rule?.number).toBe(6);
    expect(simulated({ policy: both, release: "update", releases: [] }).rule?.number).toBe(2);
  });
});

describe("people who stand for a directory", () => {
  it("are as many for each role as a rule could seat, and none for a role that no rule asks for", () => {
    const { roles } = policy.matrix;
    const people = standIns({
      ...policy.matrix,
      roles: { ...roles, auditor: { title: "Auditor", groups: ["auditors", "more"], judges: [] } },
    });
    expect(people.map(({ identity, name, groups }) => [identity.subject, name, groups])).toEqual([
      ["lead-data-scientist-1", "Lead data scientist 1", ["lead-data-scientists"]],
      ["lead-data-scientist-2", "Lead data scientist 2", ["lead-data-scientists"]],
      ["lead-data-scientist-3", "Lead data scientist 3", ["lead-data-scientists"]],
      ["compliance-officer-1", "Compliance officer 1", ["compliance-officers"]],
      ["compliance-officer-2", "Compliance officer 2", ["compliance-officers"]],
      ["compliance-officer-3", "Compliance officer 3", ["compliance-officers"]],
      ["sre-1", "Site reliability engineer 1", ["sre"]],
      ["sre-2", "Site reliability engineer 2", ["sre"]],
      ["sre-3", "Site reliability engineer 3", ["sre"]],
    ]);
    expect(people[0]).toMatchObject({ identity: { issuer: "urn:countersign:simulation" }, address: "", enabled: true });
  });

  it("hold one role each, in the first of its groups and of its issuers", () => {
    const issuers = ["https://one.example", "https://two.example"];
    const matrix = { ...policy.matrix, roles: { sre: { title: "SRE", groups: ["a", "b"], judges: [], issuers } } };
    expect(standIns(matrix)[0]).toMatchObject({ identity: { issuer: "https://one.example" }, groups: ["a"] });
  });
});
