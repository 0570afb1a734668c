import { complain, type Place } from "../../encoding/policy-file.ts";
import type { TargetDemands } from "../../promotion/target.ts";

/** Reads what a target of any kind may ask for. */
export function demandsOf({ infrastructure }: { readonly infrastructure?: Place | undefined }): TargetDemands {
  if (infrastructure === undefined) return {};
  if (infrastructure.value !== "applied")
    complain(infrastructure, "This must be 'applied': nothing is deployed before the signed plan is applied.");
  return { infrastructure: "applied" };
}
