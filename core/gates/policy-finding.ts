import type { Json } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";

/** The families of rules in the order in which people read them. `other`: a rule that an organisation added. */
export const gates = [
  "policy",
  "quality",
  "fairness",
  "schema",
  "pii",
  "security",
  "measure",
  "infrastructure",
  "capacity",
  "champion",
  "card",
  "evidence",
  "artifact",
  "digest",
  "other",
] as const;
type Gate = (typeof gates)[number];

/** One rule's outcome as the policy gives it; the sentence is made from it here, because sprintf differs between hosts. */
export interface PolicyFinding {
  readonly rule: string;
  readonly gate: Gate;
  /** What the rule is about: `["metric", "auc"]`, `["facet", "sex", "DI"]`, `["digest", "model.json"]`. */
  readonly subject: readonly string[];
  readonly status: "passed" | "failed" | "missing";
  readonly observed: Json;
  readonly required: Json;
  readonly where: string;
  /** Until when the rule is on trial; held against the thresholds. */
  readonly dryRun: Instant | null;
}
