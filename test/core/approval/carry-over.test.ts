import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asGivenHere, carryOver } from "../../../core/approval/carry-over.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { changedParts, partsAskedOtherwise, partsJudgedBeside } from "../../../core/approval/judged-parts.ts";
import type { Judged, Matrix } from "../../../core/approval/matrix.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import {
  approvalInput,
  delegation,
  identity,
  inPlace,
  member,
  now,
  one,
  roles,
  signOff,
  stage,
} from "./people-and-votes.ts";
import {
  both,
  type Case,
  carried,
  changing,
  clara,
  dora,
  full,
  names,
  people,
  requirements,
  sam,
  whyOf,
} from "./superseded-candidate.ts";

describe("what of a candidate has changed", () => {
  it.each<[string, readonly Judged[]]>([
    ["model", ["model"]],
    ["environment", ["model", "infrastructure"]],
    ["training-data", ["data"]],
    ["infrastructure", ["infrastructure"]],
    ["iac-plan.json", ["infrastructure"]],
    ["shadow-run.json", ["model"]],
    ["bias.json", ["model", "data"]],
    ["data-validation.json", ["data"]],
    ["security-scan.json", ["model", "infrastructure"]],
  ])("with %s is %j", (name, parts) => {
    expect(changedParts(full, changing(name))).toEqual(parts);
  });

  it("is something for every file there can be, for another version and for another target", () => {
    for (const { name } of [...full.artifacts, ...full.evidence])
      expect(changedParts(full, changing(name))).not.toEqual([]);
    expect(changedParts(full, { ...full, model: { ...full.model, version: "9.9.9" } })).toEqual(["model"]);
    expect(changedParts(full, { ...full, target: { ...full.target, endpoint: "another" } })).toEqual([
      "infrastructure",
    ]);
    expect(changedParts(full, { ...full, evidence: full.evidence.slice(1) })).toEqual(["model"]);
    expect(changedParts(full, { ...full, classification: { riskTier: "high" } })).toEqual([
      "model",
      "data",
      "infrastructure",
    ]);
    expect(changedParts(full, { ...full, artifacts: full.artifacts.toReversed() })).toEqual([]);
  });
});

