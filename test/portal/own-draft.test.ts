import { describe, expect, it } from "vitest";
import {
  dropDelegationDraft,
  keepDelegationDraft,
  keptDelegationDraft,
} from "../../portal/src/absence/delegation-draft.ts";
import { dropDraft, emptyDraft, keepDraft, keptDraft } from "../../portal/src/decision/draft.ts";
import { dropLoanDraft, keepLoanDraft, keptLoanDraft } from "../../portal/src/loan/loan-draft.ts";
import { id } from "../core/promotion/promotion-in-review.ts";

const ines = { issuer: "https://login.example/pool", subject: "sub-ines" };
const others = [
  ["another person", { ...ines, subject: "sub-lars" }],
  ["the same subject of another issuer", { ...ines, issuer: "https://other.example" }],
] as const;

function tab(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

describe("what somebody typed and did not sign", () => {
  it.each(others)("is not shown to %s who signs in in the same tab", (_, other) => {
    const storage = tab();
    const decision = { ...emptyDraft, result: "reject" as const, reason: "The data is not ours." };
    const [loan, delegation] = [keptLoanDraft(id, ines, storage), keptDelegationDraft(ines, storage)];
    keepDraft(id, ines, decision, storage);
    keepLoanDraft(id, ines, { ...loan, incident: "INC-7" }, storage);
    keepDelegationDraft(ines, { ...delegation, reason: "On leave." }, storage);
    expect(keptDraft(id, other, storage)).toEqual(emptyDraft);
    expect(keptLoanDraft(id, other, storage)).toEqual(loan);
    expect(keptDelegationDraft(other, storage)).toEqual(delegation);
    // What the other types and signs takes nothing away from the first.
    keepDraft(id, other, { ...decision, reason: "Another." }, storage);
    dropDraft(id, other, storage);
    dropLoanDraft(id, other, storage);
    dropDelegationDraft(other, storage);
    expect(keptDraft(id, ines, storage)).toEqual(decision);
    expect(keptLoanDraft(id, ines, storage).incident).toBe("INC-7");
    expect(keptDelegationDraft(ines, storage).reason).toBe("On leave.");
  });
});
