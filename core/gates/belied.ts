import type { Json } from "../encoding/canonical-json.ts";
import type { PolicyFinding } from "./policy-finding.ts";

/**
 * Whether a rule passed that did not by what the policy itself says was seen and asked for, as the shipped gates say it. Nobody
 * reads compiled gates: of those that say one thing and answer another nothing passes. What a rule of gate `other` asks for is
 * known where it is bounds of a number, and nowhere else.
 */
export function isBelied({ gate, subject, status, observed, required }: PolicyFinding): boolean {
  if (status !== "passed") return false;
  switch (gate) {
    case "policy":
    case "evidence":
    case "artifact":
    case "digest":
      return observed !== required;
    case "quality":
    case "fairness":
    case "measure":
    case "schema":
    case "security":
    case "capacity":
      return !isWithin(observed, boundsIn(required) ?? {});
    case "champion": {
      const bounds = boundsIn(required);
      // Of the first release there is nothing to compare with, and no bound.
      return bounds === undefined ? observed !== "first release" : !isWithin(observed, bounds);
    }
    case "pii":
      return !isNothing(observed);
    case "infrastructure": {
      const bounds = boundsIn(required);
      return bounds === undefined ? !isNothing(observed) : !isWithin(observed, bounds);
    }
    case "card":
      return subject[1] === "risk"
        ? !itemsOf(required).includes(observed)
        : !itemsOf(required).every((each) => itemsOf(observed).includes(each));
    case "other": {
      const bounds = boundsIn(required);
      return bounds !== undefined && typeof observed === "number" && !isWithin(observed, bounds);
    }
    default:
      return gate satisfies never;
  }
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What is asked of a number, where it is that. */
function boundsIn(required: Json): Bounds | undefined {
  const { min, max } = membersOf(required);
  if (typeof min !== "number" && typeof max !== "number") return undefined;
  return { ...(typeof min === "number" ? { min } : {}), ...(typeof max === "number" ? { max } : {}) };
}

/** Of a number, or of both ends of an interval. */
function isWithin(observed: Json, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Bounds): boolean {
  const { low, high } = membersOf(observed);
  return [low ?? observed, high ?? observed].every((each) => typeof each === "number" && each >= min && each <= max);
}

/** What is listed as seen is what may not be. */
function isNothing(observed: Json): boolean {
  return Array.isArray(observed) && observed.length === 0;
}

function itemsOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function membersOf(value: Json): { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {};
}
