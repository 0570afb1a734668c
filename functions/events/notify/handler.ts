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
import type { Fact } from "../../../core/promotion/fact.ts";
import { type IdentityKey, identityKey, type Member } from "../../../core/promotion/identity.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Letter, outcomeLetter, requestLetter } from "./letter.ts";

export interface NotifyPorts {
  readonly now: () => Instant;
  readonly portalUrl: string;
  readonly policy: ApprovalPolicy;
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly mac: GenerateMac;
  readonly send: (letter: Letter) => Promise<string>;
}

/** The bus's event about a fact in the ledger. */
export interface AnnouncedFact {
  readonly detail: { readonly factId?: unknown; readonly promotionId?: unknown; readonly type?: unknown };
}

/**
 * Tells people that they are needed, once a stage opens, and those who were asked how it ended. A letter that was
 * sent is a fact; a retry sends only those that are not.
 */
export function notify(ports: NotifyPorts) {
  return async ({ detail }: AnnouncedFact): Promise<void> => {
    if (!isPromotionId(detail.promotionId)) return;
    const promotion = await ports.promotions.load(detail.promotionId);
    if (promotion === undefined) return;
    if (detail.type === "stage-opened") await askReviewers(promotion);
    else if (hasEnded(promotion.status) || promotion.status === "deployed") await tellOutcome(promotion);
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
    for (const { role, members: able } of whoCouldSign({ ...input, stage: stage.index })) {
      for (const member of able) {
        const key = identityKey(member.identity);
        const known = rolesOf.get(key) ?? { member, roles: [] };
        known.roles.push(titleOf(requirements.roles, role));
        rolesOf.set(key, known);
      }
    }
    const sent = await sentAlready(promotion);
    for (const [key, { member, roles }] of rolesOf) {
      const mark = reviewerMark(key);
      const id = `${promotion.id}/asked/${promotion.review}/${stage.index}/${stage.round}/${mark}`;
      if (sent.has(id)) continue;
      const link = await reviewLink(
        { promotion: promotion.id, stage: stage.index, reviewer: mark },
        stage.deadline,
        ports.mac,
      );
      const letter = requestLetter(
        promotion,
        { name: member.name, address: member.address, roles },
        `${ports.portalUrl}/r/${link}`,
      );
      await sendOnce(
        promotion,
        id,
        letter,
        `${member.name} was asked by email to review the stage '${stage.name}'.`,
        mark,
      );
    }
  }

  async function tellOutcome(promotion: Promotion): Promise<void> {
    const { document: requirements } = requirementsNow(ports.policy, promotion);
    const facts = await ports.promotions.facts(promotion.id);
    const asked = new Set(facts.flatMap((fact) => (fact.body["purpose"] === "asked" ? [fact.body["reviewer"]] : [])));
    const sent = new Set(facts.map(({ id }) => id));
    for (const member of await ports.directory.everybody(groupsOf(requirements))) {
      const mark = reviewerMark(identityKey(member.identity));
      const id = `${promotion.id}/told/${promotion.status}/${mark}`;
      if (!asked.has(mark) || !member.enabled || sent.has(id)) continue;
      const letter = outcomeLetter(promotion, member, `${ports.portalUrl}/#/promotions/${promotion.id}`);
      await sendOnce(
        promotion,
        id,
        letter,
        `${member.name} was told by email that the promotion is ${promotion.status}.`,
        mark,
      );
    }
  }

  async function sentAlready(promotion: Promotion): Promise<ReadonlySet<string>> {
    return new Set((await ports.promotions.facts(promotion.id)).map(({ id }) => id));
  }

  async function sendOnce(
    promotion: Promotion,
    id: string,
    letter: Letter,
    summary: string,
    reviewer: string,
  ): Promise<void> {
    const messageId = await ports.send(letter);
    const purpose = id.includes("/asked/") ? "asked" : "told";
    await ports.promotions.recordFact({
      id,
      type: "notification-sent",
      at: ports.now(),
      promotion: promotion.id,
      summary,
      body: { channel: "email", purpose, reviewer, messageId },
      attachments: [],
    });
  }
}