describe("sign-offs of a superseded promotion", () => {
  it("are kept where the role judges only what is the same", () => {
    const outcome = carried();
    expect(outcome.kept).toEqual([
      { signOff: clara, stage: 0, roles: ["compliance"], review: 1 },
      { signOff: dora, stage: 1, roles: ["data"], review: 1 },
    ]);
    expect(whyOf("sam", outcome)).toBe("signed as 'SRE', which judges what has changed: 'infrastructure'");
  });

  it("fall with a drift in the shadow run where the role judges the model", () => {
    const outcome = carried({ manifest: changing("shadow-run.json") });
    expect(names(outcome)).toEqual(["clara", "sam"]);
    expect(whyOf("dora", outcome)).toBe("signed as 'Lead data scientist', which judges what has changed: 'model'");
  });

  it("fall at the very instant at which they are too old", () => {
    const seconds = (msOfInstant(now) - msOfInstant(clara.recordedAt)) / 1000;
    const of = (carryOverSeconds: number) =>
      carried({ newer: { rule: { ...both, carryOverSeconds } }, signOffs: [clara] });
    expect(names(of(seconds))).toEqual([]);
    expect(names(of(seconds + 1))).toEqual(["clara"]);
  });

  it("fall where they were given in another person's place: whether that would be for this candidate nobody was asked", () => {
    const given = delegation("dora", "emil", "data");
    const emil = inPlace(given, 2, { stage: 1 });
    const outcome = carried({
      signOffs: [clara, emil],
      given: { delegations: [given], members: [...people, member("emil")] },
    });
    expect(names(outcome)).toEqual(["clara"]);
    expect(whyOf("emil", outcome)).toBe("signed for an earlier candidate in another person's place");
  });

  it("fall where the role judges the model, and what the newer one comes to in shadow is not known yet", () => {
    const shadow = { durationSeconds: 3600, requests: 10, withinSeconds: 7200, agreement: 0.9 };
    const rule = { ...both, shadow };
    const outcome = carried({ older: { rule }, newer: { rule } });
    expect(names(outcome)).toEqual(["clara"]);
    expect(whyOf("dora", outcome)).toBe(
      "signed as 'Lead data scientist', which judges the model, and the newer one runs in shadow yet",
    );
  });

  it("count where they were given under conditions that may be set in the same way", () => {
    const asked = { ...dora, conditions: { forSeconds: 60, errorPercent: 1 } };
    expect(names(carried({ signOffs: [asked] }))).toEqual(["dora"]);
  });

  it("say of each role why it does not count", () => {
    const zed = signOff("zed", ["a", "sre"], 4, { stage: 1 });
    const outcome = carried({ signOffs: [zed], given: { members: [...people, member("zed", "a", "sre")] } });
    expect(whyOf("zed", outcome)).toBe(
      "signed for a stage that is asked for otherwise now, signed as 'SRE', which judges what has changed: 'infrastructure'",
    );
  });

  const withRole = (name: string, more: object): Partial<Requirements> => ({
    roles: { ...roles, [name]: { ...(roles[name] ?? expect.unreachable()), ...more } } as Matrix["roles"],
  });
  const { carryOverSeconds: _, ...without } = both;
  it.each<[string, Case, string]>([
    ["the rule keeps none", { newer: { rule: without } }, "signed for an earlier candidate"],
    [
      "it is too old",
      { newer: { rule: { ...both, carryOverSeconds: 3600 } } },
      "signed for an earlier candidate, longer ago than 1h",
    ],
    [
      "the stage asks otherwise",
      { newer: { rule: { ...both, stages: [stage("first", one("compliance"))] } } },
      "signed for a stage that is asked for otherwise now",
    ],
    [
      "the stage is gone",
      { newer: { rule: { ...both, stages: both.stages.slice(1) } } },
      "signed for a stage that is asked for otherwise now",
    ],
    [
      "the role has other groups",
      { newer: withRole("compliance", { groups: ["compliances", "others"] }) },
      "signed as 'Compliance officer', which is another role now",
    ],
    [
      "the gates ask for more",
      { newer: { gates: { wasm: digestOf("wasm"), thresholds: { auc: 1 } } } },
      "signed as 'Compliance officer', which judges what the gates ask something else of now: 'data'",
    ],
    [
      "the gates are others",
      { newer: { gates: { wasm: digestOf("other"), thresholds: null } } },
      "signed under other gates",
    ],
    [
      "it was given for another target",
      { manifest: { ...full, target: { ...full.target, name: "staging" } } },
      "signed for another model or target",
    ],
    [
      "it was given for another model",
      { manifest: { ...full, model: { ...full.model, name: "another" } } },
      "signed for another model or target",
    ],
    [
      "the person has left the group",
      { given: { members: [member("clara"), ...people.slice(1)] } },
      "no longer holds the role 'Compliance officer'",
    ],
    [
      "the account is disabled",
      { given: { members: [{ ...member("clara", "compliance"), enabled: false }] } },
      "has a disabled account",
    ],
    [
      "the person had a hand in the newer candidate",
      { given: { excluded: new Map([[identityKey(identity("clara")), "wrote the infrastructure"]]) } },
      "wrote the infrastructure, and so cannot approve it",
    ],
  ])("fall where %s", (_name, change, why) => {
    const outcome = carried(change);
    expect(whyOf("clara", outcome)).toBe(why);
    expect(names(outcome)).not.toContain("clara");
  });

  it("fall where the role judges nothing in particular", () => {
    const al = signOff("al", ["a"], 1);
    expect(whyOf("al", carried({ signOffs: [al] }))).toBe("signed as 'A', which judges the whole candidate");
  });

  it("are the decisions that stood: none that was taken back, rejected, of an earlier review or already invalid", () => {
    const withdrawn = signOff("clara", ["compliance"], 5, { result: "withdraw" });
    expect(names(carried({ signOffs: [clara, withdrawn] }))).toEqual([]);
    expect(names(carried({ signOffs: [{ ...clara, review: 2 }] }))).toEqual([]);
    const invalid = { review: 1, invalidated: [{ signOff: clara.id, why: "x" }] };
    const { kept } = carryOver(
      { manifest: full, requirements, promotion: invalid },
      { manifest: full, requirements, review: 1 },
      { signOffs: [clara], members: people, objectors: people, people: [], excluded: new Map(), now },
    );
    expect(kept).toEqual([]);
  });

  it("fall where somebody's rejection of the earlier candidate stands, in whatever stage", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const };
    const outcome = carried({ signOffs: [clara, dora, no] });
    expect(names(outcome)).toEqual([]);
    expect(whyOf("clara", outcome)).toBe("signed for an earlier candidate, which sam rejected");
    const withdrawn = { ...no, id: digestOf("withdrawn"), result: "withdraw" as const, recordedAt: addSeconds(now, 9) };
    expect(names(carried({ signOffs: [clara, dora, no, withdrawn] }))).toEqual(["clara", "dora"]);
  });

  it("count in the newer promotion's stage until their author says otherwise, and in no later review", () => {
    const { kept } = carried();
    const signOffs = asGivenHere(kept);
    const input = approvalInput({ rule: both, members: people, signOffs });
    expect(evaluateApproval(input).outcome).toMatchObject({ kind: "open", missing: ["a"] });
    const no = signOff("clara", ["compliance"], 60, { result: "reject", reason: "Not this one." });
    expect(evaluateApproval({ ...input, signOffs: [...signOffs, no] }).outcome.kind).toBe("rejected");
    expect(evaluateApproval({ ...input, review: 2 }).outcome).toMatchObject({ missing: ["compliance", "a"] });
  });

  it("never fill more seats than the people who gave them, and none that judges what changed", () => {
    const given = fc.uniqueArray(fc.constantFrom(clara, dora, sam), { selector: ({ id }) => id });
    fc.assert(
      fc.property(given, fc.constantFrom(...full.artifacts, ...full.evidence), (signOffs, { name }) => {
        const manifest = changing(name);
        const changed = changedParts(full, manifest);
        const { kept, fallen } = carried({ signOffs, manifest });
        expect(kept.length + fallen.length).toBe(signOffs.length);
        for (const { roles: named } of kept)
          for (const role of named) expect(roles[role]?.judges.some((part) => changed.includes(part))).toBe(false);
      }),
    );
  });
});

