import type { Identity } from "../../../core/promotion/identity.ts";
import { type DraftPlace, dropText, keepText, keptText } from "../session/own-draft.ts";

/** What somebody has filled in about a delegation and not signed yet. */
export interface DelegationDraft {
  /** Their `identityKey`; empty: nobody is chosen. */
  readonly person: string;
  readonly role: string;
  readonly model: string;
  readonly modelType: string;
  readonly target: string;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

const empty: DelegationDraft = {
  person: "",
  role: "",
  model: "",
  modelType: "",
  target: "",
  from: "",
  until: "",
  reason: "",
};

const placeOf = (by: Identity): DraftPlace => ({ of: "delegation", by });

/** One person's draft in this tab, so that nothing typed is lost by signing in. */
export function keptDelegationDraft(by: Identity, storage: Storage): DelegationDraft {
  const text = keptText(placeOf(by), storage);
  return text === null ? empty : (JSON.parse(text) as DelegationDraft);
}

/** Keeps a draft in this tab. */
export function keepDelegationDraft(by: Identity, draft: DelegationDraft, storage: Storage): void {
  keepText(placeOf(by), JSON.stringify(draft), storage);
}

/** Forgets the draft, once it has become a delegation. */
export function dropDelegationDraft(by: Identity, storage: Storage): void {
  dropText(placeOf(by), storage);
}
