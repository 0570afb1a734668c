import { type Identity, identityKey } from "../../../core/promotion/identity.ts";

/** What this tab keeps of what one person typed, until it is signed: nobody else who signs in here sees it. */
export interface DraftPlace {
  /** What it is about, such as `decision <promotion>`. */
  readonly of: string;
  readonly by: Identity;
}

/** Of drafts, whosever they are. */
export const draftKeys = "countersign.typed ";

function keyOf({ of, by }: DraftPlace): string {
  return `${draftKeys}${of} ${identityKey(by)}`;
}

/** The text that was kept there; null where there is none. */
export function keptText(place: DraftPlace, storage: Storage): string | null {
  return storage.getItem(keyOf(place));
}

export function keepText(place: DraftPlace, text: string, storage: Storage): void {
  storage.setItem(keyOf(place), text);
}

export function dropText(place: DraftPlace, storage: Storage): void {
  storage.removeItem(keyOf(place));
}
