import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { assumedDecisions } from "../../../core/policy/assumed-decisions.ts";
import { standIns } from "../../../core/policy/stand-ins.ts";
import { parseRequestSketch } from "../../../core/promotion/request-sketch.ts";
import { codeOf } from "../refusal.ts";
import { everybody, person } from "./policy-texts.ts";
import { bytes, now, policy, request, simulated } from "./simulated.ts";

describe("simulating a request", () => {
  it("would pass with good evidence and somebody for every seat", () => {
    expect(simulated({}, ["ines@example.com", "Lars", "Mira"])).toMatchObject({
      outcome: "would-pass",
      why: [],
      rule: { number: 2, expiresAt: "2026-12-03T12:00:00.000Z" },
      gates: { outcome: "passed" },
      explanation: { status: "met" },
    });
  });

  it("waits for the stage that nobody signed yet, and seats each in their own", () => {
    const { outcome, why, explanation } = simulated({}, ["Ines"]);
    expect(outcome).toBe("would-wait");
    expect(why).toEqual([
      "Stage 'model and operations': Still needed: Lead data scientist, Site reliability engineer.",
    ]);
    expect(explanation?.children[0]?.status).toBe("met");
  });

  it("never says that somebody who did not sign would have", () => {
    const { explanation } = simulated();
    const text = JSON.stringify(explanation);
    expect(text).not.toContain('"filledBy"');
    expect(text).toContain('"couldBeFilledBy"');
  });

  it("does not count the approval of somebody with a hand in the candidate, and says so", () => {
    const { outcome, excluded, explanation } = simulated({}, ["Ines", "Lea", "Mira"]);
    expect(outcome).toBe("would-wait");
    expect(excluded).toEqual([{ name: "Lea", why: "trained the model" }]);
    expect(explanation?.children[1]?.dismissed).toMatchObject([
      { person: { name: "Lea" }, why: "trained the model, and so cannot approve it" },
    ]);
  });

  it("is blocked by a rejection", () => {
    expect(simulated({}, ["Ines"], ["Sam"])).toMatchObject({
      outcome: "would-be-blocked",
      why: ["It would be rejected by Sam."],
    });
  });

  it("is blocked by a gate, in the gate's own words", () => {
    const evidence = new Map([
      ...bytes,
      ["model-quality.json", utf8('{"metrics":{"accuracy":0.7,"auc":0.79}}')] as const,
    ]);
    expect(simulated({ evidence }, ["Ines", "Lars", "Mira"])).toMatchObject({
      outcome: "would-be-blocked",
      why: ["Accuracy is 0.7; at least 0.72 is required."],
    });
  });

  it("is blocked by evidence that states more than can be kept with a promotion, whatever else was not given", () => {
    const metrics = Object.fromEntries(Array.from({ length: 9000 }, (_, at) => [`recall of the class ${at}`, 0.5]));
    const many = utf8(JSON.stringify({ metrics: { accuracy: 0.8, auc: 0.79, ...metrics } }));
    const [tooMuch] = simulated({ evidence: new Map([...bytes, ["model-quality.json", many]]) }, ["Ines"]).why;
    expect(tooMuch).toMatch(
      /^The evidence states 90\d\d metrics, \d+ bytes with their names, and at most 200000 bytes/,
    );
    const { why } = simulated({ evidence: new Map([["model-quality.json", many]]) }, ["Ines"]);
    expect(why).toContain(tooMuch);
  });

  it("is neither passed nor blocked by evidence that was not given", () => {
    const evidence = new Map([...bytes].filter(([name]) => name !== "bias.json"));
    const { outcome, gates, why } = simulated({ evidence }, ["Ines", "Lars", "Mira"]);
    expect([outcome, gates?.outcome]).toEqual(["would-wait", "undecided"]);
    expect(why).toEqual(["The evidence was not given: 'bias.json'."]);
    expect(gates?.undecided).toContain("fairness.sex.DI");
    expect(simulated({ evidence: new Map() }, ["Ines", "Lars", "Mira"]).gates?.outcome).toBe("not-judged");
  });

  it("compares an update with nothing, and says that it did", () => {
    const { outcome, why } = simulated({ release: "update" }, ["Ines", "Lars", "Mira"]);
    expect(outcome).toBe("would-wait");
    expect(why).toEqual(["What runs now was not given, so the candidate was compared with nothing."]);
  });

  it("does not guess whether a model fits whose size nobody gave", () => {
    const sketch = parseRequestSketch({ ...request, artifacts: request.artifacts.map(({ size: _, ...rest }) => rest) });
    const { outcome, why } = simulated({ sketch }, ["Ines", "Lars", "Mira"]);
    expect(outcome).toBe("would-wait");
    expect(why).toEqual(["The size of an artifact was not given, so whether it fits its machine cannot be told."]);
  });

  it("is blocked where the request lacks a kind of evidence", () => {
    const sketch = parseRequestSketch({ ...request, evidence: request.evidence.filter(({ kind }) => kind !== "bias") });
    expect(simulated({ sketch }).why).toContain(
      "The gates of 'credit-scoring' need evidence that the request does not name: bias.",
    );
  });

  it("is blocked by an author whom nobody knows, and by a quorum that nobody can reach", () => {
    const sketch = parseRequestSketch({ ...request, lineage: { trainedBy: [{ address: "ghost@example.com" }] } });
    expect(simulated({ sketch }).why).toEqual([expect.stringContaining("matches nobody in the directory")]);
    const members = [...everybody.filter(({ name }) => name !== "Lars"), person("Zoe")];
    expect(simulated({ members }).why).toEqual([
      expect.stringContaining("Nobody is left for the seat 'Lead data scientist'"),
    ]);
  });

  it("names what does not exist: target, model type, pipeline", () => {
    const of = (change: object) => simulated({ sketch: parseRequestSketch({ ...request, ...change }) }).why;
    expect(of({ target: "moon" })).toEqual([
      "There is no target 'moon'; there is 'production', 'cluster', 'offers' and 'edge'.",
    ]);
    expect(of({ model: { ...request.model, name: "churn" } })).toEqual([
      "No pipeline of machines.yaml may submit the model 'churn'.",
    ]);
    expect(of({ model: { ...request.model, name: "churn-" } })).toEqual([
      "No pipeline of machines.yaml may submit the model 'churn-'.",
      "In the target 'production' it would be called 'churn-', and no name there begins or ends with a dash.",
    ]);
    expect(of({ model: { ...request.model, type: "churn" } })).toContain(
      "The model 'credit-scoring' is of the type 'credit-scoring' by the approval matrix, and cannot be submitted as 'churn'.",
    );
    const { classification: _, ...matrix } = policy.matrix;
    const sketch = parseRequestSketch({ ...request, model: { ...request.model, type: "churn" } });
    expect(simulated({ policy: { ...policy, matrix }, sketch }).why).toContain(
      "The approval matrix has no rule for the model type 'churn'; it knows 'credit-scoring' and 'recommendation'.",
    );
  });

  it("waits for the end of a freeze window", () => {
    const window = {
      name: "year's end",
      zone: "UTC",
      when: { from: "2026-11-01T00:00:00.000Z" as Instant, until: "2026-12-01T00:00:00.000Z" as Instant },
      exceptions: [],
    };
    const frozen = { ...policy, matrix: { ...policy.matrix, freezeWindows: [window] } };
    expect(simulated({ policy: frozen }, ["Ines", "Lars", "Mira"])).toMatchObject({
      outcome: "would-wait",
      why: ["Changes are frozen ('year's end') until 2026-12-01T00:00:00.000Z."],
    });
    const longer = { ...window, when: { ...window.when, until: "2027-01-10T00:00:00.000Z" as Instant } };
    const over = { ...policy, matrix: { ...policy.matrix, freezeWindows: [longer] } };
    const { why, rule } = simulated({ policy: over }, ["Ines", "Lars", "Mira"]);
    expect(why).toEqual([
      `Changes are frozen ('year's end') until 2027-01-10T00:00:00.000Z. Its own time is over before that, at ${rule?.expiresAt}.`,
    ]);
  });

  it("lets stand-ins hold the roles where there is no directory, and says what that leaves out", () => {
    const members = standIns(policy.matrix);
    const { outcome, notes } = simulated({ members, standIns: true }, [
      "compliance-officer-1",
      "lead-data-scientist-2",
      "sre-1",
    ]);
    expect(outcome).toBe("would-pass");
    expect(notes).toContain(
      "No directory was given, so who may not sign because of a hand in the candidate was not looked at.",
    );
  });
});

