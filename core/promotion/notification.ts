import { utf8 } from "../encoding/bytes.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import type { Fact } from "./fact.ts";
import type { OpenStage, Promotion } from "./promotion.ts";
import type { PromotionId } from "./promotion-id.ts";

/** Why somebody is written to. */
export const purposes = [
  "asked",
  "reminded",
  "escalated",
  "settled",
  "fallen",
  "stands",
  "question",
  "answer",
  "told",
  "restricted",
  "lending",
  "lent",
  "afterwards",
  "taken-back",
  "intruder",
] as const;
export type Purpose = (typeof purposes)[number];

/**
 * One message to one person or one room, by one channel: what it is about, and what its facts say of it. Its id is that
 * of the fact that it was sent.
 */
export interface Notification {
  /** `<promotion>/<purpose>/…`, or what it tells of where there is no promotion; the same for every attempt to send it. */
  readonly id: string;
  readonly promotion?: PromotionId;
  readonly purpose: Purpose;
  /** The channel's name in policies/channels.yaml. */
  readonly channel: string;
  /** What is sent, in a word or two: `letter`, `Slack message`. */
  readonly form: string;
  /** The stage that it is about, where it is about one. */
  readonly stage?: number;
  /** The reviewer, as review links mark them; absent for a room. */
  readonly reviewer?: string;
  readonly name: string;
  /** That it was sent, in a sentence. */
  readonly summary: string;
}

/** What mail systems report of a letter that was sent. */
const reports = ["delivered", "bounced", "complained"] as const;
export type Report = (typeof reports)[number];

/** How far a letter has come, by the facts of its promotion. */
export type NotificationState =
  | { readonly kind: "new"; readonly attempt: number }
  /** Handed over, or about to be when the sender died: only the mail system knows whether it left. */
  | { readonly kind: "in-doubt"; readonly attempt: number }
  | { readonly kind: "sent" };

/** Judges by the ids of all facts of the promotion. Attempts count from 1; one that was refused for certain ends. */
export function notificationState(id: string, facts: ReadonlySet<string>): NotificationState {
  if (facts.has(id) || reports.some((report) => facts.has(`${id}/${report}`))) return { kind: "sent" };
  let attempt = 1;
  while (facts.has(`${id}/refused/${attempt}`)) attempt += 1;
  return facts.has(`${id}/queued/${attempt}`) ? { kind: "in-doubt", attempt } : { kind: "new", attempt };
}

/** After so many times at which it was refused one that runs by the clock tries no more. */
const mostTimes = 4;
const firstPauseSeconds = 600;

/**
 * Whether one that runs by the clock leaves alone what was refused so far: it would be refused, and recorded, with each run. The pauses
 * grow, ten minutes, forty, and more than two hours; then it is given up. Attempts that follow one another within minutes, as where a
 * channel is waited for, are of one time.
 *
 * @param attempt the next one, from 1
 */
export function waitsAfterRefusal(
  { id }: Pick<Notification, "id">,
  attempt: number,
  facts: ReadonlyMap<string, Pick<Fact, "at">>,
  now: Instant,
): boolean {
  const refusedAt = Array.from({ length: attempt - 1 }, (_, before) => facts.get(`${id}/refused/${before + 1}`)?.at);
  const last = refusedAt.at(-1);
  if (last === undefined) return false;
  let times = 0;
  let begun: Instant | undefined;
  for (const at of refusedAt) {
    if (at === undefined || (begun !== undefined && at < addSeconds(begun, firstPauseSeconds))) continue;
    times += 1;
    begun = at;
  }
  return times >= mostTimes || now < addSeconds(last, firstPauseSeconds * 4 ** (times - 1));
}

/** The fact that an attempt begins. Written before the letter leaves, by one sender only. */
export function queuedFact(notification: Notification, attempt: number, at: Instant): Fact {
  const { name, form } = notification;
  return {
    ...common(notification, at),
    id: queuedId(notification, attempt),
    type: "notification-queued",
    summary: `A ${form} to ${name} was handed over for sending.`,
    body: { ...bodyOf(notification), attempt },
  };
}

/** The id of that fact. */
export function queuedId({ id }: Pick<Notification, "id">, attempt: number): string {
  return `${id}/queued/${attempt}`;
}

/** The fact that the mail system, or the channel's other end, has taken it. `messageId` is what it calls the message. */
export function sentFact(notification: Notification, messageId: string, at: Instant): Fact {
  const { id, summary } = notification;
  return {
    ...common(notification, at),
    id,
    type: "notification-sent",
    summary,
    body: { ...bodyOf(notification), messageId },
  };
}

/** The fact that it was refused, or could not be handed over, so that it cannot have arrived. */
export function refusedFact(notification: Notification, attempt: number, code: string, at: Instant): Fact {
  const { id, name, form } = notification;
  return {
    ...common(notification, at),
    id: `${id}/refused/${attempt}`,
    type: "notification-refused",
    summary: `A ${form} to ${name} was not taken.`,
    body: { ...bodyOf(notification), attempt, code },
  };
}

const told: Readonly<Record<Report, string>> = {
  delivered: "was delivered to their mail server",
  bounced: "came back",
  complained: "was marked as unwanted",
};

/** The fact of a report about the letter that `queued` announced. `details` are codes only: no address, no server's words. */
export function reportFact(
  queued: Fact,
  report: Report,
  messageId: string,
  details: Readonly<Record<string, string>>,
  at: Instant,
): Fact {
  const { notification, name, attempt: _, ...about } = queued.body;
  return {
    id: `${String(notification)}/${report}`,
    type: `notification-${report}`,
    at,
    ...(queued.promotion === undefined ? {} : { promotion: queued.promotion }),
    summary: `A letter to ${String(name)} ${told[report]}.`,
    body: { notification: notification ?? "", name: name ?? "", ...about, messageId, ...details },
    attachments: [],
  };
}

/** The fact that a stage was escalated to a role: once for each time that it opened, whoever holds the role and is told. */
export function escalatedFact(
  { id: promotion, review }: Pick<Promotion, "id" | "review">,
  { index: stage, name, round, openedAt }: OpenStage,
  to: { readonly role: string; readonly title: string },
  at: Instant,
): Fact {
  return {
    id: `${promotion}/escalated/${review}/${stage}/${round}`,
    type: "escalated",
    at,
    promotion,
    summary: `Nobody has decided the stage '${name}' yet, so it was escalated to the role '${to.title}'.`,
    body: { review, stage, round, role: to.role, openedAt },
    attachments: [],
  };
}

/** By what a letter names itself to the mail system: 32 hex digits, since its id has characters that a tag may not have. */
export function notificationTag(id: string): string {
  return sha256Hex(utf8(id)).slice(0, 32);
}

function common({ promotion }: Notification, at: Instant): Pick<Fact, "at" | "promotion" | "attachments"> {
  return { at, ...(promotion === undefined ? {} : { promotion }), attachments: [] };
}

function bodyOf({ id, channel, purpose, stage, reviewer, name }: Notification): Fact["body"] {
  return {
    notification: id,
    channel,
    purpose,
    ...(stage === undefined ? {} : { stage }),
    ...(reviewer === undefined ? {} : { reviewer }),
    name,
  };
}
