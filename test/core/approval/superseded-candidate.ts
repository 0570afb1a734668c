import { carryOver } from "../../../core/approval/carry-over.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import {
  artifactRoles,
  evidenceKinds,
  type FreezeManifest,
  type FrozenArtifact,
} from "../../../core/promotion/freeze-manifest.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { digestOf, manifest as frozen } from "../promotion/promotion-in-review.ts";
import { member, now, one, roles, rule, signOff, stage } from "./people-and-votes.ts";

export const file = (name: string, content: string) => ({
  name,
  mediaType: "application/json",
  size: 1,
  sha256: digestOf(content),
});
export const full: FreezeManifest = {
  ...frozen,
  artifacts: artifactRoles.map((role): FrozenArtifact => ({ role, ...file(role, role) })),
  evidence: evidenceKinds.map((kind) => ({ kind, format: "plain", ...file(`${kind}.json`, kind) })),
};
/** The manifest with one file changed. */
export function changing(name: string): FreezeManifest {
  const changed = <File extends { readonly name: string }>(each: File): File =>
    each.name === name ? { ...each, sha256: digestOf("changed") } : each;
  return { ...full, artifacts: full.artifacts.map(changed), evidence: full.evidence.map(changed) };
}

export const both = {
  ...rule(stage("first", { all: [one("compliance"), one("a")] }), stage("second", { all: [one("data"), one("sre")] })),
  carryOverSeconds: 86_400,
};
export const requirements: Requirements = {
  requirementsVersion: 1,
  rule: both,
  roles,
  gates: { wasm: digestOf("wasm"), thresholds: null },
};
export const clara = signOff("clara", ["compliance"], 1);
export const dora = signOff("dora", ["data"], 2, { stage: 1 });
export const sam = signOff("sam", ["sre"], 3, { stage: 1 });
export const people = [member("clara", "compliance"), member("dora", "data"), member("sam", "sre"), member("al", "a")];

export interface Case {
  readonly older?: Partial<Requirements>;
  readonly newer?: Partial<Requirements>;
  readonly manifest?: FreezeManifest;
  readonly signOffs?: readonly SignOff[];
  readonly given?: Partial<Parameters<typeof carryOver>[2]>;
}

export function carried({
  older,
  newer,
  manifest = changing("iac-plan.json"),
  signOffs = [clara, dora, sam],
  given,
}: Case = {}) {
  return carryOver(
    { manifest: full, requirements: { ...requirements, ...older }, promotion: { review: 1, invalidated: [] } },
    { manifest, requirements: { ...requirements, ...newer }, review: 1 },
    { signOffs, members: people, objectors: people, people: [], excluded: new Map(), now, ...given },
  );
}
export const names = ({ kept }: ReturnType<typeof carried>) => kept.map((each) => each.signOff.reviewerName);
export const whyOf = (name: string, { fallen }: ReturnType<typeof carried>) =>
  fallen.find((each) => each.signOff.reviewerName === name)?.why;
