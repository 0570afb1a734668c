import type { SignOffResult } from "../../../core/promotion/sign-off.ts";

/** `a, b, and c`. */
export function list(names: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(names);
}

/** `1 rule`, `3 rules`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

const disjunction = new Intl.ListFormat("en", { type: "disjunction" });

/** `a, b, or c`. */
export const either = (names: readonly string[]): string => disjunction.format(names);

/** The same in its parts: the names, and what stands between them. */
export const eitherParts = (names: readonly string[]) => disjunction.formatToParts(names);

export const given: Record<SignOffResult, string> = { approve: "approved", reject: "rejected", withdraw: "withdrew" };
