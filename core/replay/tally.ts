import { givesRole, type PersonKey, personOf } from "../approval/entitlement.ts";
import type { Matrix } from "../approval/matrix.ts";
import type { Person } from "../approval/people.ts";
import { compareText } from "../encoding/text-order.ts";
import { identityKey, type Member } from "../promotion/identity.ts";
import type { PastPromotion } from "./past-promotion.ts";
import type { ReplayedPromotion, Standing } from "./replay-promotion.ts";

/** How much rests on a role under the policies that are tried. */
export interface RoleLoad {
  readonly role: string;
  readonly title: string;
  /** Promotions that would wait for it, with the signatures that there are; and that did under their own policies. */
  readonly waiting: number;
  readonly waitingBefore: number;
  /** How many people hold it. */
  readonly holders: number;
  readonly holdersKnownBy: "the directory" | "those who signed";
  /** From the opening of a stage to the signature, over all seats of this role that were filled. */
  readonly signatures: number;
  readonly medianSeconds?: number;
}

/** What policies would have made of a history. Plain JSON. */
export interface PolicyReplay {
  readonly promotions: number;
  /** How many stood where before, and would stand where now. */
  readonly counts: readonly {
    readonly before: Standing["kind"];
    readonly after: Standing["kind"];
    readonly count: number;
  }[];
  /** Those that would stand elsewhere, or be blocked by something else, in the order of the log. */
  readonly changed: readonly ReplayedPromotion[];
  /** The longest queue first. */
  readonly roles: readonly RoleLoad[];
  readonly notes: readonly string[];
}

/** Adds up replayed promotions; keeps no more of each than the answer needs. */
export function tally(
  { matrix, people }: { readonly matrix: Matrix; readonly people: readonly Person[] },
  directory: readonly Member[] | undefined,
) {
  const counts = new Map<string, { before: Standing["kind"]; after: Standing["kind"]; count: number }>();
  const changed: ReplayedPromotion[] = [];
  const waiting = new Map<string, { now: number; before: number }>();
  const seconds = new Map<string, number[]>();
  const signers = new Map<string, Member>();
  let promotions = 0;

  const wait = (standing: Standing, when: "now" | "before") => {
    if (standing.kind !== "would-wait") return;
    for (const role of standing.for) {
      const counted = waiting.get(role) ?? { now: 0, before: 0 };
      counted[when] += 1;
      waiting.set(role, counted);
    }
  };
  return {
    add(past: PastPromotion, replayed: ReplayedPromotion): void {
      const { before, after } = replayed;
      promotions += 1;
      const key = `${before.kind} ${after.kind}`;
      const counted = counts.get(key) ?? { before: before.kind, after: after.kind, count: 0 };
      counted.count += 1;
      counts.set(key, counted);
      if (!sameStanding(before, after)) changed.push(replayed);
      wait(before, "before");
      wait(after, "now");
      for (const { role, seconds: took } of past.times) {
        const known = seconds.get(role);
        if (known === undefined) seconds.set(role, [took]);
        else known.push(took);
      }
      for (const member of past.members) signers.set(identityKey(member.identity), member);
    },
    result(notes: readonly string[]): PolicyReplay {
      const members = directory ?? [...signers.values()];
      const keyOf = personOf(members, people);
      const roles = Object.entries(matrix.roles).map(([role, { title }]): RoleLoad => {
        const holders = new Set<PersonKey>(
          members
            .filter((member) => member.enabled && givesRole(matrix.roles, role, member))
            .map(({ identity }) => keyOf(identity)),
        );
        const took = seconds.get(role) ?? [];
        const middle = medianOf(took);
        return {
          role,
          title,
          waiting: waiting.get(role)?.now ?? 0,
          waitingBefore: waiting.get(role)?.before ?? 0,
          holders: holders.size,
          holdersKnownBy: directory === undefined ? "those who signed" : "the directory",
          signatures: took.length,
          ...(middle === undefined ? {} : { medianSeconds: middle }),
        };
      });
      return {
        promotions,
        counts: [...counts.values()].toSorted((a, b) => b.count - a.count),
        changed,
        roles: roles.toSorted((a, b) => b.waiting - a.waiting || compareText(a.role, b.role)),
        notes,
      };
    },
  };
}

function sameStanding(a: Standing, b: Standing): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "would-be-blocked" && b.kind === "would-be-blocked") return a.by === b.by;
  if (a.kind === "would-wait" && b.kind === "would-wait")
    return a.for.toSorted().join(" ") === b.for.toSorted().join(" ");
  return true;
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
