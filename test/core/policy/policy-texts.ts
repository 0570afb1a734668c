import { readFileSync } from "node:fs";
import { type PolicyTexts, policyFileNames } from "../../../core/policy/policy-files.ts";
import type { Member } from "../../../core/promotion/identity.ts";

/** The shipped policies, which a test changes in one place. */
export const shippedTexts: Required<PolicyTexts> = Object.fromEntries(
  policyFileNames.map((name) => [name, readFileSync(new URL(`../../../policies/${name}`, import.meta.url), "utf8")]),
) as Required<PolicyTexts>;

/** Somebody of the directory, in the groups of the shipped matrix. */
export function person(name: string, ...groups: readonly string[]): Member {
  const subject = name.toLowerCase();
  return {
    identity: { issuer: "https://login.example", subject },
    name,
    address: `${subject}@example.com`,
    groups,
    enabled: true,
  };
}

/** Two for every role of the shipped matrix. */
export const everybody: readonly Member[] = [
  person("Ines", "compliance-officers"),
  person("Carl", "compliance-officers"),
  person("Lars", "lead-data-scientists"),
  person("Lea", "lead-data-scientists"),
  person("Mira", "sre"),
  person("Sam", "sre"),
  person("Noor", "incident-commanders"),
  person("Kofi", "incident-commanders"),
];
