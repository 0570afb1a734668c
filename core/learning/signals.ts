import { compareText } from "../encoding/text-order.ts";
import type { Identity } from "../promotion/identity.ts";
import { identityKey } from "../promotion/identity.ts";
import type { Decision, Episode } from "./episode.ts";
import { type Median, medianOf, type Rate, rateOf } from "./interval.ts";

/** How some decisions were taken. Signals to talk about, each with its uncertainty; none of them is a verdict on a person. */
export interface Signals {
  readonly decisions: number;
  readonly approvals: Rate;
  /** From the opening of the stage to the approval, in seconds. */
  readonly secondsToApprove?: Median;
  /** Approvals by people who had not followed the link that they were sent; they may have come another way. */
  readonly approvedWithoutLink: Rate;
  /** Approvals of what then ran, and of those the ones that production spoke against. */
  readonly spokenAgainst: Rate;
}

/** What is told of the people in a role, and how much is not. */
export interface RolePeople {
  readonly role: string;
  readonly shown: readonly (Signals & { readonly person: Identity })[];
  /** People with too few decisions to say anything, taken together. */
  readonly hidden: { readonly people: number; readonly decisions: number };
}

interface Taken {
  readonly decision: Decision;
  readonly episode: Episode;
}

/** Every decision in a role. */
export function takenIn(role: string, episodes: readonly Episode[]): readonly Taken[] {
  return episodes.flatMap((episode) =>
    episode.decisions.filter(({ roles }) => roles.includes(role)).map((decision) => ({ decision, episode })),
  );
}

export function signalsOf(taken: readonly Taken[]): Signals {
  const approved = taken.filter(({ decision }) => decision.approved);
  const asked = approved.filter(({ decision }) => decision.followedLink !== undefined);
  const ran = approved.filter(({ episode }) => episode.ran);
  const median = medianOf(approved.flatMap(({ decision: { secondsFromOpening: each } }) => each ?? []));
  return {
    decisions: taken.length,
    approvals: rateOf(approved.length, taken.length),
    ...(median === undefined ? {} : { secondsToApprove: median }),
    approvedWithoutLink: rateOf(asked.filter(({ decision }) => decision.followedLink === false).length, asked.length),
    spokenAgainst: rateOf(ran.filter(({ episode }) => episode.failed).length, ran.length),
  };
}

/**
 * The people of a role who took `fewest` decisions or more. Those who took fewer stay together, and never so few of
 * them that subtracting the others from the role would show one: then the one with the fewest joins them.
 */
export function peopleOf(role: string, episodes: readonly Episode[], fewest: number): RolePeople {
  const byPerson = new Map<string, Taken[]>();
  for (const taken of takenIn(role, episodes)) {
    const key = identityKey(taken.decision.person);
    byPerson.set(key, [...(byPerson.get(key) ?? []), taken]);
  }
  // By key where they took as many: the same archive tells the same.
  const ordered = [...byPerson].toSorted(([a, x], [b, y]) => x.length - y.length || compareText(a, b));
  let hidden = ordered.filter(([, taken]) => taken.length < fewest).length;
  const decisionsOf = (count: number) => ordered.slice(0, count).reduce((sum, [, taken]) => sum + taken.length, 0);
  while (hidden > 0 && hidden < ordered.length && (hidden < 2 || decisionsOf(hidden) < fewest)) hidden += 1;
  return {
    role,
    shown: ordered.slice(hidden).flatMap(([, taken]) => {
      const [first] = taken;
      return first === undefined ? [] : [{ person: first.decision.person, ...signalsOf(taken) }];
    }),
    hidden: { people: hidden, decisions: decisionsOf(hidden) },
  };
}
