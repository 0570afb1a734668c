import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { ConditionsDraft } from "./conditions-draft.ts";

/** What somebody has filled in and not signed yet. */
export interface Draft {
  readonly result?: SignOffResult;
  readonly reason: string;
  /** The delegation under which an approval is given in another's place; absent: for oneself. */
  readonly place?: string;
  /** What an approval asks of the release; absent: nothing. */
  readonly conditions?: ConditionsDraft;
  /** Roles that the person does not want to sign in. */
  readonly withoutRoles: readonly string[];
}

export const emptyDraft: Draft = { reason: "", withoutRoles: [] };

const keyOf = (promotion: string): string => `countersign.draft.${promotion}`;

/** The draft about a promotion in this tab, so that nothing typed is lost by signing in again. */
export function keptDraft(promotion: string, storage: Storage): Draft {
  const text = storage.getItem(keyOf(promotion));
  return text === null ? emptyDraft : (JSON.parse(text) as Draft);
}

/** Keeps a draft in this tab. */
export function keepDraft(promotion: string, draft: Draft, storage: Storage): void {
  storage.setItem(keyOf(promotion), JSON.stringify(draft));
}

/** Forgets a draft, once it has become a recorded sign-off. */
export function dropDraft(promotion: string, storage: Storage): void {
  storage.removeItem(keyOf(promotion));
}
