import { canonicalJsonBytes, type Json } from "../encoding/canonical-json.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import type { Fact, FactType } from "./fact.ts";

// What becomes of all that was signed stands in the record that tells it. A thousand people may have signed, and an entry of
// the ledger has 65,535 bytes: such lists are a document, which the record names as any other that it rests on.

/** The document that has what a record of so many sign-offs would not hold. */
export const listsName = "sign-offs.json";
const mediaType = "application/json";

export const listsVersion = "signOffsVersion";
/** The members of a body that grow with the people who signed. */
const listed = ["fallen", "kept"] as const;
/** Of what they are told. */
const tellers: readonly FactType[] = ["seat-reopened", "supersedes"];
/** So many bytes of them stand in the record itself. */
const mostInBody = 16_384;

/** A fact as the ledger has it, and the document that it names then. */
export interface Apart {
  readonly fact: Fact;
  readonly document?: { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array };
}

/** Puts the lists of a fact into a document of their own where they are long. */
export function listsApart(fact: Fact): Apart {
  if (!tellsOfSignOffs(fact)) return { fact };
  const own = listed.filter((name) => name in fact.body);
  const lists = Object.fromEntries(own.map((name): [string, Json] => [name, fact.body[name] ?? null]));
  const bytes = canonicalJsonBytes({ ...lists, [listsVersion]: 1 });
  if (bytes.length <= mostInBody) return { fact };
  const body = Object.fromEntries(Object.entries(fact.body).filter(([name]) => !(name in lists)));
  const attachment = { name: listsName, mediaType, sha256: sha256Hex(bytes) };
  return {
    fact: { ...fact, body, attachments: [...fact.attachments, attachment] },
    document: { name: listsName, mediaType, bytes },
  };
}

/** Whether records of this type may have their lists in a document of their own. */
export function tellsOfSignOffs({ type }: Pick<Fact, "type">): boolean {
  return tellers.includes(type);
}
