import { type PersonOf, personOf } from "../../approval/entitlement.ts";
import { escalationsOf } from "../../approval/escalation.ts";
import type { RecordedPasskeyDeed } from "../../attestation/recorded-passkey.ts";
import { issuedAt, issuedByNow } from "../../attestation/signed-at.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { by, compareText } from "../../encoding/text-order.ts";
import { type Identity, normalAddress, sameIdentity } from "../../promotion/identity.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PeopleThen } from "../people/people-then.ts";
import type { HeldLender } from "../people/verify-lender.ts";
import type { AttestationTrust, HeldSignOff } from "../people/verify-sign-offs.ts";

// The service says when a decision was recorded, up to a quarter of an hour after it was signed; the identity provider says when
// it was signed, and nobody else can.

/** Why a decision was signed before anybody could have been asked for it, as its stage was open when it was recorded. */
export function signedTooEarly(
  { signOff: { result, review, stage }, signedAt }: HeldSignOff,
  opened: Step,
  steps: readonly Step[],
): string | undefined {
  if (signedAt === undefined) return undefined;
  const latest = addSeconds(issuedByNow(signedAt), clockToleranceSeconds);
  const first = steps.find(
    ({ record, after }) => record.type === "stage-opened" && after.review === review && after.stage?.index === stage,
  );
  if (first !== undefined && latest < first.record.at) return "A sign-off was signed before its stage was opened";
  const open = opened.after.stage;
  const minimum = opened.requirements?.rule.stages[stage]?.minimumReviewSeconds ?? 0;
  return result === "approve" && open !== undefined && latest < addSeconds(open.openedAt, minimum)
    ? `A sign-off was signed before the ${minimum} seconds that its stage takes for review`
    : undefined;
}

/** So long may two requests of one person be on their way at once, of which neither sees the other. */
const atOnceSeconds = 60;

interface Overtaken {
  readonly promotion: PromotionId;
  readonly sentence: string;
  /** The service must have seen that. */
  readonly certain: boolean;
}

/**
 * Decisions that count as a person's latest, and that the person had signed before another one, with whichever account of one
 * provider, whose clock is one: the service takes none, but rejections, which are taken whenever they come. That two accounts are
 * one person's it surely saw where their tokens have one address.
 */
function overtaken(held: readonly HeldSignOff[], persons: readonly PersonOf[] = []): readonly Overtaken[] {
  const timed = held.flatMap(({ signOff, kept, signedAt, member }) =>
    kept === true || signedAt === undefined ? [] : [{ signOff, signedAt, member }],
  );
  // As it mostly is: then nobody need be asked who is whom.
  if (areSignedAsRecorded(timed)) return [];
  const own = timed.map(({ signOff, signedAt, member }) => ({
    ...signOff,
    signedAt,
    address: normalAddress(member.address),
  }));
  const byTokens = personOf(
    held.map(({ member }) => member),
    [],
  );
  const found = new Map<string, Overtaken>();
  for (const keyOf of new Set([byTokens, ...persons])) {
    const groups = Map.groupBy(
      own,
      ({ review, stage, reviewer }) => `${review}/${stage}/${reviewer.issuer} ${keyOf(reviewer)}`,
    );
    for (const group of groups.values())
      for (const one of group) {
        const others = group.filter((each) => each.recordedAt < one.recordedAt && each.signedAt > one.signedAt);
        // In the log they stand in any order: what was recorded first had been there for longest.
        const earliest = (all: typeof others) => all.toSorted(by(({ recordedAt }) => recordedAt))[0];
        const seen = earliest(others.filter((each) => isOneByTokens(each, one)));
        const before = seen ?? earliest(others);
        if (before === undefined || one.result === "reject" || found.get(one.id)?.certain === true) continue;
        const sentence = `A sign-off counts as its reviewer's latest, and had been signed before another one, '${before.result}' (${one.id})`;
        const certain = seen !== undefined && addSeconds(seen.recordedAt, atOnceSeconds) < one.recordedAt;
        found.set(one.id, { promotion: one.promotion, sentence, certain });
      }
  }
  return [...found.values()];
}

/** Whether none was recorded before another one that had been signed before it, whoever signed. */
function areSignedAsRecorded(
  timed: readonly { readonly signOff: Pick<SignOff, "recordedAt">; readonly signedAt: Instant }[],
): boolean {
  const recorded = timed.toSorted(
    (one, other) =>
      compareText(one.signOff.recordedAt, other.signOff.recordedAt) || compareText(one.signedAt, other.signedAt),
  );
  return recorded.every(({ signedAt }, at) => (recorded[at - 1]?.signedAt ?? signedAt) <= signedAt);
}

