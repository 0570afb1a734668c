import { readFileSync } from "node:fs";
import { loadMachines, type Machine } from "../../core/approval/load-machines.ts";
import { loadMatrix } from "../../core/approval/load-matrix.ts";
import { loadPeople } from "../../core/approval/load-people.ts";
import { loadTargets, type Targets } from "../../core/approval/load-targets.ts";
import type { Matrix } from "../../core/approval/matrix.ts";
import type { Person } from "../../core/approval/people.ts";
import { everyGroup } from "../../core/approval/promotion-approval.ts";
import type { GatePolicy } from "../../core/approval/requirements.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { type Loaded, requireLoaded } from "../../core/encoding/policy-file.ts";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import { loadInstanceTypes, withMachine } from "../../core/gates/load-instance-types.ts";
import { loadThresholds } from "../../core/gates/load-thresholds.ts";
import { type GateThresholds, type Thresholds, thresholdsFor } from "../../core/gates/thresholds.ts";
import type { EvidenceKind } from "../../core/promotion/freeze-manifest.ts";

/** Everything in the folder policies/, read and checked. */
export interface PolicyFolder {
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

/**
 * Reads the policies that lie beside a function's bundle. A file that does not load stops the function: no promotion
 * is judged by half a policy. Throws `invalid-policy` with the file and the line.
 */
export function readPolicyFolder(folder: URL): PolicyFolder {
  const text = (name: string) => readFileSync(new URL(name, folder), "utf8");
  const load = <Value>(name: string, read: (text: string) => Loaded<Value>) => requireLoaded(name, read(text(name)));
  const matrix = load("matrix.yaml", loadMatrix);
  const thresholds: Thresholds = load("thresholds.yaml", loadThresholds);
  const wasm = new Uint8Array(readFileSync(new URL("compiled/gates.wasm", folder)));
  const wasmDigest = sha256Hex(wasm);
  const targets = load("targets.yaml", loadTargets);
  const instanceTypes = load("instance-types.yaml", loadInstanceTypes);
  // The same object for the same question: the engine tells by it whether it has these thresholds already.
  const known = new Map<string, GateThresholds | undefined>();
  const rulesFor = (modelType: string, target: string) => {
    const key = `${modelType} ${target}`;
    if (!known.has(key)) {
      const rule = Object.hasOwn(targets, target) ? targets[target] : undefined;
      const instanceType = rule?.kind === "sagemaker-endpoint" ? rule.instanceType : undefined;
      known.set(key, withMachine(thresholdsFor(thresholds, modelType, target), instanceTypes, instanceType));
    }
    return known.get(key);
  };
  return {
    matrix,
    people: load("people.yaml", loadPeople),
    targets,
    machines: load("machines.yaml", loadMachines),
    thresholds: rulesFor,
    requiredEvidence: (modelType, target) => rulesFor(modelType, target)?.evidence ?? [],
    gatePolicy: (modelType, target) => ({
      wasm: wasmDigest,
      thresholds: (rulesFor(modelType, target) ?? null) as unknown as Json,
    }),
    groups: everyGroup(matrix),
    wasm,
    wasmDigest,
  };
}
