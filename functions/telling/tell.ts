import { type GenerateMac, reviewerMark, reviewLink } from "../../core/attestation/review-link.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { by } from "../../core/encoding/text-order.ts";
import { Failure } from "../../core/failure.ts";
import type { Templates } from "../../core/notification/load-messages.ts";
import type { Posted } from "../../core/notification/message.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { identityKey, type Member, normalAddress } from "../../core/promotion/identity.ts";
import {
  type Notification,
  notificationState,
  queuedFact,
  queuedId,
  refusedFact,
  sentFact,
  waitsAfterRefusal,
} from "../../core/promotion/notification.ts";
import type { Log } from "../log.ts";
import type { Channels, OpenChannel } from "./open-channels.ts";
import { messageOf, notificationOf, type Recipient, type Telling } from "./telling.ts";

export interface TellPorts extends Channels {
  readonly now: () => Instant;
  readonly pause: (milliseconds: number) => Promise<unknown>;
  readonly log: Log;
  readonly portalUrl: string;
  readonly templates: Templates;
  readonly promotions: { recordFact(fact: Fact): Promise<"recorded" | "exists"> };
  readonly mac: GenerateMac;
}

/** How long the function that tells may still work: the context that Lambda hands it. */
export interface TimeLeft {
  getRemainingTimeInMillis(): number;
}

/** What one message may take: a few exchanges of eight seconds. Lambda ends a function in the middle of whatever it does. */
const reservedMilliseconds = 30_000;
/** Nobody waits longer for a channel that asks to be left alone: limits are by the minute (https://docs.slack.dev/apis/web-api/rate-limits). */
const longestPauseSeconds = 60;
/** After this time the run that wrote an attempt down cannot be at it any more. */
const deadSeconds = 120;

/**
 * For so long one that runs by the clock fails for a message in doubt, of which nothing more can be known: longer, and the alarm would
 * stand for as long as the stage is open, and keep silent about whatever else fails.
 */
const rungSeconds = 3600;

/** Whether there is no time any more to begin another message. */
export const isShort = (left: TimeLeft): boolean => left.getRemainingTimeInMillis() < reservedMilliseconds;

/**
 * Tells people and rooms something by every channel of the deployment that is for it. At most one message leaves for each
 * and an occasion: that it is about to is written down first, by one run only. Where a run dies between that and the other
 * end's answer, the message is handed over again only by channels whose other end can tell; for others the retry says that
 * it is in doubt, until a report shows that it left. A channel that says when it takes more is left alone until then, while
 * everybody else is told; where that does not help, it is not waited for again. Throws `unavailable`, after everybody else was
 * told, or once the function has no time for another: the next run goes on there.
 *
 * @param wakes what calls it again: a failure, a few times, or the clock, without an end. By the clock what was refused is left alone
 * for a while, and in the end given up; only a refusal of this run is a failure, and a doubt for an hour.
 */
