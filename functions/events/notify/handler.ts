import { titleOf } from "../../../core/approval/entitlement.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  groupsOf,
  openStageOf,
  requirementsNow,
} from "../../../core/approval/promotion-approval.ts";
import { whoCouldSign } from "../../../core/approval/reachability.ts";
import { type GenerateMac, reviewerMark, reviewLink } from "../../../core/attestation/review-link.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type IdentityKey, identityKey, type Member } from "../../../core/promotion/identity.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import {
  type Notification,
  notificationState,
  notificationTag,
  queuedFact,
  refusedFact,
  sentFact,
} from "../../../core/promotion/notification.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Log } from "../../log.ts";
import { type Letter, outcomeLetter, requestLetter } from "./letter.ts";

/** What became of a letter; anything else is thrown, and leaves open whether it has left. */
type Posted =
  | { readonly kind: "sent"; readonly messageId: string }
  | { readonly kind: "refused"; readonly code: string };

export interface NotifyPorts {
  readonly now: () => Instant;
  readonly log: Log;
  readonly portalUrl: string;
  readonly policy: ApprovalPolicy;
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly mac: GenerateMac;
  readonly send: (letter: Letter & { readonly tags: Readonly<Record<string, string>> }) => Promise<Posted>;
}

/** The bus's event about a fact in the ledger. */
export interface AnnouncedFact {
  readonly detail: { readonly factId?: unknown; readonly promotionId?: unknown; readonly type?: unknown };
}

/**
 * Tells people that they are needed, once a stage opens, and those who were asked how it ended. At most one letter
 * leaves for a person and an occasion: that it is about to is written down first, by one run only. Where a run dies
 * between that and the answer of the mail system, nobody sends it again; the retry says that it is in doubt, until a
 * report of the mail system shows that it left.
 */
export function notify(ports: NotifyPorts) {
  return async ({ detail }: AnnouncedFact): Promise<void> => {
    if (!isPromotionId(detail.promotionId)) return;
    const promotion = await ports.promotions.load(detail.promotionId);
    if (promotion === undefined) return;
    if (detail.type === "stage-opened") await askReviewers(promotion);
    else if (hasEnded(promotion.status) || promotion.status === "deployed" || promotion.status === "restricted")
      await tellOutcome(promotion);
  };

  async function askReviewers(promotion: Promotion): Promise<void> {
    const stage = openStageOf(promotion);
    if (stage === undefined) return;
    const { document: requirements } = requirementsNow(ports.policy, promotion);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const input = approvalInputOf(promotion, requirements, {
      people: ports.policy.people,
      members,
      signOffs: [],
      entitlement: "as-signed",
      now: ports.now(),
    });
    const rolesOf = new Map<IdentityKey, { readonly member: Member; readonly roles: string[] }>();
    const signed = new Set((promotion.carried ?? []).map(({ signOff }) => identityKey(signOff.reviewer)));
    for (const { role, members: able } of whoCouldSign({ ...input, stage: stage.index })) {
      // Whose signature for an earlier candidate is kept has nothing left to do.
      for (const member of able.filter(({ identity }) => !signed.has(identityKey(identity)))) {
        const key = identityKey(member.identity);
        const known = rolesOf.get(key) ?? { member, roles: [] };
        known.roles.push(titleOf(requirements.roles, role));
        rolesOf.set(key, known);
      }
    }
    const facts = await factIds(promotion);
    const failures: string[] = [];
    for (const [key, { member, roles }] of rolesOf) {
      const reviewer = reviewerMark(key);
      const link = await reviewLink(
        { promotion: promotion.id, stage: stage.index, reviewer },
        stage.deadline,
        ports.mac,
      );
      const { name, address } = member;
      const notification: Notification = {
        id: `${promotion.id}/asked/${promotion.review}/${stage.index}/${stage.round}/${reviewer}`,
        promotion: promotion.id,
        purpose: "asked",
        reviewer,
        name,
        summary: `${name} was asked by email to review the stage '${stage.name}'.`,
      };
      const letter = requestLetter(promotion, { name, address, roles }, `${ports.portalUrl}/r/${link}`);
      failures.push(...(await sendOnce(notification, letter, facts)));
    }
    endWith(failures);
  }

  async function tellOutcome(promotion: Promotion): Promise<void> {
    const { document: requirements } = requirementsNow(ports.policy, promotion);
    const known = await ports.promotions.facts(promotion.id);
    const asked = new Set(known.flatMap((fact) => (fact.body["purpose"] === "asked" ? [fact.body["reviewer"]] : [])));
    const facts = new Set(known.map(({ id }) => id));
    const failures: string[] = [];
    for (const member of await ports.directory.everybody(groupsOf(requirements))) {
      const reviewer = reviewerMark(identityKey(member.identity));
      if (!asked.has(reviewer) || !member.enabled) continue;
      const notification: Notification = {
        id: `${promotion.id}/told/${promotion.status}/${reviewer}`,
        promotion: promotion.id,
        purpose: "told",
        reviewer,
        name: member.name,
        summary: `${member.name} was told by email that the promotion is ${promotion.status}.`,
      };
      const letter = outcomeLetter(promotion, member, `${ports.portalUrl}/#/promotions/${promotion.id}`);
      failures.push(...(await sendOnce(notification, letter, facts)));
    }
    endWith(failures);
  }

  async function factIds(promotion: Promotion): Promise<ReadonlySet<string>> {
    return new Set((await ports.promotions.facts(promotion.id)).map(({ id }) => id));
  }

  /** Sends a letter unless that was begun before. Answers its id where it cannot be said to have left. */
  async function sendOnce(
    notification: Notification,
    letter: Letter,
    facts: ReadonlySet<string>,
  ): Promise<readonly string[]> {
    const { id, promotion } = notification;
    const state = notificationState(id, facts);
    if (state.kind === "sent") return [];
    const mine =
      state.kind === "new" &&
      (await ports.promotions.recordFact(queuedFact(notification, state.attempt, ports.now()))) === "recorded";
    if (!mine) {
      ports.log("error", "letter in doubt", { factId: id });
      return [id];
    }
    const posted = await ports.send({ ...letter, tags: { promotion, notification: notificationTag(id) } });
    if (posted.kind === "sent") {
      await ports.promotions.recordFact(sentFact(notification, posted.messageId, ports.now()));
      return [];
    }
    ports.log("error", "letter refused", { factId: id, code: posted.code });
    await ports.promotions.recordFact(refusedFact(notification, state.attempt, posted.code, ports.now()));
    return [id];
  }
}

/** After everybody else's letters: the retry looks again, and what is left after the last waits in a queue for a person. */
function endWith(failures: readonly string[]): void {
  if (failures.length === 0) return;
  throw new Failure("unavailable", `${failures.length} letters were refused, or may not have left.`);
}
