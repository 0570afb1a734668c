import { canonicalJson } from "../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import { durationText, list } from "../encoding/policy-file.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { IdentityKey, Member } from "../promotion/identity.ts";
import type { CarriedSignOff, Promotion } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { inRecordedOrder, latestDecisions } from "./approval-input.ts";
import { type Delegation, whyNotEntitled } from "./delegation.ts";
import { byIdentity, type Entitlement, findRole, personOf, rolesOfStage, titleOf } from "./entitlement.ts";
import { changedParts, partsAskedOtherwise, partsJudgedBeside, partsRuledOtherwise } from "./judged-parts.ts";
import type { Judged, Stage } from "./matrix.ts";
import type { Person } from "./people.ts";
import type { Requirements } from "./requirements.ts";
import { whyExcluded } from "./settled-stages.ts";

/** A candidate and what it is judged by. */
export interface JudgedCandidate {
  readonly manifest: FreezeManifest;
  readonly requirements: Requirements;
  /** Documents by name that its gates were judged by beside the manifest: what was released before, a shadow run. */
  readonly beside?: ReadonlyMap<string, Sha256> | undefined;
}

export interface CarryOver {
  /** Approvals of before that count now, with the roles in which they do. */
  readonly kept: readonly CarriedSignOff[];
  /** Those that do not, and why, in words that follow the person's name. */
  readonly fallen: readonly { readonly signOff: SignOff; readonly why: string }[];
}

/** What of a promotion's last review counts in its next one. */
export interface KeptInReview extends CarryOver {
  /** Of those that are kept, the rejections whose stage there is not any more, with its name and that of where they stand. */
  readonly moved: readonly { readonly signOff: Sha256; readonly from: string; readonly to: string }[];
}

/** A promotion whose approvals may be kept: in its review as it was. */
export type ReviewedBefore = JudgedCandidate & {
  readonly promotion: Pick<Promotion, "review" | "invalidated" | "carried">;
};

/** What the rules are given to tell who may still sign. */
export interface GivenBefore {
  /** All of the promotion of before, as they were given. */
  readonly signOffs: readonly SignOff[];
  readonly members: readonly Member[];
  readonly people: readonly Person[];
  /** As of an approval (`ApprovalInput`). */
  readonly objectors: readonly Member[];
  readonly excluded: ReadonlyMap<IdentityKey, string>;
  /** Those that the sign-offs rest on. */
  readonly delegations?: readonly Delegation[];
  /** Absent: as of now. */
  readonly entitlement?: Entitlement;
}

/**
 * Which approvals of a superseded promotion are kept for the candidate that took its place: those in roles that judge
 * only what is the same in both, asked for by the same stage under the same gates, recent enough for the newer rule, by
 * people who still hold the role and had no hand in the newer candidate. A rule without a limit keeps none.
 */
export function carryOver(
  older: ReviewedBefore,
  newer: JudgedCandidate & { readonly review: number },
  given: GivenBefore & {
    readonly now: Instant;
    /** Why none is, in words that follow the person's name, where that is so whatever it judges. */
    readonly whyNone?: string;
  },
): CarryOver {
  // A rejection is for the candidate that it was given for, and others' approvals must not outlive it in another.
  const [rejection] = standingRejections(older, given);
  const rejected =
    rejection === undefined
      ? undefined
      : `signed for an earlier candidate, which ${rejection.signOff.reviewerName} rejected`;
  return sorted(
    older,
    newer,
    given,
    (signOff, role) => given.whyNone ?? rejected ?? whyNotKept(signOff, role, { older, newer, now: given.now }),
  );
}

/**
 * Which approvals of a promotion's last review are kept for the next one, because its requirements changed, or what its
 * gates were judged by: those in roles that judge nothing of what changed (design 6.11). There is no limit of time:
 * candidate and promotion are the same. Rejections that stand, and did not end it, stand on: stopping is the safe direction
 * (design 6.4), and others' approvals must not outlive them.
 */