describe("assuming that somebody signs", () => {
  const assume = (person: string, roles?: readonly string[]) => () =>
    assumedDecisions(
      [{ person, ...(roles === undefined ? {} : { roles }), result: "approve" }],
      policy.matrix.roles,
      everybody,
      now,
    );

  it("refuses people whom nobody knows, and roles that they do not hold", () => {
    expect(codeOf(assume("Nobody"))).toEqual({
      code: "invalid-person",
      sentence: "Nobody in the directory is called 'Nobody'.",
    });
    expect(codeOf(assume("Ines", ["sre"]))).toEqual({
      code: "invalid-person",
      sentence: "Ines does not hold the role 'Site reliability engineer'.",
    });
    expect(codeOf(assume("Ines", ["king"]))).toEqual({
      code: "invalid-person",
      sentence:
        "There is no role 'king'; there is 'lead-data-scientist', 'compliance-officer', 'sre', 'incident-commander' and 'operator'.",
    });
  });

  it("takes them to sign in the roles that are named, or in all that they hold", () => {
    const ines = {
      reviewer: { issuer: "https://login.example", subject: "ines" },
      reviewerName: "Ines",
      groups: ["compliance-officers"],
      ...{ result: "approve", reason: "assumed", at: now },
    };
    expect(assume("Ines")()).toEqual([ines]);
    expect(assume("Ines", ["compliance-officer"])()).toEqual([{ ...ines, roles: ["compliance-officer"] }]);
  });
});
