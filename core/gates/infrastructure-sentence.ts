import { countText, listText, mostText } from "./number-text.ts";
import type { PolicyFinding } from "./policy-finding.ts";

const titles: Readonly<Record<string, string>> = {
  deletions: "Resources that the plan deletes",
  replacements: "Resources that the plan replaces",
  instances: "Machines that the plan asks for",
  "instance-types": "Types of machines that the plan asks for",
  stateful: "Resources that hold data",
  permissions: "What the plan's IAM policies allow",
};

/** What a rule about the infrastructure plan is called. */
export function infrastructureTitle(name: string): string {
  return (Object.hasOwn(titles, name) ? titles[name] : undefined) ?? name;
}

/** Its outcome in a sentence that names the resources. */
export function infrastructureSentence({ status, observed, required }: PolicyFinding, name: string): string {
  if (status === "missing") return `${infrastructureTitle(name)}: no infrastructure plan that can be read was given.`;
  switch (name) {
    case "deletions":
      return `The plan deletes ${countText(observed, "resource")}; ${mostText(required)}.`;
    case "replacements":
      return `The plan replaces ${countText(observed, "resource")}; ${mostText(required)}.`;
    case "instances":
      return typeof observed === "number"
        ? `The plan asks for ${countText(observed, "machine")}; ${mostText(required)}.`
        : `The plan leaves open for how many machines it asks; ${mostText(required)}.`;
    case "instance-types":
      return listText(observed) === ""
        ? `The plan asks for no machine beyond ${listText(required)}.`
        : `The plan asks for machines of ${listText(observed)}; only ${listText(required)} may be.`;
    case "stateful":
      return listText(observed) === ""
        ? "The plan deletes and replaces nothing that holds data."
        : `The plan deletes or replaces what holds data: ${listText(observed)}; none may be.`;
    case "permissions":
      return listText(observed) === ""
        ? "No IAM policy of the plan allows more than it names."
        : `IAM policies of the plan allow more than they name, or what they allow is not known before: ${listText(observed)}; none may be.`;
    default:
      return `${name} is ${JSON.stringify(observed)}; ${JSON.stringify(required)} is required.`;
  }
}
