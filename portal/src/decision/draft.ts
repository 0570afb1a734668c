import type { Identity } from "../../../core/promotion/identity.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import { type DraftPlace, draftKeys, dropText, keepText, keptText } from "../session/own-draft.ts";
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

const placeOf = (promotion: string, by: Identity): DraftPlace => ({ of: `decision ${promotion}`, by });
const handedKey = (promotion: string): string => `${draftKeys}handed ${promotion}`;

/** One person's draft about a promotion in this tab, so that nothing typed is lost by signing in again. A reason that was handed to whoever comes first is theirs, where they have typed none. */
export function keptDraft(promotion: string, by: Identity, storage: Storage): Draft {
  const text = keptText(placeOf(promotion, by), storage);
  const draft = text === null ? emptyDraft : (JSON.parse(text) as Draft);
  const handed = storage.getItem(handedKey(promotion));
  if (handed === null) return draft;
  storage.removeItem(handedKey(promotion));
  if (draft.reason !== "") return draft;
  const taken: Draft = { ...draft, result: "reject", reason: handed };
  keepDraft(promotion, by, taken, storage);
  return taken;
}

/** Keeps a draft in this tab. */
export function keepDraft(promotion: string, by: Identity, draft: Draft, storage: Storage): void {
  keepText(placeOf(promotion, by), JSON.stringify(draft), storage);
}

/** Keeps a reason to reject of which it is not known yet who will have it. */
export function handReason(promotion: string, reason: string, storage: Storage): void {
  storage.setItem(handedKey(promotion), reason);
}

/** Forgets a draft, once it has become a recorded sign-off. */
export function dropDraft(promotion: string, by: Identity, storage: Storage): void {
  dropText(placeOf(promotion, by), storage);
}
