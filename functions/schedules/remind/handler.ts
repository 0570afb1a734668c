import { givesRole, titleOf } from "../../../core/approval/entitlement.ts";
import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import { escalationDue, type Reminders, reminderDue } from "../../../core/approval/reminders.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Loan, loanReminderDue } from "../../../core/promotion/loan.ts";
import { escalatedFact } from "../../../core/promotion/notification.ts";
import type { OpenStage, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { errorFields } from "../../log.ts";
import { type AskedReviewersPorts, askedReviewers, reviewInput } from "../../people/asked-reviewers.ts";
import { rememberedDirectory } from "../../people/remembered-directory.ts";
import { missingIn, nobodyTelling, rolesWithout } from "../../telling/nobody-to-ask.ts";
import { isShort, type TellPorts, type TimeLeft, teller } from "../../telling/tell.ts";
import type { Telling } from "../../telling/telling.ts";
import { whyAskedAgain } from "../../telling/why-asked-again.ts";
import { askedSince } from "./latecomers.ts";

export interface RemindPorts extends TellPorts, AskedReviewersPorts {
  readonly promotions: TellPorts["promotions"] & {
    list(
      filter: { readonly status: "in-review" | "loaned" },
      limit: number,
      from?: string,
    ): Promise<{ readonly promotions: readonly Promotion[]; readonly next?: string }>;
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]>;
  };
}

const pageSize = 50;

/** So long after a stage has opened it is for `notify` to ask, with its retries. */
const openingSeconds = 3600;

/**
 * Asks whoever can sign only since a stage has opened: who came, came back, or stands in for somebody by now. Reminds those who are still
 * needed, and tells whom the matrix names once a stage has been open for too long. Of what runs on loan they
 * are reminded whatever the matrix says of reminders: at its end it is taken back; and whoever started the run is told in any case that
 * nobody is left to be asked. Every run
 * does what is due; a message's id holds the period, so that each person gets one for each at most. What there
 * is no time for is left to the next run, which passes over what this one did.
 */
export function remind(ports: RemindPorts) {
  // Each run looks at every stage that is open.
  const directory = rememberedDirectory(ports.directory, ports.now);
  return async (_event: unknown, left: TimeLeft): Promise<void> => await reminding({ ...ports, directory }, left)();
}

function reminding(ports: RemindPorts, left: TimeLeft) {
  const tell = teller(ports, left, "clock");
  return async (): Promise<void> => {
    const { reminders } = ports.policy.matrix;
    let failures = 0;
    for (const status of ["loaned", "in-review"] as const) {
      let from: string | undefined;
      do {
        const page = await ports.promotions.list({ status }, pageSize, from);
        for (const { id } of page.promotions) {
          if (isShort(left)) throw new Failure("unavailable", "The reminders are left for the next run, from here on.");
          failures += await remindOf(id, reminders);
        }
        from = page.next;
      } while (from !== undefined);
    }
    if (failures > 0) throw new Failure("unavailable", `${failures} rounds of messages did not leave as a whole.`);
  };

  /** How many rounds failed: what was refused, is in doubt or cannot be read of one keeps no other from being reminded. */
  async function remindOf(id: PromotionId, reminders: Reminders | undefined): Promise<number> {
    let failures = 0;
    try {
      for (const telling of await due(id, reminders)) if (!(await told(telling))) failures += 1;
    } catch (error) {
      ports.log("error", "nobody reminded", { promotionId: id, ...errorFields(error) });
      failures += 1;
    }
    return failures;
  }

  async function told(telling: Telling): Promise<boolean> {
    try {
      await tell(telling);
      return true;
    } catch (error) {
      if (error instanceof Failure && error.code === "unavailable") return false;
      throw error;
    }
  }

  async function due(id: PromotionId, reminders: Reminders | undefined): Promise<readonly Telling[]> {
    // The index lags behind: whether the stage is still open is asked of the table.
    const promotion = await ports.promotions.load(id);
    const stage = promotion === undefined ? undefined : openStageOf(promotion);
    const now = ports.now();
    if (promotion === undefined || stage === undefined || now >= stage.deadline) return [];
    const lent = promotion.status === "loaned" ? promotion.loan : undefined;
    const period = lent === undefined ? periodOf(stage, now) : loanReminderDue(lent, now);
    const escalated = reminders === undefined ? undefined : escalationDue(reminders, stage.openedAt, now);
    const unreminded = reminders === undefined && lent === undefined;
    const opened = addSeconds(stage.openedAt, openingSeconds) <= now;
    if (period === undefined && escalated === undefined && !unreminded && !opened) return [];
    const signOffs = (await ports.promotions.signOffs(id)).map(({ signOff }) => signOff);
    const input = await reviewInput(promotion, signOffs, ports);
    if (input === undefined) return [];
    const missing = missingIn(input);
    // Decided, though nobody has written it down yet: there is nothing left to ask for.
    if (missing === undefined) return [];
    const titles = [...missing].map((name) => ({ name, title: titleOf(input.roles, name) }));
    const occasion = `${promotion.review}/${stage.index}/${stage.round}`;
    const why = lent === undefined ? await whyAskedAgain(promotion, ports.promotions.load) : lentSentence(lent);
    const reason = why === undefined ? {} : { reason: why };
    const common = { promotion, stage, at: now, facts: await ports.promotions.facts(id), ...reason };
    const tellings: Telling[] = [];
    const round = lent === undefined ? occasion : `${occasion}/loan`;
    const people = await askedReviewers(input, stage, ports, missing);
    const asking: Telling = { ...common, purpose: "asked", occasion, people };
    // Whoever has been asked before is not asked again.
    if (opened) tellings.push(asking);
    const began =
      typeof period === "number" ? addSeconds(stage.openedAt, period * (reminders?.everySeconds ?? 0)) : now;
    const isLate = opened ? askedSince(began, asking, ports.channels) : () => false;
    if (period !== undefined)
      tellings.push({
        ...common,
        purpose: "reminded",
        occasion: `${round}/${period}`,
        people: people.filter((each) => !isLate(each)),
        rooms: { roles: titles },
      });
    if (period !== undefined || unreminded)
      tellings.push(
        ...nobodyTelling(
          { ...common, occasion: round },
          rolesWithout(people, missing, input),
          input,
          ports.policy.people,
        ),
      );
    if (escalated !== undefined) {
      const to = { role: escalated, title: titleOf(input.roles, escalated) };
      await ports.promotions.recordFact(escalatedFact(promotion, stage, to, now));
      // Whether those who are told may sign as well is for the matrix to say, in the stage.
      const { roles } = ports.policy.matrix;
      const members = await ports.directory.everybody(roles[escalated]?.groups ?? []);
      const people = members
        .filter((member) => member.enabled && givesRole(roles, escalated, member))
        .map((member) => ({ member, roles: titles }));
      tellings.push({ ...common, purpose: "escalated", occasion, people });
    }
    return tellings;

    function periodOf({ openedAt }: OpenStage, at: Instant): number | undefined {
      return reminders === undefined ? undefined : reminderDue(reminders, openedAt, at);
    }
  }
}

function lentSentence({ until }: Loan): string {
  return `It runs on loan, and is taken back on ${minuteText(until)} unless those who are still needed sign before.`;
}
