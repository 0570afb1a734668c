import { en } from "./en.ts";

/** All words of the page. Another language is another file of this shape, and one line below. */
export type Messages = typeof en;

const languages: Readonly<Record<string, Messages>> = { en };

/** The words in the first of the reader's languages that there is. */
export const messages: Messages = pick(globalThis.navigator?.languages ?? []);

function pick(wanted: readonly string[]): Messages {
  for (const tag of wanted) {
    const found = languages[tag.split("-", 1)[0] ?? ""];
    if (found !== undefined) return found;
  }
  return en;
}
