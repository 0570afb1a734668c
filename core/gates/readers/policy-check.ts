import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import { memberOf, rootOf } from "../json-places.ts";
import { asMetrics, numbersIn } from "../measures.ts";

/**
 * What the check of proposed policies found, as the service writes it (core/policy/policy-check-document.ts):
 * `metrics.errors` and `metrics.warnings`; `changes`, each a sentence.
 */
export const policyCheck = jsonReader("policy-check", "plain", (document, name) => {
  const root = rootOf(document, name);
  const changes = memberOf(root, "changes").value;
  if (!Array.isArray(changes) || !changes.every((each) => typeof each === "string"))
    throw new NotOfThisFormat(["changes"], "Here stands a list of sentences.");
  return { ...asMetrics(numbersIn(memberOf(root, "metrics"))), policyChanges: changes };
});
