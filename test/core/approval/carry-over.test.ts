import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asGivenHere,
  asTheyCount,
  carryOver,
  type JudgedCandidate,
  keepInReview,
} from "../../../core/approval/carry-over.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { Explanation } from "../../../core/approval/explanation.ts";
import { changedParts, partsAskedOtherwise, partsJudgedBeside } from "../../../core/approval/judged-parts.ts";
import type { Judged, Matrix } from "../../../core/approval/matrix.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import {
  artifactRoles,
  evidenceKinds,
  type FreezeManifest,
  type FrozenArtifact,
} from "../../../core/promotion/freeze-manifest.ts";
import { type Identity, identityKey } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { digestOf, manifest as frozen } from "../promotion/promotion-in-review.ts";
import { approvalInput, identity, member, now, one, roles, rule, signOff, stage } from "./people-and-votes.ts";

const file = (name: string, content: string) => ({
  name,
  mediaType: "application/json",
  size: 1,
  sha256: digestOf(content),
});
const full: FreezeManifest = {
  ...frozen,
  artifacts: artifactRoles.map((role): FrozenArtifact => ({ role, ...file(role, role) })),
  evidence: evidenceKinds.map((kind) => ({ kind, format: "plain", ...file(`${kind}.json`, kind) })),
};
/** The manifest with one file changed. */
function changing(name: string): FreezeManifest {
  const changed = <File extends { readonly name: string }>(each: File): File =>
    each.name === name ? { ...each, sha256: digestOf("changed") } : each;
  return { ...full, artifacts: full.artifacts.map(changed), evidence: full.evidence.map(changed) };
}

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
    expect(changedParts(full, { ...full, artifacts: full.artifacts.toReversed() })).toEqual([]);
  });
});

const both = {
  ...rule(stage("first", { all: [one("compliance"), one("a")] }), stage("second", { all: [one("data"), one("sre")] })),
  carryOverSeconds: 86_400,
};
const requirements: Requirements = {
  requirementsVersion: 1,
  rule: both,
  roles,
  gates: { wasm: digestOf("wasm"), thresholds: null },
};
const clara = signOff("clara", ["compliance"], 1);
const dora = signOff("dora", ["data"], 2, { stage: 1 });
const sam = signOff("sam", ["sre"], 3, { stage: 1 });
const people = [member("clara", "compliance"), member("dora", "data"), member("sam", "sre"), member("al", "a")];

interface Case {
  readonly older?: Partial<Requirements>;
  readonly newer?: Partial<Requirements>;
  readonly manifest?: FreezeManifest;
  readonly signOffs?: readonly SignOff[];
  readonly given?: Partial<Parameters<typeof carryOver>[2]>;
}

function carried({
  older,
  newer,
  manifest = changing("iac-plan.json"),
  signOffs = [clara, dora, sam],
  given,
}: Case = {}) {
  return carryOver(
    { manifest: full, requirements: { ...requirements, ...older }, promotion: { review: 1, invalidated: [] } },
    { manifest, requirements: { ...requirements, ...newer }, review: 1 },
    { signOffs, members: people, people: [], excluded: new Map(), now, ...given },
  );
}
const names = ({ kept }: ReturnType<typeof carried>) => kept.map((each) => each.signOff.reviewerName);
const whyOf = (name: string, { fallen }: ReturnType<typeof carried>) =>
  fallen.find((each) => each.signOff.reviewerName === name)?.why;

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
      { signOffs: [clara], members: people, people: [], excluded: new Map(), now },
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

