import type { Author, Member } from "../promotion/identity.ts";
import { nameOf, namesOf } from "./names-of-people.ts";
import type { Person } from "./people.ts";

/** people.yaml by the names in it, of which each is one entry's. */
interface Register {
  readonly places: ReadonlyMap<string, number>;
  readonly chosen: Map<string, readonly Person[]>;
}

// Rules keep what they work out about people by the very list that they are asked about, and the same people sign one
// promotion after the other: so the same entries are always the same list.
const registers = new WeakMap<readonly Person[], Register>();
const mostChosen = 1000;

/** The entries of people.yaml about these people and authors, in its order: all that links them to one another. */
export function entriesAbout(
  people: readonly Person[],
  {
    members,
    authors,
  }: { readonly members: readonly Pick<Member, "identity" | "address">[]; readonly authors: readonly Author[] },
): readonly Person[] {
  const { places, chosen } = registerOf(people);
  const found = new Set<number>();
  const look = (author: Author): void => {
    const place = places.get(nameOf(author));
    if (place !== undefined) found.add(place);
  };
  for (const { identity, address } of members) {
    look({ identity });
    if (address !== "") look({ address });
  }
  for (const author of authors) look(author);
  const entries = [...found].sort((one, other) => one - other);
  const key = entries.join();
  const known = chosen.get(key) ?? entries.flatMap((place) => people[place] ?? []);
  if (chosen.size >= mostChosen) chosen.clear();
  chosen.set(key, known);
  return known;
}

function registerOf(people: readonly Person[]): Register {
  const known = registers.get(people);
  if (known !== undefined) return known;
  const places = people.flatMap((person, place) => namesOf(person).map((name) => [name, place] as const));
  const register = { places: new Map(places), chosen: new Map() };
  registers.set(people, register);
  return register;
}
