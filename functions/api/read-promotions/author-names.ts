import { nameOf, namesOf } from "../../../core/approval/names-of-people.ts";
import type { Person } from "../../../core/approval/people.ts";
import type { FreezeManifest } from "../../../core/promotion/freeze-manifest.ts";
import type { Author, Member } from "../../../core/promotion/identity.ts";

/** Somebody as CI names them, and what the organisation calls them. */
export interface NamedAuthor {
  readonly author: Author;
  readonly name: string;
}

/** Those who had a hand in a candidate, each once, whom people.yaml or the directory knows by name. */
export function authorNames(
  { trainedBy, codeAuthors, dataOwners, infrastructureAuthors }: FreezeManifest["lineage"],
  people: readonly Person[],
  members: readonly Member[],
): readonly NamedAuthor[] {
  const names = new Map([
    ...members.flatMap(({ identity, address, name }) =>
      // Whoever has no address is not found by the empty one.
      [nameOf({ identity }), ...(address === "" ? [] : [nameOf({ address })])].map((key) => [key, name] as const),
    ),
    ...people.flatMap((person) => namesOf(person).map((key) => [key, person.name] as const)),
  ]);
  const authors = [...trainedBy, ...codeAuthors, ...dataOwners, ...infrastructureAuthors];
  const once = new Map(authors.map((author) => [nameOf(author), author]));
  return [...once].flatMap(([key, author]) => {
    const name = names.get(key);
    return name === undefined ? [] : [{ author, name }];
  });
}