interface Signer {
  readonly reviewer: Identity;
  readonly address: string;
}

function isOneByTokens(one: Signer, other: Signer): boolean {
  return sameIdentity(one.reviewer, other.reviewer) || (one.address !== "" && one.address === other.address);
}

/**
 * Approvals, and what lenders signed, that were signed before what they rest on counted, or after that was revoked, if the identity
 * provider's clock is asked: by the records it was the other way round, and each may have been minutes on its way.
 */
export function restedUntold(
  held: readonly HeldSignOff[],
  lenders: readonly HeldLender[],
  { passkeys, delegations }: Pick<AttestationTrust, "passkeys" | "delegations">,
): readonly Unchecked[] {
  const approvals = held.filter(({ signOff, kept }) => kept !== true && signOff.result === "approve");
  const all = [
    ...approvals.map(({ signOff, signedAt }) => ({ ...signOff, signedAt, what: "sign-off" })),
    ...lenders.map(({ signature, signedAt }) => ({ ...signature, signedAt, what: "lender's signature" })),
  ];
  return all.flatMap((signed): readonly Unchecked[] => {
    const { promotion, id, passkey: use, signedAt, what: named } = signed;
    if (signedAt === undefined) return [];
    const passkey = use === undefined ? undefined : passkeys.get(use.id);
    const behind = "onBehalfOf" in signed ? signed.onBehalfOf : undefined;
    const place = behind === undefined ? undefined : delegations.get(behind.delegation)?.signed;
    const events = [
      { what: "its passkey was confirmed", at: tokenTime(passkey?.confirmed), counts: "from" },
      { what: "its passkey was revoked", at: tokenTime(passkey?.revoked), counts: "until" },
      { what: "its delegation was given", at: place?.given, counts: "from" },
      { what: "its delegation was revoked", at: place?.revoked, counts: "until" },
    ] as const;
    return events.flatMap(({ what, at, counts }) => {
      const [first, second] = counts === "from" ? [signedAt, at] : [at, signedAt];
      if (at === undefined || first === undefined || second === undefined) return [];
      if (addSeconds(first, atOnceSeconds) >= second) return [];
      const sentence = `Whether the ${named} ${id} counted: by the identity provider it was signed at ${signedAt}, and ${what} at ${at}; by the records it was the other way round.`;
      return [{ promotion, sentence }];
    });
  });
}

/** The same of who filled a seat by the escalation of its stage alone, in a role that the stage does not ask for. */
export function escalatedUntold(held: readonly HeldSignOff[], steps: readonly Step[]): readonly Unchecked[] {
  return steps.flatMap(({ record, after, requirements }): readonly Unchecked[] => {
    if (record.type !== "stage-decided" || requirements === undefined) return [];
    const { stage, seats } = bodyOf("stage-decided", record);
    const from = escalationsOf(requirements.rule, after).get(stage);
    if (from === undefined) return [];
    return held.flatMap(({ signOff, kept, signedAt }) => {
      const filled = seats.some((seat) => seat.signOff === signOff.id && !signOff.roles.includes(seat.role));
      if (!filled || kept === true || signedAt === undefined || addSeconds(signedAt, atOnceSeconds) >= from) return [];
      const sentence = `Whether the sign-off ${signOff.id} counted: by the identity provider it was signed at ${signedAt}, and its stage was escalated at ${from}.`;
      return [{ promotion: signOff.promotion, sentence }];
    });
  });
}

function tokenTime(deed: RecordedPasskeyDeed | undefined): Instant | undefined {
  return deed === undefined || deed.idToken === "" ? undefined : issuedAt(deed.idToken);
}

/** Those of them that no honest service has taken. */
export function recheckOrder(held: readonly HeldSignOff[]): readonly string[] {
  return overtaken(held).flatMap(({ certain, sentence }) => (certain ? [`${sentence}.`] : []));
}

/** And those that came at once, or with accounts that are one person's by some list alone. */
export function orderUntold(held: readonly HeldSignOff[], lists: readonly PeopleThen[] = []): readonly Unchecked[] {
  const persons = lists.map(({ members, people }) => personOf(members, people));
  return overtaken(held, persons).flatMap(({ certain, sentence, promotion }) =>
    certain ? [] : [{ promotion, sentence: `Which of two decisions was meant: ${sentence}.` }],
  );
}
