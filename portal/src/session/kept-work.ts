import { draftKeys } from "./own-draft.ts";
import { keptPending } from "./pending-sign-in.ts";

/** What this tab keeps for whoever signs in again: something that was typed, or that waited for a sign-in which never came back. */
export type KeptWork = "typed" | "unsigned";

/** `undefined` where it keeps nothing. */
export function keptWork(storage: Storage): KeptWork | undefined {
  const pending = keptPending(storage);
  if (pending?.decision !== undefined || pending?.deed !== undefined) return "unsigned";
  return Object.keys(storage).some((key) => key.startsWith(draftKeys)) ? "typed" : undefined;
}
