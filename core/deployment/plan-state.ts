import { Failure } from "../failure.ts";
import type { Fact } from "../promotion/fact.ts";
import type { FreezeManifest, FrozenEvidence } from "../promotion/freeze-manifest.ts";
import { planReportIn } from "../promotion/plan-report.ts";

/** How a plan that was signed stands: applied, and who says so; still to be applied; or nothing that may be deployed upon. */
export type PlanState =
  | { readonly kind: "applied"; readonly by: "change-set" | "report" }
  | { readonly kind: "awaited"; readonly why: string }
  | { readonly kind: "refused"; readonly why: string };

/** The plans that must be applied before the candidate is deployed: none where its target does not ask. */
export function plansOf({ target, evidence }: Pick<FreezeManifest, "target" | "evidence">): readonly FrozenEvidence[] {
  return target.infrastructure === undefined ? [] : evidence.filter(({ kind }) => kind === "iac-plan");
}

/** The same; throws `deployment-refused` where the target asks and nothing was planned. */
export function plansToApply(manifest: Pick<FreezeManifest, "target" | "evidence">): readonly FrozenEvidence[] {
  const plans = plansOf(manifest);
  if (plans.length > 0 || manifest.target.infrastructure === undefined) return plans;
  throw new Failure(
    "deployment-refused",
    `The target '${manifest.target.name}' takes only what comes with an infrastructure plan that is signed and applied, and the candidate has none.`,
  );
}

/** What the pipeline that applies the plan has said of it. */
export function reportedPlan(
  { name, sha256 }: Pick<FrozenEvidence, "name" | "sha256">,
  facts: readonly Fact[],
): PlanState {
  const report = planReportIn(facts, sha256);
  if (report === undefined) return { kind: "awaited", why: `the pipeline has not said yet that '${name}' is applied` };
  return report.outcome === "applied"
    ? { kind: "applied", by: "report" }
    : { kind: "refused", why: `The pipeline says that the plan '${name}' was not applied: ${report.detail}` };
}
