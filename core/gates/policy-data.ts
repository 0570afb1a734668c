import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { GateThresholds } from "./thresholds.ts";

/** What the compiled policy is given as data; without thresholds for the candidate it is empty, and blocks. */
export interface PolicyData {
  readonly thresholds?: GateThresholds;
}

interface NamedData {
  readonly data: PolicyData;
  readonly digest: Sha256;
}

// Thresholds never change once they are loaded, and one set judges many candidates.
const named = new WeakMap<GateThresholds, NamedData>();

/** The policy's data and its digest; the same object again for the same thresholds, so that the engine can tell. */
export function policyData(thresholds: GateThresholds | undefined): NamedData {
  if (thresholds === undefined) return nameOf({});
  const known = named.get(thresholds) ?? nameOf({ thresholds });
  named.set(thresholds, known);
  return known;
}

function nameOf(data: PolicyData): NamedData {
  return { data, digest: sha256Hex(canonicalJsonBytes(data)) };
}
