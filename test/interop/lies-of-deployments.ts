import { frozenOtherwise } from "../core/archive/frozen-otherwise.ts";
import type { Files } from "../core/archive/memory-pack.ts";

/** A model that goes by the name of policies, of which little is asked. */
export function packOfModelAsPolicies(): Promise<Files> {
  return frozenOtherwise((manifest) => ({
    ...manifest,
    target: { name: manifest.target.name, kind: "policy", endpoint: "in-force" },
  }));
}
