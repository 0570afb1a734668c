import { type PolicyFolder, readPolicyFolder } from "../../../../adapters/policies/policy-folder.ts";
import { loadPolicies } from "../../../../core/policy/load-policies.ts";

export const shipped = readPolicyFolder(new URL("../../../../policies/", import.meta.url));

/** The shipped policies with another approval matrix, and more behind the shipped targets and thresholds. */
export function shippedWith(matrix: string, more = { targets: "", thresholds: "", people: "" }): PolicyFolder {
  const { bundle } = shipped;
  const texts = {
    "matrix.yaml": matrix,
    "targets.yaml": `${bundle.texts["targets.yaml"]}${more.targets}`,
    "thresholds.yaml": `${bundle.texts["thresholds.yaml"]}${more.thresholds}`,
    "people.yaml": `${bundle.texts["people.yaml"]}${more.people}`,
  };
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, ...texts } });
}
