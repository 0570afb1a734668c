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

const key = "countersign.delegation-draft";

/** The draft in this tab, so that nothing typed is lost by signing in. */
export function keptDelegationDraft(storage: Storage): DelegationDraft {
  const text = storage.getItem(key);
  return text === null ? empty : (JSON.parse(text) as DelegationDraft);
}

/** Keeps a draft in this tab. */
export function keepDelegationDraft(draft: DelegationDraft, storage: Storage): void {
  storage.setItem(key, JSON.stringify(draft));
}

/** Forgets the draft, once it has become a delegation. */
export function dropDelegationDraft(storage: Storage): void {
  storage.removeItem(key);
}
