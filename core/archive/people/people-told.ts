import { entriesAbout } from "../../approval/entries-about.ts";
import type { Person } from "../../approval/people.ts";
import type { PeopleSnapshot } from "../../approval/people-snapshot.ts";
import type { Passkey } from "../../attestation/recorded-passkey.ts";
import { confirmedByOwner } from "../../attestation/refuse-passkey.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { Author } from "../../promotion/identity.ts";
import { alsoKnownBy, directoryThen, linkedBy, type PeopleThen } from "./people-then.ts";

// Who is whom is told three times: by ID tokens; by `people.json`, which is the word of the service whose verdict it lies
// with; and by people.yaml of the policies that judged, which is in the pack as whole as it was when people signed for it.

/** people.yaml of the policies that a record names. */
export interface NamedPeople {
  readonly index: number;
  readonly people: readonly Person[];
}

/** A record in the log. */
interface Place {
  readonly index: number;
}

/** Who people were as each step of a promotion was judged. */
export interface PeopleTold {
  /**
   * As a decision was made: its record does not say by which policies, nor how the directory knew people, and it was by one of these.
   */
  readonly asDecided: (step: Place) => readonly PeopleThen[];
  /** As a verdict was judged: by the policies that it names. */
  readonly asVerified: (step: Place) => PeopleThen;
}

/** people.yaml of what else may have been in force as a decision was made. */
export type Besides = (step: Place) => readonly (readonly Person[])[];

const mostLinked = 8;

/**
 * @param named in the order of the log
 * @param kept what lies with verdicts, by the places of their records, in the order of the log
 */
export function peopleTold({
  own,
  authors,
  named,
  kept,
  besides = () => [],
}: {
  /** What ID tokens tell. */
  readonly own: PeopleThen;
  /** Everybody who had a hand in the candidate. */
  readonly authors: readonly Author[];
  readonly named: readonly NamedPeople[];
  readonly kept: ReadonlyMap<number, PeopleSnapshot>;
  readonly besides?: Besides;
}): PeopleTold {
  // Each step asks about the same few people, by the same one or two lists.
  const known: { readonly base: PeopleThen; readonly people: readonly Person[]; readonly linked: PeopleThen }[] = [];
  const linked = (base: PeopleThen, people: readonly Person[]): PeopleThen => {
    const before = known.find((each) => each.base === base && each.people === people);
    if (before !== undefined) return before.linked;
    const now = linkedBy(base, entriesAbout(people, { members: base.members, authors }));
    if (known.length >= mostLinked) known.length = 0;
    known.push({ base, people, linked: now });
    return now;
  };
  return {
    asDecided: (step) => {
      const { index } = step;
      // Policies may have changed between the gates and what comes next.
      const around = [named.findLast((each) => each.index <= index), named.find((each) => each.index > index)];
      const told = around.flatMap((each) => (each === undefined ? [] : [each.people]));
      const lists = [...new Set([...told, ...besides(step)])];
      // The directory may know by one address whom their tokens know by two.
      const [, next] = [...kept].find(([verdict]) => verdict > index) ?? [];
      const directory = next === undefined ? own : alsoKnownBy(next, own);
      const ways = directory === own ? [own] : [own, directory];
      return lists.length === 0 ? ways : ways.flatMap((way) => lists.map((people) => linked(way, people)));
    },
    asVerified: (verdict) => {
      const snapshot = kept.get(verdict.index);
      const told = snapshot === undefined ? own : directoryThen(snapshot, own);
      const last = named.findLast(({ index }) => index <= verdict.index);
      return last === undefined ? told : linked(told, last.people);
    },
  };
}

/**
 * Passkeys as they stand by who is whom: one that its owner confirmed under another identity was confirmed by nobody.
 *
 * @param used by what was signed; the others are as they were
 */
export function confirmedByOthers(
  passkeys: ReadonlyMap<Sha256, Passkey>,
  used: readonly { readonly passkey?: { readonly id: Sha256 } }[],
  { members, people }: PeopleThen,
): ReadonlyMap<Sha256, Passkey> {
  const ids = new Set(used.flatMap(({ passkey }) => passkey?.id ?? []));
  if (ids.size === 0) return passkeys;
  return new Map(
    [...passkeys].map(([id, passkey]) => {
      const { confirmed, ...unconfirmed } = passkey;
      if (confirmed === undefined || !ids.has(id)) return [id, passkey];
      return [id, confirmedByOwner(passkey, confirmed, { people, members }) ? unconfirmed : passkey];
    }),
  );
}
