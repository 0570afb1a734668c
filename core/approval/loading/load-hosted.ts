import { complain, type Place, textOf } from "../../encoding/policy-file.ts";

// What targets say of a model that SageMaker hosts, however it does.

/** A name by SageMaker's own rule, with the placeholder allowed. @param what begins the sentence about another one */
export function endpointNameOf(place: Place | undefined, what: string): string {
  const name = textOf(place, 63);
  if (place !== undefined && !/^[a-zA-Z0-9]+(-*[a-zA-Z0-9])*$/.test(name.replaceAll("{model}", "m")))
    complain(place, `${what} holds letters, digits and dashes, and may hold {model}.`);
  return name;
}

/** Reads whether the container may reach the network; it is isolated where nothing is said. */
export function networkOf(place: Place): { readonly network?: "open" } {
  if (place.value === "open") return { network: "open" };
  if (place.value !== "isolated") complain(place, "This must be isolated, which is the default, or open.");
  return {};
}

/** Reads the ARN of the group whose versions candidates are. */
export function groupOf(place: Place): string {
  const arn = textOf(place, 200);
  const group = /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group\/[a-zA-Z0-9]+(-*[a-zA-Z0-9])*$/;
  if (!group.test(arn.replaceAll("{model}", "m")))
    complain(place, "This must be the ARN of a model package group, and may hold {model}.");
  return arn;
}