export function teller(ports: TellPorts, left: TimeLeft, wakes: "retries" | "clock" = "retries") {
  /** The channels of which waiting made no difference. */
  const stuck = new Set<string>();
  return async (telling: Telling): Promise<void> => {
    const facts = new Map(telling.facts.map((fact) => [fact.id, fact]));
    const channels = ports.channels.filter(({ purposes }) => purposes.includes(telling.purpose));
    let failures = 0;
    let later = 0;
    let round: readonly Due[] = channels.flatMap((channel) =>
      recipientsOf(channel, telling).map((recipient) => ({ channel, recipient, wasBusy: false })),
    );
    for (let waited = false; round.length > 0; waited = true) {
      const [taking, busy] = [new Set<string>(), new Map<string, number>()];
      const held: Due[] = [];
      for (const each of round) {
        const { name } = each.channel;
        if (busy.has(name)) {
          held.push(each);
          continue;
        }
        const became = await tellOne(telling, each, facts);
        if (became === "in-doubt" || became === "refused") failures += 1;
        if (became === "later") later += 1;
        if (became === "sent") taking.add(name);
        if (typeof became === "object") {
          busy.set(name, became.busyForSeconds);
          held.push({ ...each, wasBusy: true });
          if (waited && !taking.has(name)) stuck.add(name);
        }
      }
      const freeSoon = new Map([...busy].filter(([name, seconds]) => !stuck.has(name) && isWorthIt(seconds)));
      round = held.filter(({ channel }) => freeSoon.has(channel.name));
      // Of each channel that is not waited for the first was refused, and the others were not begun.
      failures += busy.size - freeSoon.size;
      later += held.length - round.length - (busy.size - freeSoon.size);
      if (round.length > 0) await ports.pause(Math.max(...freeSoon.values()) * 1000);
    }
    if (failures + later === 0) return;
    // The retry looks again, and what is left after the last waits in a queue for a person.
    const sentences = [
      ...(failures === 0 ? [] : [`${failures} messages were refused, or may not have left.`]),
      ...(later === 0 ? [] : [`${later} messages are left for the next run.`]),
    ];
    throw new Failure("unavailable", sentences.join(" "));
  };

  function isWorthIt(seconds: number): boolean {
    return seconds <= longestPauseSeconds && left.getRemainingTimeInMillis() - seconds * 1000 >= reservedMilliseconds;
  }

  /** What can be said of it: that it has left, that it has not or may not have, that there was no time to begin it, that it is not to be tried now, or not for so long. */
  async function tellOne(
    telling: Telling,
    { channel, recipient: { to, ...what }, wasBusy }: Due,
    facts: Map<string, Fact>,
  ): Promise<"sent" | "refused" | "in-doubt" | "later" | "waits" | { readonly busyForSeconds: number }> {
    const notification = notificationOf(telling, channel, to);
    const earlier = askedBefore(telling, notification);
    const state = notificationState(notification.id, new Set(facts.keys()));
    if (state.kind === "sent") return "sent";
    const { attempt } = state;
    if (wakes === "clock" && !wasBusy && waitsAfterRefusal(notification, attempt, facts, ports.now())) return "waits";
    if (isShort(left)) return "later";
    const { log, promotions } = ports;
    const link = await linkFor(telling, to);
    if (state.kind === "new") {
      const taken = await promotions.recordFact(queuedFact(notification, attempt, ports.now()));
      if (taken === "exists") return doubt(notification);
    } else {
      const since = facts.get(queuedId(notification, attempt))?.at;
      const dead = since !== undefined && addSeconds(since, deadSeconds) <= ports.now();
      const rung = since !== undefined && addSeconds(since, rungSeconds) <= ports.now();
      if (wakes === "clock" && !channel.repeats && rung) return "waits";
      if (!channel.repeats || !dead) return doubt(notification);
    }
    const message = messageOf(ports.templates, telling, { notification, to, ...what, link, earlier });
    let posted: Posted;
    try {
      posted = await ports.post(channel.name, message, state.kind === "in-doubt");
    } catch {
      // One channel that breaks off keeps nobody else from being told. What it threw may quote an address.
      return doubt(notification);
    }
    if (posted.kind === "not-known") {
      doubt(notification);
      return { busyForSeconds: posted.afterSeconds };
    }
    const fact = becameOf(notification, attempt, posted);
    await promotions.recordFact(fact);
    if (posted.kind === "sent") return "sent";
    facts.set(fact.id, fact);
    log("error", "letter refused", { factId: notification.id, code: posted.code });
    return posted.afterSeconds === undefined ? "refused" : { busyForSeconds: posted.afterSeconds };
  }

  function doubt({ id }: Notification): "in-doubt" {
    ports.log("error", "letter in doubt", { factId: id });
    return "in-doubt";
  }

  function becameOf(notification: Notification, attempt: number, posted: Exclude<Posted, { kind: "not-known" }>): Fact {
    switch (posted.kind) {
      case "sent":
        return sentFact(notification, posted.messageId, ports.now());
      case "refused":
        return refusedFact(notification, attempt, posted.code, ports.now());
      default:
        return posted satisfies never;
    }
  }

  /** A review link of the person's own where they are asked; the promotion's page for everything and everybody else. */
  async function linkFor({ promotion, stage, purpose }: Telling, to: Member | undefined): Promise<string> {
    if (promotion === undefined) return ports.portalUrl;
    const asks = purpose === "asked" || purpose === "reminded";
    if (!asks || stage === undefined || to === undefined) return `${ports.portalUrl}/#/promotions/${promotion.id}`;
    const reviewer = reviewerMark(identityKey(to.identity));
    const target = { promotion: promotion.id, stage: stage.index, reviewer };
    return `${ports.portalUrl}/r/${await reviewLink(target, stage.deadline, ports.mac)}`;
  }
}

/** A message that is due. `wasBusy`: its channel was asked in this run, and has been left alone since for as long as it asked. */
interface Due {
  readonly channel: OpenChannel;
  readonly recipient: To;
  readonly wasBusy: boolean;
}

interface To extends Omit<Recipient, "member"> {
  readonly to: Member | undefined;
}

/** Whom a channel tells. Its roles are asked about once, when it asks; everything later goes to those who were asked by it. */
export function recipientsOf(channel: OpenChannel, telling: Telling): readonly To[] {
  const wanted = (roles: Recipient["roles"]) =>
    channel.roles === undefined ? roles : roles.filter(({ name }) => channel.roles?.includes(name));
  const { answers } = telling;
  if (channel.audience === "room") {
    if (telling.rooms === undefined) return [];
    if (answers === undefined) {
      const roles = wanted(telling.rooms.roles);
      return roles.length === 0 ? [] : [{ to: undefined, roles }];
    }
    const asked = questions(telling, channel, undefined).length > 0;
    const picky = channel.follows || channel.roles !== undefined;
    return picky && !asked ? [] : [{ to: undefined, roles: [] }];
  }
  return telling.people.flatMap(({ member, roles, ...said }): readonly To[] => {
    if (channel.people !== undefined && !channel.people.includes(normalAddress(member.address))) return [];
    if (answers !== undefined) return [{ to: member, roles, ...said }];
    const about = wanted(roles);
    return about.length === 0 ? [] : [{ to: member, roles: about, ...said }];
  });
}

/** The facts of what this channel asked the person, or the room, before. */
function questions(
  { facts, answers }: Telling,
  { name }: Pick<OpenChannel, "name">,
  reviewer: string | undefined,
): readonly Fact[] {
  if (answers === undefined) return [];
  return facts.filter(
    ({ type, body, ...fact }) =>
      type === "notification-sent" &&
      body["purpose"] === "asked" &&
      body["channel"] === name &&
      body["reviewer"] === reviewer &&
      answers({ type, body, ...fact }),
  );
}

function askedBefore(telling: Telling, { channel, reviewer }: Notification): readonly string[] {
  return questions(telling, { name: channel }, reviewer)
    .toSorted(by(({ at }) => at))
    .flatMap(({ body }) => (typeof body["messageId"] === "string" ? [body["messageId"]] : []));
}