export function keepInReview(
  before: ReviewedBefore,
  now: JudgedCandidate & { readonly review: number },
  given: GivenBefore,
): KeptInReview {
  const { kept: rejections, moved } = rejectionsOf(before, now, given);
  const keyOf = personOf(given.members, given.people);
  const ids = new Set(moved.map(({ signOff }) => signOff));
  const movedBy = new Set(rejections.flatMap(({ signOff: { id, reviewer } }) => (ids.has(id) ? keyOf(reviewer) : [])));
  const [first] = now.requirements.rule.stages;
  const { kept, fallen } = sorted(before, now, given, (signOff, role) => {
    // Of one person the latest counts in a stage, and an approval of theirs would take the place of what stops it.
    const beside = before.requirements.rule.stages[signOff.stage]?.name === first?.name;
    return beside && movedBy.has(keyOf(signOff.reviewer))
      ? "rejected it in a stage that is gone, and that stands in this one"
      : whyReopened(signOff, role, { older: before, newer: now });
  });
  return { kept: [...kept, ...rejections], fallen, moved };
}

/**
 * Nobody's role, and no change, takes a rejection away. One whose stage is gone, or goes by another name, stands in the first:
 * nobody is asked anything before it.
 */
function rejectionsOf(
  before: ReviewedBefore,
  now: JudgedCandidate & { readonly review: number },
  given: GivenBefore,
): Pick<KeptInReview, "kept" | "moved"> {
  const { stages } = now.requirements.rule;
  const kept: CarriedSignOff[] = [];
  const moved: KeptInReview["moved"][number][] = [];
  for (const { name, signOff } of standingRejections(before, given)) {
    const original = given.signOffs.find(({ id }) => id === signOff.id);
    if (original === undefined) continue;
    const index = stages.findIndex((each) => each.name === name);
    kept.push({ signOff: original, stage: Math.max(index, 0), roles: signOff.roles, review: now.review });
    if (index < 0) moved.push({ signOff: signOff.id, from: name, to: stages[0]?.name ?? name });
  }
  return { kept, moved };
}

/** The rejections that stood in a review and did not end it, with the names of their stages. */
function standingRejections(
  { promotion: { review, invalidated, carried }, requirements }: ReviewedBefore,
  { signOffs, objectors, people }: GivenBefore,
): readonly { readonly name: string; readonly signOff: SignOff }[] {
  const ordered = inRecordedOrder(asTheyCount(signOffs, carried));
  const gone = new Set(invalidated.map(({ signOff }) => signOff));
  return requirements.rule.stages.flatMap(({ name }, stage) =>
    [...latestDecisions(ordered, { review, stage }, personOf(objectors, people)).values()].flatMap((signOff) =>
      signOff.result === "reject" && !gone.has(signOff.id) ? [{ name, signOff }] : [],
    ),
  );
}

function sorted(
  older: ReviewedBefore,
  newer: JudgedCandidate & { readonly review: number },
  given: GivenBefore,
  whyNot: (signOff: SignOff, role: string) => string | undefined,
): CarryOver {
  const { review, invalidated, carried = [] } = older.promotion;
  const kept: CarriedSignOff[] = [];
  const fallen: { readonly signOff: SignOff; readonly why: string }[] = [];
  const keyOf = personOf(given.members, given.people);
  const originals = new Map(given.signOffs.map((signOff) => [signOff.id, signOff]));
  const ordered = inRecordedOrder(asTheyCount(given.signOffs, carried));
  const invalid = new Set(invalidated.map(({ signOff }) => signOff));
  const { excluded, delegations = [], entitlement = "as-of-now" } = given;
  const directory = {
    roles: newer.requirements.roles,
    members: byIdentity(given.members),
    entitlement,
    delegations,
  };
  for (const [stage, { name }] of older.requirements.rule.stages.entries()) {
    const standing = latestDecisions(ordered, { review, stage }, keyOf);
    for (const signOff of standing.values()) {
      if (signOff.result !== "approve" || invalid.has(signOff.id)) continue;
      const original = originals.get(signOff.id);
      const refusals = new Set<string>();
      const roles = signOff.roles.filter((role) => {
        const why =
          // Its chain of manifests would have to be verified along all of them.
          (original === undefined ? "signed for an earlier candidate, and that is kept once" : undefined) ??
          whyNot(signOff, role) ??
          whyNotEntitled(signOff, role, directory) ??
          whyExcluded(signOff, { excluded, delegations });
        if (why !== undefined) refusals.add(why);
        return why === undefined;
      });
      const index = newer.requirements.rule.stages.findIndex((each) => each.name === name);
      if (original !== undefined && roles.length > 0 && index >= 0)
        kept.push({ signOff: original, stage: index, roles, review: newer.review });
      else fallen.push({ signOff, why: [...refusals].join(", ") });
    }
  }
  return { kept, fallen };
}

