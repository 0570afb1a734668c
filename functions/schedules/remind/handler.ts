import { givesRole, titleOf } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import type { Reminders } from "../../../core/approval/reminders.ts";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import { escalatedFact } from "../../../core/promotion/notification.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { errorFields } from "../../log.ts";
import { type AskedReviewersPorts, askedReviewers, reviewInput } from "../../people/asked-reviewers.ts";
import { rememberedDirectory } from "../../people/remembered-directory.ts";
import type { PromotionMoves, PromotionPage } from "../../steps/promotion-store.ts";
import { aboveTheRest } from "../../telling/above-the-rest.ts";
import { missingIn, nobodyTelling, rolesWithout } from "../../telling/nobody-to-ask.ts";
import { isShort, type TellPorts, type TimeLeft, teller } from "../../telling/tell.ts";
import type { Telling } from "../../telling/telling.ts";
import { dueOf } from "./due.ts";
import { askedSince } from "./latecomers.ts";
import { endsTold, haveDecided, isUnheard, unlessRung } from "./ring-decide.ts";

export interface RemindPorts extends TellPorts, AskedReviewersPorts {
  readonly promotions: TellPorts["promotions"] &
    AskedReviewersPorts["promotions"] &
    PromotionMoves & {
      list(filter: Listing & { readonly unreadable: "told" }, limit: number, from?: string): Promise<PromotionPage>;
      facts(id: PromotionId): Promise<readonly Fact[]>;
    };
}

interface Listing {
  readonly status: (typeof open | typeof endsTold)[number];
  /** Of the submission. */
  readonly from?: Instant;
}

/** In which an execution may wait for people, or for what they decided; those of whom nobody is asked are soon looked at. */
const open = ["loaned", "approved", "gating", "in-review"] as const;
const pageSize = 50;

/**
 * Asks whoever can sign only since a stage has opened: who came, came back, or stands in for somebody by now. Reminds those who are still
 * needed, and tells whom the matrix names once a stage has been open for too long. Of what runs on loan they
 * are reminded whatever the matrix says of reminders: at its end it is taken back; and whoever started the run is told in any case that
 * nobody is left to be asked. What is asked for otherwise by now goes back to its gates, what is complete is decided, what was decided is
 * told to its execution once more, also where it ended so, and nobody is reminded of any. Every run does what is due; a message's id holds the period, so that
 * each person gets one for each at most. What there is no time for is left to the next run, which passes over what this one did.
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
    for (const status of open)
      for await (const { promotions, unreadable = [] } of pages({ status })) {
        for (const id of unreadable) ports.log("error", "nobody reminded", { promotionId: id, code: "unreadable" });
        failures += unreadable.length;
        for (const { id } of promotions) failures += await remindOf(id, reminders);
      }
    // Of what has ended nobody is reminded, and there is ever more of it: each is asked for only where it may be waited for. One that
    // cannot be read is told by the reconciliation.
    const from = addSeconds(ports.now(), -longestSeconds(ports.policy.matrix));
    for (const status of endsTold)
      for await (const { promotions } of pages({ status, from }))
        for (const { id } of promotions.filter((each) => isUnheard(ports.policy, each, ports.now())))
          failures += await remindOf(id, reminders);
    if (failures > 0) throw new Failure("unavailable", `${failures} rounds of messages did not leave as a whole.`);
  };

  async function* pages(listing: Listing) {
    let from: string | undefined;
    do {
      const page = await ports.promotions.list({ ...listing, unreadable: "told" }, pageSize, from);
      yield page;
      from = page.next;
    } while (from !== undefined);
  }

  /** How many rounds failed: what was refused, is in doubt or cannot be read of one keeps no other from being reminded. */
  async function remindOf(id: PromotionId, reminders: Reminders | undefined): Promise<number> {
    if (isShort(left)) throw new Failure("unavailable", "The reminders are left for the next run, from here on.");
    let failures = 0;
    try {
      // The index lags behind: whether the stage is still open is asked of the table.
      const promotion = await unlessRung(ports, id);
      if (promotion === undefined) return 0;
      for (const telling of await tellingsOf(promotion, reminders)) if (!(await told(telling))) failures += 1;
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

  async function tellingsOf(promotion: Promotion, reminders: Reminders | undefined): Promise<readonly Telling[]> {
    const now = ports.now();
    const due = dueOf(promotion, reminders, now);
    if (due === undefined) return [];
    const input = await reviewInput(promotion, ports);
    if (input === undefined) return [];
    const missing = missingIn(input);
    // Decided, though nobody has written it down yet: there is nothing left to ask for.
    if (missing === undefined) {
      await haveDecided(ports.promotions, promotion);
      return [];
    }
    const { stage, loan } = due;
    const { load } = ports.promotions;
    const why = loan === undefined ? await aboveTheRest(promotion, load, ports.policy, now) : lentSentence(loan);
    const facts = await ports.promotions.facts(promotion.id);
    const common = { promotion, stage, at: now, facts, ...(why === undefined ? {} : { reason: why }) };
    const occasion = `${promotion.review}/${stage.index}/${stage.round}`;
    const people = await askedReviewers(input, stage, ports, missing);
    const roles = [...missing].map((name) => ({ name, title: titleOf(input.roles, name) }));
    const round = loan === undefined ? occasion : `${occasion}/loan`;
    const tellings: Telling[] = [];
    // Whoever has been asked before is not asked again.
    const asking: Telling = { ...common, purpose: "asked", occasion, people };
    if (due.latecomers) tellings.push(asking);
    if (due.reminder !== undefined) {
      const { period, since } = due.reminder;
      const isLate = due.latecomers ? askedSince(since, asking, ports.channels) : () => false;
      const reminded = people.filter((each) => !isLate(each));
      tellings.push({
        ...common,
        purpose: "reminded",
        occasion: `${round}/${period}`,
        people: reminded,
        rooms: { roles },
      });
    }
    if (due.nobodyLeft) {
      const without = rolesWithout(people, missing, input);
      tellings.push(...nobodyTelling({ ...common, occasion: round }, without, input, ports.policy.people));
    }
    if (due.escalation !== undefined) {
      const to = { role: due.escalation, title: titleOf(input.roles, due.escalation) };
      await ports.promotions.recordFact(escalatedFact(promotion, stage, to, now));
      const members = await holdersOf(due.escalation);
      tellings.push({
        ...common,
        purpose: "escalated",
        occasion,
        people: members.map((member) => ({ member, roles })),
      });
    }
    return tellings;
  }

  /** Whether those who are told may sign as well is for the matrix to say, in the stage. */
  async function holdersOf(role: string): Promise<readonly Member[]> {
    const { roles } = ports.policy.matrix;
    const members = await ports.directory.everybody(roles[role]?.groups ?? []);
    return members.filter((member) => member.enabled && givesRole(roles, role, member));
  }
}

/** No promotion lasts longer, by the rules in force; one of a rule of before may, and then waits until its stage is over. */
function longestSeconds({ rules, policyChange }: Matrix): number {
  const each = rules.map(({ expiresAfterSeconds, loan }) => expiresAfterSeconds + (loan?.maximumSeconds ?? 0));
  return Math.max(policyChange?.expiresAfterSeconds ?? 0, ...each);
}

function lentSentence({ until }: Loan): string {
  return `It runs on loan, and is taken back on ${minuteText(until)} unless those who are still needed sign before.`;
}