describe("sign-offs of a promotion that is judged anew", () => {
  const again = (over: Partial<JudgedCandidate>, signOffs = [clara, dora, sam], more: object = {}) =>
    keepInReview(
      { manifest: full, requirements: without, promotion: { review: 1, invalidated: [], ...more } },
      { manifest: full, requirements: without, review: 2, ...over },
      { signOffs, members: people, people: [], excluded: new Map() },
    );
  const { carryOverSeconds: _, ...ruleWithout } = both;
  const without = {
    ...requirements,
    rule: ruleWithout,
    gates: { wasm: digestOf("wasm"), thresholds: { quality: {} } },
  };
  const gates = (thresholds: object): Partial<JudgedCandidate> => ({
    requirements: { ...without, gates: { ...without.gates, thresholds: { quality: {}, ...thresholds } as never } },
  });

  it("are kept in the next review, however old, where the gates ask the same of what the role judges", () => {
    const outcome = again(gates({ infrastructure: { deletions: 0 } }));
    expect(outcome.kept).toEqual([
      { signOff: clara, stage: 0, roles: ["compliance"], review: 2 },
      { signOff: dora, stage: 1, roles: ["data"], review: 2 },
    ]);
    expect(whyOf("sam", outcome)).toBe(
      "signed as 'SRE', which judges what the gates ask something else of now: 'infrastructure'",
    );
  });

  it("fall where the model is compared with another champion, or went otherwise in a shadow run", () => {
    const outcome = again({ beside: new Map([["_shadow-run.json", digestOf("drifted")]]) });
    expect(names(outcome)).toEqual(["clara", "sam"]);
    expect(whyOf("dora", outcome)).toBe(
      "signed as 'Lead data scientist', which judges what is compared with something else now: 'model'",
    );
  });

  it("fall with a stage that is asked for otherwise, all of it, and with nothing else", () => {
    const stages = [both.stages[0] ?? expect.unreachable(), stage("second", { all: [one("data"), one("sre", 2)] })];
    const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, stages } } });
    expect(names(outcome)).toEqual(["clara"]);
    expect(whyOf("dora", outcome)).toBe("signed for a stage that is asked for otherwise now");
  });

  it("fall where they were given under conditions that are ruled otherwise now", () => {
    const asked = { ...dora, conditions: { forSeconds: 60, errorPercent: 1 } };
    const rule = { ...ruleWithout, conditions: "forbidden" as const };
    const outcome = again({ requirements: { ...without, rule } }, [clara, asked]);
    expect(whyOf("dora", outcome)).toBe("signed under conditions, and which may be set is ruled otherwise now");
    expect(names(outcome)).toEqual(["clara"]);
  });

  it("fall where somebody signed because the stage had waited: it begins again", () => {
    const escalation = { afterSeconds: 60, to: "a" };
    const requirementsWith = { ...without, rule: { ...ruleWithout, escalation } };
    const al = signOff("al", ["a"], 4, { stage: 1 });
    const outcome = keepInReview(
      { manifest: full, requirements: requirementsWith, promotion: { review: 1, invalidated: [] } },
      { manifest: full, requirements: requirementsWith, review: 2 },
      { signOffs: [al], members: people, people: [], excluded: new Map() },
    );
    expect(whyOf("al", outcome)).toBe("signed as 'A' since the stage had waited so long, and it begins again");
  });

  it("that were kept once are kept again as they were given, and those of an earlier candidate are not", () => {
    const [other] = [{ ...dora, id: digestOf("other"), reviewer: identity("dora") }];
    const carried = [
      { signOff: { ...clara, review: 0 }, stage: 0, roles: ["compliance"], review: 1 },
      { signOff: other, stage: 1, roles: ["data"], review: 1 },
    ];
    const outcome = again({}, [{ ...clara, review: 0 }], { carried });
    expect(outcome.kept).toEqual([{ ...carried[0], review: 2 }]);
    expect(whyOf("dora", outcome)).toBe("signed for an earlier candidate, and that is kept once");
  });

  it.each([
    [{ shadow: { requests: 500 } }, ["clara", "sam"]],
    [{ somethingNew: true }, []],
    [{ expiresAfterSeconds: 60, carryOverSeconds: 60, onIntruder: "take-back" }, ["clara", "dora", "sam"]],
  ])("fall where the rule has what they judge looked at in another way: %o", (more, kept) => {
    const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, ...more } as Requirements["rule"] } });
    expect(names(outcome)).toEqual(kept);
  });

  it("that reject it stand on, whatever changed and whoever gave them, unless they were taken back", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const };
    const stricter = gates({ infrastructure: { deletions: 0 } });
    expect(again(stricter, [clara, no]).kept).toEqual([
      { signOff: clara, stage: 0, roles: ["compliance"], review: 2 },
      { signOff: no, stage: no.stage, roles: no.roles, review: 2 },
    ]);
    const withdrawn = { ...no, id: digestOf("withdrawn"), result: "withdraw" as const, recordedAt: addSeconds(now, 9) };
    expect(again(stricter, [no, withdrawn]).kept).toEqual([]);
    expect(again(stricter, [no], { invalidated: [{ signOff: no.id, why: "fell" }] }).kept).toEqual([]);
  });

  it("that reject it in a stage that is gone, or goes by another name, stand in the first one", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const };
    const [first, second] = [both.stages[0], both.stages[1]];
    if (first === undefined || second === undefined) return expect.unreachable();
    for (const stages of [[first], [first, { ...second, name: "renamed" }]]) {
      const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, stages } } }, [clara, no]);
      expect(outcome.kept).toEqual([
        { signOff: clara, stage: 0, roles: ["compliance"], review: 2 },
        { signOff: no, stage: 0, roles: no.roles, review: 2 },
      ]);
      expect(outcome.moved).toEqual([{ signOff: no.id, from: second.name, to: first.name }]);
    }
  });

  it("that reject it where they stand now outlive what the same person had approved there, whichever came first", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const, reviewer: clara.reviewer };
    const rule = { ...ruleWithout, stages: both.stages.slice(0, 1) };
    for (const recordedAt of [addSeconds(now, -9), addSeconds(clara.recordedAt, -9)]) {
      const outcome = again({ requirements: { ...without, rule } }, [clara, { ...no, recordedAt }]);
      expect(outcome.kept.map(({ signOff }) => signOff.id)).toEqual([no.id]);
      expect(whyOf("clara", outcome)).toBe("rejected it in a stage that is gone, and that stands in this one");
    }
  });

  it("count once: where they are kept, and no more where they were given", () => {
    const carried = [{ signOff: clara, stage: 1, roles: ["compliance"], review: 2 }];
    expect(asTheyCount([clara, dora], carried)).toEqual([dora, { ...clara, stage: 1, review: 2 }]);
    expect(asTheyCount([clara], [])).toEqual([clara]);
  });

  const change = fc.record({
    gates: fc.constantFrom(
      {},
      { quality: { auc: { min: 0.9 } } },
      { data: { maximumViolations: 1, allowedPii: [] } },
      { infrastructure: { deletions: 0 } },
      { unknown: 1 },
    ),
    beside: fc.constantFrom<readonly (readonly [string, string])[]>(
      [],
      [["shadow-run.json", "x"]],
      [["earlier-releases.json", "x"]],
    ),
    file: fc.constantFrom(undefined, ...full.artifacts, ...full.evidence),
    stages: fc.constantFrom(both.stages, both.stages.toReversed(), both.stages.slice(1)),
  });
  const twice = signOff("clara", ["compliance", "data"], 9, { stage: 1 });
  const given = fc.uniqueArray(fc.constantFrom(clara, dora, sam, twice), { selector: ({ id }) => id });

  it("are kept only where nothing that the role judges differs, whatever changed, and nobody fills two seats then", () => {
    fc.assert(
      fc.property(given, change, (signOffs, { gates: thresholds, beside, file: other, stages }) => {
        const manifest = other === undefined ? full : changing(other.name);
        const next = {
          ...without,
          rule: { ...ruleWithout, stages },
          gates: { ...without.gates, thresholds: { quality: {}, ...thresholds } as never },
        };
        const documents = new Map(beside.map(([name, content]) => [name, digestOf(content)] as const));
        const outcome = again({ manifest, requirements: next, beside: documents }, signOffs);
        const changed = [
          ...changedParts(full, manifest),
          ...partsAskedOtherwise(without.gates, next.gates),
          ...partsJudgedBeside(new Map(), documents),
        ];
        for (const { signOff: kept, roles: named, stage: index } of outcome.kept) {
          expect(stages[index]).toEqual(both.stages[kept.stage]);
          for (const role of named) {
            expect(kept.roles).toContain(role);
            expect(roles[role]?.judges.some((part) => changed.includes(part))).toBe(false);
          }
        }
        expect(outcome.kept.length + outcome.fallen.length).toBe(signOffs.length);
        const { explanation } = evaluateApproval(
          approvalInput({
            rule: next.rule,
            members: people,
            review: 2,
            signOffs: asTheyCount(signOffs, outcome.kept),
            invalidated: new Map(outcome.fallen.map(({ signOff: { id }, why }) => [id, why])),
          }),
        );
        const filled = seatsIn(explanation).map(identityKey);
        expect(new Set(filled).size).toBe(filled.length);
      }),
    );
  });
});

function seatsIn({ seats = [], children }: Explanation): readonly Identity[] {
  return [
    ...seats.flatMap(({ filledBy }) => (filledBy === undefined ? [] : [filledBy.identity])),
    ...children.flatMap(seatsIn),
  ];
}