/**
 * Why a sign-off in a role does not count for a newer candidate, as far as the two candidates tell: asked again by
 * whoever verifies one that was kept. `undefined`: it does.
 */
export function whyNotKept(
  signOff: Pick<SignOff, "stage" | "recordedAt" | "onBehalfOf" | "conditions">,
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
  const { roles, rule } = newer.requirements;
  // What it comes to beside what runs now is known of neither by the other.
  if (rule.shadow !== undefined && findRole(roles, role)?.judges.includes("model") === true)
    return `signed as '${titleOf(roles, role)}', which judges the model, and the newer one runs in shadow yet`;
  return whyReopened(signOff, role, { older, newer });
}

/** Why a seat in a role is open again, because what the sign-off was given for has changed. `undefined`: it is not. */
export function whyReopened(
  signOff: Pick<SignOff, "stage" | "conditions">,
  role: string,
  { older, newer }: { readonly older: JudgedCandidate; readonly newer: JudgedCandidate },
): string | undefined {
  const [before, after] = [older.requirements, newer.requirements];
  const title = titleOf(after.roles, role);
  const asked = before.rule.stages[signOff.stage];
  const stage = after.rule.stages.find(({ name }) => name === asked?.name);
  if (!sameStage(asked, stage) || stage === undefined) return "signed for a stage that is asked for otherwise now";
  if (!rolesOfStage(stage).includes(role))
    return role === before.rule.escalation?.to
      ? `signed as '${title}' since the stage had waited so long, and it begins again`
      : "signed for a stage that is asked for otherwise now";
  const [was, is] = [findRole(before.roles, role), findRole(after.roles, role)];
  if (was === undefined || is === undefined || canonicalJson(was) !== canonicalJson(is))
    return `signed as '${title}', which is another role now`;
  const allowed = [before.rule.conditions ?? null, after.rule.conditions ?? null].map(canonicalJson);
  if (signOff.conditions !== undefined && allowed[0] !== allowed[1])
    return "signed under conditions, and which may be set is ruled otherwise now";
  if (before.gates.wasm !== after.gates.wasm) return "signed under other gates";
  if (is.judges.length === 0) return `signed as '${title}', which judges the whole candidate`;
  const judged = (parts: readonly Judged[]) => is.judges.filter((part) => parts.includes(part));
  const changed = judged(changedParts(older.manifest, newer.manifest));
  if (changed.length > 0) return `signed as '${title}', which judges what has changed: ${list(changed)}`;
  const otherwise = judged(partsAskedOtherwise(before.gates, after.gates));
  if (otherwise.length > 0)
    return `signed as '${title}', which judges what the gates ask something else of now: ${list(otherwise)}`;
  const beside = judged(partsJudgedBeside(older.beside ?? nothing, newer.beside ?? nothing));
  if (beside.length > 0)
    return `signed as '${title}', which judges what is compared with something else now: ${list(beside)}`;
  const ruled = judged(partsRuledOtherwise(before.rule, after.rule));
  return ruled.length === 0
    ? undefined
    : `signed as '${title}', which judges what the rule has looked at in another way now: ${list(ruled)}`;
}

const nothing: ReadonlyMap<string, Sha256> = new Map();

/** The sign-offs that were kept, as the rules see them: of this review, in this promotion's stage, in the roles kept. */
export function asGivenHere(carried: readonly CarriedSignOff[]): readonly SignOff[] {
  return carried.map(({ signOff, stage, roles, review }) => ({ ...signOff, stage, roles, review }));
}

/** All sign-offs of a promotion as they count: what was kept where it is kept, and no more where it was given. */
export function asTheyCount(
  signOffs: readonly SignOff[],
  carried: readonly CarriedSignOff[] | undefined,
): readonly SignOff[] {
  if (carried === undefined || carried.length === 0) return signOffs;
  const kept = new Set(carried.map(({ signOff }) => signOff.id));
  return [...signOffs.filter(({ id }) => !kept.has(id)), ...asGivenHere(carried)];
}

function sameStage(a: Stage | undefined, b: Stage | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}
