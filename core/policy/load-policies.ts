import { loadMachines, type Machine } from "../approval/loading/load-machines.ts";
import { loadMatrix } from "../approval/loading/load-matrix.ts";
import { loadPeople } from "../approval/loading/load-people.ts";
import { loadTargets, type Targets } from "../approval/loading/load-targets.ts";
import { type Matrix, policyModelType } from "../approval/matrix.ts";
import type { Person } from "../approval/people.ts";
import { everyGroup } from "../approval/promotion-approval.ts";
import type { GatePolicy } from "../approval/requirements.ts";
import type { Json } from "../encoding/canonical-json.ts";
import { describeProblems, type Loaded, type Reading, requireLoaded } from "../encoding/policy-file.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { loadInstanceTypes, machineOf, withMachine } from "../gates/load-instance-types.ts";
import { loadThresholds } from "../gates/load-thresholds.ts";
import { type GateThresholds, type Thresholds, thresholdsFor } from "../gates/thresholds.ts";
import type { EvidenceKind } from "../promotion/freeze-manifest.ts";
import {
  type ArchivedBundle,
  type BundledText,
  bundleDigest,
  type PersonalText,
  type PolicyBundle,
} from "./policy-bundle.ts";
import { policyThresholds } from "./policy-check-document.ts";

/** A version of the policies, read and checked. */
export interface Policies {
  /** By which it is known. */
  readonly digest: Sha256;
  readonly bundle: PolicyBundle;
  readonly matrix: Matrix;
  readonly people: readonly Person[];
  readonly targets: Targets;
  readonly machines: readonly Machine[];
  readonly thresholds: (modelType: string, target: string) => GateThresholds | undefined;
  readonly requiredEvidence: (modelType: string, target: string) => readonly EvidenceKind[];
  readonly gatePolicy: (modelType: string, target: string) => GatePolicy;
  /** The groups that give some role. */
  readonly groups: readonly string[];
  readonly wasm: Uint8Array;
  readonly wasmDigest: Sha256;
}

/** A version as it was archived: who is whom is not told where that was left out. */
export type ArchivedPolicies = Omit<Policies, "digest" | "bundle" | "people"> & {
  readonly bundle: ArchivedBundle;
  readonly people: readonly Person[] | undefined;
};

/** Reads a version of the policies that is to come in force. Throws `invalid-policy` with the file and the line. */
export function loadPolicies(bundle: PolicyBundle): Policies {
  return loadWhole(bundle, "new");
}

/** The same of the version in force, which rules that came later do not refuse. */
export function loadInForce(bundle: PolicyBundle): Policies {
  return loadWhole(bundle, "in-force");
}

/** The same of an archived one, which may also name a time zone that this runtime's database does not have. */
export function loadArchived(bundle: ArchivedBundle): ArchivedPolicies {
  return load(bundle, "archived");
}

/**
 * Why a version that was taken would be refused if it came today: by rules that came later. Nothing is told of people.yaml, whose
 * lines are about people.
 */
export function refusedIfNew({ texts }: ArchivedBundle): readonly string[] {
  const problems = (name: Exclude<BundledText, PersonalText>, loaded: Loaded<unknown>) =>
    loaded.kind === "loaded" ? [] : loaded.problems.map((problem) => describeProblems(name, [problem]));
  return [
    ...problems("matrix.yaml", loadMatrix(texts["matrix.yaml"])),
    ...problems("thresholds.yaml", loadThresholds(texts["thresholds.yaml"])),
    ...problems("targets.yaml", loadTargets(texts["targets.yaml"])),
    ...problems("machines.yaml", loadMachines(texts["machines.yaml"])),
    ...problems("instance-types.yaml", loadInstanceTypes(texts["instance-types.yaml"])),
  ];
}

function loadWhole(bundle: PolicyBundle, reading: Reading): Policies {
  const people = requireLoaded("people.yaml", loadPeople(bundle.texts["people.yaml"], reading));
  return { ...load(bundle, reading), digest: bundleDigest(bundle), bundle, people };
}

function load(bundle: ArchivedBundle, reading: Reading): ArchivedPolicies {
  const read = <Value>(
    name: Exclude<BundledText, PersonalText>,
    loads: (text: string, reading: Reading) => Loaded<Value>,
  ) => requireLoaded(name, loads(bundle.texts[name], reading));
  const people = bundle.texts["people.yaml"];
  const matrix = read("matrix.yaml", loadMatrix);
  const thresholds: Thresholds = read("thresholds.yaml", loadThresholds);
  const { wasm } = bundle;
  const wasmDigest = sha256Hex(wasm);
  const targets = read("targets.yaml", loadTargets);
  const instanceTypes = read("instance-types.yaml", loadInstanceTypes);
  // The same object for the same question: the engine tells by it whether it has these thresholds already.
  const known = new Map<string, GateThresholds | undefined>();
  const rulesFor = (modelType: string, target: string) => {
    const key = `${modelType} ${target}`;
    if (modelType === policyModelType) return policyThresholds;
    if (!known.has(key)) {
      const rule = Object.hasOwn(targets, target) ? targets[target] : undefined;
      known.set(key, withMachine(thresholdsFor(thresholds, modelType, target), machineOf(rule, instanceTypes)));
    }
    return known.get(key);
  };
  return {
    bundle,
    matrix,
    people: people === undefined ? undefined : requireLoaded("people.yaml", loadPeople(people, reading)),
    targets,
    machines: read("machines.yaml", loadMachines),
    thresholds: rulesFor,
    requiredEvidence: (modelType, target) => {
      // Nobody can hand in the report of a run that comes after the gates.
      const comes = matrix.rules.some((rule) => rule.modelType === modelType && rule.target === target && rule.shadow);
      const evidence = rulesFor(modelType, target)?.evidence ?? [];
      return comes ? evidence.filter((kind) => kind !== "shadow-run") : evidence;
    },
    gatePolicy: (modelType, target) => ({
      wasm: wasmDigest,
      thresholds: (rulesFor(modelType, target) ?? null) as unknown as Json,
    }),
    groups: everyGroup(matrix),
    wasm,
    wasmDigest,
  };
}
