import { complain, type Place, textOf } from "../../encoding/policy-file.ts";

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A name as Kubernetes takes it; `model` stands for {model} where that may be in it. */
export function labelOf(place: Place | undefined, model?: string): string {
  const text = textOf(place, 63);
  const named = model === undefined ? text : text.replaceAll("{model}", model);
  if (place !== undefined && text !== "" && !label.test(named)) {
    const more = model === undefined ? "" : ", and may hold {model}";
    complain(place, `A name on Kubernetes holds lower-case letters, digits and dashes${more}.`);
  }
  return text;
}
