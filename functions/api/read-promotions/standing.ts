import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { givesRole, rolesOfRule, titleOf } from "../../../core/approval/entitlement.ts";
import { type LoanToConfirm, loanToConfirm } from "../../../core/approval/loan.ts";
import {
  approvalInputOf,
  calendarNow,
  openStageOf,
  pinnedRequirements,
} from "../../../core/approval/promotion-approval.ts";
import { stillAwaited } from "../../../core/approval/still-awaited.ts";
import type { AskedPerson } from "../../../core/approval/whom-to-ask.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { type Identity, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import { awaitsItsVerdict } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type CurrentDelegations, delegationsInReview } from "../../people/delegations.ts";
import { type LendersKnown, type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { type LendingPorts, whyNothingLent } from "../../review/not-lent.ts";
import { unlessUnreadable } from "../../unreadable-promotion.ts";
import type { Reader } from "../readers.ts";
import { type DocumentPorts, requirementsFor } from "./pinned-requirements.ts";
import type { Standing } from "./view.ts";

export interface StandingPorts extends DocumentPorts, LendingPorts {
  readonly now: () => Instant;
  readonly groups: readonly string[];
  readonly promotions: SignedPorts["promotions"];
  readonly delegations: CurrentDelegations;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/**
 * Tells of each promotion how it stands for the reader; nothing of one about which something that was decided cannot be read. The
 * directory is asked once for all of them.
 */
export async function standings(
  promotions: readonly Promotion[],
  reader: Reader,
  ports: StandingPorts,
): Promise<readonly (Standing | undefined)[]> {
  const who = reader.kind === "person" ? reader.person.identity : undefined;
  const directory = promotions.some((promotion) => openStageOf(promotion) !== undefined)
    ? await Promise.all([ports.directory.everybody(ports.groups), ports.delegations.notOver(ports.now())])
    : undefined;
  const standingOf = async (promotion: Promotion): Promise<Standing> => {
    const recorded = await ports.promotions.signOffs(promotion.id);
    const signOffs = recorded.map(({ signOff }) => signOff);
    const own = signOffs
      .filter(({ reviewer }) => who !== undefined && sameIdentity(reviewer, who))
      .toSorted(by(({ recordedAt }) => recordedAt))
      .at(-1);
    const decided = own === undefined ? {} : { decided: { result: own.result, at: own.recordedAt } };
    const stage = openStageOf(promotion);
    if (stage === undefined || directory === undefined)
      return { ...decided, ...(await heldFor(promotion, reader, ports)) };
    const [members, notOver] = directory;
    const { requirements } = await requirementsFor(promotion, ports);
    const delegations = await delegationsInReview(signOffs, notOver, ports.delegations);
    const now = ports.now();
    const inputBy = async (lenders: LendersKnown) =>
      approvalInputOf(promotion, requirements, {
        people: withWhoSigned(ports.policy.people, await signedAbout(promotion, recorded, ports, lenders)),
        ...{ members, signOffs, entitlement: "as-signed" as const, delegations, now },
      });
    const input = await inputBy("given");
    const awaited = stillAwaited(input, stage.index);
    const lends = requirements.rule.loan && (await lendsFor(promotion, () => inputBy("asked"), members, who, ports));
    const reviewed = addSeconds(stage.openedAt, requirements.rule.stages[stage.index]?.minimumReviewSeconds ?? 0);
    const calendar = calendarNow(ports.policy, promotion, now);
    const from = calendar.kind === "frozen" && calendar.until > reviewed ? calendar.until : reviewed;
    return {
      ...decided,
      waits: {
        forReader: who !== undefined && awaited.people.some((asked) => isReader(asked, who)),
        roles: awaited.roles.map(({ role, people }) => ({
          title: titleOf(requirements.roles, role),
          people: people.map(({ member, inPlaceOf }) => ({
            name: member.name,
            ...(inPlaceOf === undefined ? {} : { inPlaceOf: inPlaceOf.name }),
          })),
        })),
        ...(now < from ? { approvalsFrom: from } : {}),
        ...(lends === undefined ? {} : { loanToConfirm: { until: lends.until } }),
      },
    };
  };
  return Promise.all(promotions.map((promotion) => unlessUnreadable(() => standingOf(promotion))));
}

/** That a freeze window holds what is approved: weeks may pass in which whoever holds a role of any stage may reject it (design 6.4). */
async function heldFor(promotion: Promotion, reader: Reader, ports: StandingPorts): Promise<Pick<Standing, "held">> {
  if (!awaitsItsVerdict(promotion)) return {};
  const calendar = calendarNow(ports.policy, promotion, ports.now());
  if (calendar.kind !== "frozen") return {};
  const { window, until } = calendar;
  const { rule, roles } = (await requirementsFor(promotion, ports)).requirements;
  const mayReject = reader.kind === "person" && rolesOfRule(rule).some((role) => givesRole(roles, role, reader.person));
  return { held: { window, until, mayReject } };
}

/** The request for a loan that the reader may confirm now. It has an hour at most, and whoever asked waits for it. */
async function lendsFor(
  promotion: Promotion,
  judgedBy: () => Promise<ApprovalInput>,
  members: readonly Member[],
  who: Identity | undefined,
  ports: StandingPorts,
): Promise<LoanToConfirm | undefined> {
  if (who === undefined || promotion.status !== "in-review") return undefined;
  const reader = members.find(({ identity }) => sameIdentity(identity, who));
  if (reader === undefined) return undefined;
  const now = ports.now();
  const deadline = openStageOf(promotion)?.deadline;
  // What would be refused is not offered: in time, under requirements as they are, out of freeze windows, within the budget.
  if (deadline === undefined || now >= deadline || pinnedRequirements(ports.policy, promotion) === undefined)
    return undefined;
  const signatures = (await ports.promotions.loans(promotion.id)).map(({ signature }) => signature);
  const approval = await judgedBy();
  const lends = loanToConfirm(signatures, reader, now, { promotion, approval });
  if (lends === undefined || (await whyNothingLent(promotion, approval.rule, now, ports)) !== undefined)
    return undefined;
  return lends.until < deadline ? lends : { ...lends, until: deadline };
}

function isReader({ member }: AskedPerson, who: Identity): boolean {
  return sameIdentity(member.identity, who);
}
