import { canonicalJson } from "../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import { durationText, list } from "../encoding/policy-file.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import { type IdentityKey, identityKey, type Member } from "../promotion/identity.ts";
import type { CarriedSignOff, Promotion } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { inRecordedOrder, latestDecisions } from "./approval-input.ts";
import { byIdentity, findRole, personOf, rolesOfStage, titleOf, whyNotHeld } from "./entitlement.ts";
import { changedParts } from "./judged-parts.ts";
import type { Stage } from "./matrix.ts";
import type { Person } from "./people.ts";
import type { Requirements } from "./requirements.ts";

/** A candidate and what it is judged by. */
export interface JudgedCandidate {
  readonly manifest: FreezeManifest;
  readonly requirements: Requirements;
}

export interface CarryOver {
  /** Approvals of the older candidate that count for the newer one, with the roles in which they do. */
  readonly kept: readonly CarriedSignOff[];
  /** Those that do not, and why, in words that follow the person's name. */
  readonly fallen: readonly { readonly signOff: SignOff; readonly why: string }[];
}

/**
 * Which approvals of a superseded promotion are kept for the candidate that took its place: those in roles that judge
 * only what is the same in both, asked for by the same stage under the same gates, recent enough for the newer rule, by
 * people who still hold the role and had no hand in the newer candidate. A rule without a limit keeps none.
 */
export function carryOver(
  older: JudgedCandidate & { readonly promotion: Pick<Promotion, "review" | "invalidated"> },
  newer: JudgedCandidate & { readonly review: number },
  given: {
    readonly signOffs: readonly SignOff[];
    readonly members: readonly Member[];
    readonly people: readonly Person[];
    readonly excluded: ReadonlyMap<IdentityKey, string>;
    readonly now: Instant;
  },
): CarryOver {
  const kept: CarriedSignOff[] = [];
  const fallen: { readonly signOff: SignOff; readonly why: string }[] = [];
  const keyOf = personOf(given.members, given.people);
  const ordered = inRecordedOrder(given.signOffs);
  const invalid = new Set(older.promotion.invalidated.map(({ signOff }) => signOff));
  const directory = {
    roles: newer.requirements.roles,
    members: byIdentity(given.members),
    entitlement: "as-of-now" as const,
  };
  for (const [stage, { name }] of older.requirements.rule.stages.entries()) {
    const standing = latestDecisions(ordered, { review: older.promotion.review, stage }, keyOf);
    for (const signOff of standing.values()) {
      if (signOff.result !== "approve" || invalid.has(signOff.id)) continue;
      const hand = given.excluded.get(identityKey(signOff.reviewer));
      const refusals = new Map<string, string>();
      const roles = signOff.roles.filter((role) => {
        const why =
          whyNotKept(signOff, role, { older, newer, now: given.now }) ??
          whyNotHeld(signOff, role, directory) ??
          (hand === undefined ? undefined : `${hand}, and so cannot approve it`);
        if (why !== undefined) refusals.set(role, why);
        return why === undefined;
      });
      const index = newer.requirements.rule.stages.findIndex((each) => each.name === name);
      if (roles.length > 0 && index >= 0) kept.push({ signOff, stage: index, roles, review: newer.review });
      else fallen.push({ signOff, why: [...new Set(refusals.values())].join(", ") });
    }
  }
  return { kept, fallen };
}

/**
 * Why a sign-off in a role does not count for a newer candidate, as far as the two candidates tell: asked again by
 * whoever verifies one that was kept. `undefined`: it does.
 */
export function whyNotKept(
  signOff: Pick<SignOff, "stage" | "recordedAt" | "onBehalfOf">,
  role: string,
  { older, newer, now }: { readonly older: JudgedCandidate; readonly newer: JudgedCandidate; readonly now: Instant },
): string | undefined {
  const { carryOverSeconds: limit } = newer.requirements.rule;
  if (limit === undefined) return "signed for an earlier candidate";
  if (addSeconds(signOff.recordedAt, limit) <= now)
    return `signed for an earlier candidate, longer ago than ${durationText(limit)}`;
  // A delegation is for a time: whether it would hold for this candidate was asked of nobody.
  if (signOff.onBehalfOf !== undefined) return "signed for an earlier candidate in another person's place";
  // Parts of a candidate do not all name its model and target, and a sign-off is for one model in one target.
  const [{ model, target }, asked] = [older.manifest, newer.manifest];
  if (model.name !== asked.model.name || target.name !== asked.target.name) return "signed for another model or target";
  const before = older.requirements.rule.stages[signOff.stage];
  const stage = newer.requirements.rule.stages.find(({ name }) => name === before?.name);
  if (!sameStage(before, stage) || stage === undefined || !rolesOfStage(stage).includes(role))
    return "signed for a stage that is asked for otherwise now";
  const [was, is] = [findRole(older.requirements.roles, role), findRole(newer.requirements.roles, role)];
  const title = titleOf(newer.requirements.roles, role);
  if (was === undefined || is === undefined || canonicalJson(was) !== canonicalJson(is))
    return `signed as '${title}', which is another role now`;
  if (canonicalJson(older.requirements.gates) !== canonicalJson(newer.requirements.gates))
    return "signed under other gates";
  if (is.judges.length === 0) return `signed as '${title}', which judges the whole candidate`;
  const changed = changedParts(older.manifest, newer.manifest).filter((part) => is.judges.includes(part));
  return changed.length === 0 ? undefined : `signed as '${title}', which judges what has changed: ${list(changed)}`;
}

/** The sign-offs that were kept, as the rules see them: of this review, in this promotion's stage, in the roles kept. */
export function asGivenHere(carried: readonly CarriedSignOff[]): readonly SignOff[] {
  return carried.map(({ signOff, stage, roles, review }) => ({ ...signOff, stage, roles, review }));
}

function sameStage(a: Stage | undefined, b: Stage | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}
