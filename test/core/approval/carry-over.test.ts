import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asGivenHere, carryOver } from "../../../core/approval/carry-over.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { changedParts } from "../../../core/approval/judged-parts.ts";
import type { Judged, Matrix } from "../../../core/approval/matrix.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import {
  artifactRoles,
  evidenceKinds,
  type FreezeManifest,
  type FrozenArtifact,
} from "../../../core/promotion/freeze-manifest.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
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