describe("what the gates ask something else of", () => {
  const asks = {
    artifacts: ["model"],
    evidence: ["model-quality"],
    quality: { auc: { min: 0.7 } },
    measures: { "unit-tests": { failed: { max: 0 } }, toxicity: { score: { max: 0.1 } } },
    security: { critical: 0 },
  };
  const wasm = digestOf("wasm");
  it.each<[string, object, readonly Judged[]]>([
    ["a metric", { quality: { auc: { min: 0.8 } } }, ["model"]],
    ["a facet", { fairness: { sex: { DI: { min: 0.8 } } } }, ["model", "data"]],
    ["rows that break the schema", { data: { maximumViolations: 1, allowedPii: [] } }, ["data"]],
    ["a scan", { security: { critical: 1 } }, ["model", "infrastructure"]],
    ["the plan", { infrastructure: { deletions: 0 } }, ["infrastructure"]],
    ["a model card", { modelCard: { sections: ["limits"] } }, ["model", "data"]],
    ["the machine", { capacity: { sizeFactor: 2, reserveGib: 1, declared: false } }, ["model", "infrastructure"]],
    ["the champion", { champion: { quality: {}, fairness: {}, releases: 1 } }, ["model", "data"]],
    ["another measure", { measures: { ...asks.measures, toxicity: { score: { max: 0.2 } } } }, ["model"]],
    ["a measure of the data", { measures: { ...asks.measures, "data-validation": { failed: { max: 0 } } } }, ["data"]],
    ["another artifact", { artifacts: ["model", "infrastructure"] }, ["infrastructure"]],
    ["less evidence", { evidence: ["model-quality", "iac-plan"] }, ["infrastructure"]],
    ["the rule's own target", { target: "production" }, []],
    [
      "something to be tried",
      { dryRun: [{ rule: "quality", until: "2027-01-01T00:00:00.000Z" }] },
      ["model", "data", "infrastructure"],
    ],
    ["what nobody knows here", { later: 1 }, ["model", "data", "infrastructure"]],
    ["what every object is called", { constructor: 1 }, ["model", "data", "infrastructure"]],
    [
      "evidence of a kind that nobody knows here",
      { evidence: ["model-quality", "constructor"] },
      ["model", "data", "infrastructure"],
    ],
  ])("with %s is %j", (_, change, parts) => {
    const [was, is] = [
      { wasm, thresholds: asks },
      { wasm, thresholds: { ...asks, ...change } as never },
    ];
    expect(partsAskedOtherwise(was, is)).toEqual(parts);
    expect(partsAskedOtherwise(is, was)).toEqual(parts);
    expect(partsAskedOtherwise(is, is)).toEqual([]);
  });

  it("is everything with other compiled rules, and where thresholds come or go", () => {
    const all = ["model", "data", "infrastructure"];
    expect(partsAskedOtherwise({ wasm, thresholds: asks }, { wasm: digestOf("x"), thresholds: asks })).toEqual(all);
    expect(partsAskedOtherwise({ wasm, thresholds: asks }, { wasm, thresholds: null })).toEqual(all);
  });

  it("tells what was compared with other documents", () => {
    const beside = (name: string, content: string) => new Map([[name, digestOf(content)]]);
    const releases = beside("earlier-releases.json", "a");
    expect(partsJudgedBeside(releases, releases)).toEqual([]);
    expect(partsJudgedBeside(releases, beside("earlier-releases.json", "b"))).toEqual(["model", "data"]);
    expect(partsJudgedBeside(new Map(), beside("_shadow-run.json", "a"))).toEqual(["model"]);
    expect(partsJudgedBeside(beside("later.json", "a"), new Map())).toEqual(["model", "data", "infrastructure"]);
  });
});
