import { addSeconds } from "../../../../core/encoding/instant.ts";
import { Failure } from "../../../../core/failure.ts";
import {
  type Notification,
  purposes,
  queuedFact,
  refusedFact,
  reportFact,
  sentFact,
} from "../../../../core/promotion/notification.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { askQuestion } from "../../../../functions/api/ask-question/handler.ts";
import { redriveNotifications } from "../../../../functions/api/redrive-notifications/handler.ts";
import { type NotifyPorts, notify } from "../../../../functions/events/notify/handler.ts";
import { recordDelivery } from "../../../../functions/events/record-delivery/handler.ts";
import { remind } from "../../../../functions/schedules/remind/handler.ts";
import type { OpenChannel } from "../../../../functions/telling/open-channels.ts";
import { email, mac, portalUrl, templates } from "../../../functions/events/notify-scene.ts";
import { memoryDirectory } from "../../../functions/memory-directory.ts";
import { cora, dana, type House, sam, tom } from "../house.ts";
import { asked } from "./asked.ts";
import { type People, texts } from "./people.ts";
import type { Stream } from "./stream.ts";

type Queue = Parameters<typeof redriveNotifications>[0]["queue"];
type Taken = Awaited<ReturnType<Queue["take"]>>[number];

/** Few are written to, or each history would be about letters. */
const channels: readonly OpenChannel[] = [
  { ...email, people: [cora, dana, sam, tom].map(({ address }) => address) },
  { ...email, name: "room", kind: "slack", form: "Slack message", purposes, audience: "room", repeats: true },
];

/** What people are sent, and what comes of it; what they ask; and what they could not be told, which waits in a queue. */
export class Letters {
  readonly #house: House;
  readonly #people: People;
  #waiting: readonly Taken[] = [];
  #messages = 0;
  readonly #stream: Stream;
  readonly #posted: { readonly message: string; readonly promotion: string; readonly tag: string }[] = [];

  constructor(house: House, people: People, stream: Stream) {
    this.#house = house;
    this.#people = people;
    this.#stream = stream;
  }

  /** Those who are to hear of what the ledger has are told, perhaps once more; some are reminded, and some letters arrive or come back. */
  async carry(how: number, more: number): Promise<void> {
    const ports = this.#ports(more);
    const { announced } = this.#stream;
    const next = announced.splice(0, 1 + (how % 4));
    if (more % 5 === 0) announced.push(...next);
    // Lambda stops it before it begins another letter.
    let left = more % 6 === 0 ? 2 : 100;
    const time = { getRemainingTimeInMillis: () => (--left > 0 ? 300_000 : 0) };
    for (const { factId, promotionId, type } of next) {
      const tell = () => notify(ports)({ detail: { factId, promotionId, type } }, time);
      await tell().catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== "unavailable") throw error;
        announced.push(...next.filter((each) => each.factId === factId));
      });
    }
    if (how % 3 === 0) await remind(ports)({}, time);
    if (how % 2 === 0) await this.#report(how, more);
  }

  #ports(more: number): NotifyPorts & Parameters<typeof remind>[0] {
    const house = this.#house;
    return {
      ...{
        now: house.host(),
        pause: async () => {},
        log: () => {},
        portalUrl,
        templates,
        mac,
        channels,
        policy: house.policies,
      },
      promotions: house.promotions,
      delegations: house.delegations,
      absences: { list: async () => [] },
      directory: memoryDirectory(house.people),
      post: async (_, { id, about: { promotion } }) => {
        this.#messages += 1;
        const message = `letter-${this.#messages}`;
        if ((this.#messages + more) % 7 === 0) throw new Error("The connection was lost.");
        if ((this.#messages + more) % 5 === 0) return { kind: "refused", code: "throttled" };
        this.#posted.push({ message, promotion: promotion ?? "installation", tag: id });
        return { kind: "sent", messageId: message };
      },
    };
  }

  async #report(how: number, more: number): Promise<void> {
    const posted = this.#posted[more % this.#posted.length];
    if (posted === undefined) return;
    const { promotions } = this.#house;
    const event = [
      { eventType: "Delivery" },
      { eventType: "Bounce", bounce: { bounceType: "Permanent", bounceSubType: "General" } },
      { eventType: "Complaint", complaint: { complaintFeedbackType: null } },
      { eventType: "Reject" },
    ][how % 4];
    const { message: messageId, promotion, tag } = posted;
    const mail = { messageId, tags: { promotion: [promotion], notification: [tag] } };
    await recordDelivery({ now: this.#house.host(), log: () => {}, promotions })({ detail: { ...event, mail } });
  }

  /** One of them is sent, refused, or comes back. */
  async letter(id: PromotionId, how: number, more: number): Promise<void> {
    const { promotions } = this.#house;
    const now = this.#house.host();
    const name = texts[more % texts.length] ?? "";
    const letter: Notification = {
      ...{ id: `${id}/asked/1/0/${how % 3}/Cora`, promotion: id, purpose: "asked", channel: "mail", form: "letter" },
      ...{ stage: 0, reviewer: "cora", name, summary: `A letter to ${name} was sent.` },
    };
    const facts = [
      queuedFact(letter, 1, now()),
      sentFact(letter, "message", now()),
      refusedFact(letter, 1, "throttled", now()),
      reportFact(queuedFact(letter, 1, now()), "bounced", "message", {}, now()),
    ];
    const fact = facts[how % facts.length];
    if (fact !== undefined) await promotions.recordFact(fact);
  }

  /** Somebody asks those who made a candidate, or one of these answers. */
  async question(id: PromotionId, how: number, more: number): Promise<void> {
    const house = this.#house;
    const who = this.#people.now([cora, sam, tom][how % 3] ?? cora);
    const directory = memoryDirectory(house.people);
    const ask = askQuestion({
      now: house.host(),
      people: house.policies.people,
      groups: house.policies.groups,
      directory,
      shownDirectory: directory,
      claimsMachine: () => false,
      verifyPerson: async () => ({ ...who, authenticatedAt: house.clock }),
      verifyMachine: async () => house.promotions.stored(id).manifest.requester,
      promotions: house.promotions,
      turns: house.turns,
    });
    const text = texts[more % texts.length] || "Why?";
    const questions = (await house.promotions.facts(id)).filter(({ type }) => type === "question");
    const question = String(questions[more % Math.max(1, questions.length)]?.body["question"]);
    await (who === tom
      ? ask({
          ...asked(id, { text }),
          parameters: { id, question },
          route: "/v1/promotions/{id}/questions/{question}/answer",
        })
      : ask({ ...asked(id, { id: `${how % 5}`, text }), route: "/v1/promotions/{id}/questions" }));
  }

  /** An operator looks at what waits, has it tried again, or gives it up. */
  async undelivered(id: PromotionId | undefined, how: number, more: number): Promise<void> {
    const house = this.#house;
    this.#fails(id, more);
    const found: Taken[] = [];
    const handler = redriveNotifications({
      now: house.host(),
      roles: house.policies.matrix.roles,
      verifyPerson: async () => ({ ...this.#people.now(sam), authenticatedAt: house.clock }),
      queue: {
        take: async () => {
          const next = this.#waiting.filter((each) => !found.includes(each)).slice(0, 3);
          found.push(...next);
          return next;
        },
        letGo: async () => {},
        remove: async (message) => {
          this.#waiting = this.#waiting.filter((each) => each.id !== message.id);
        },
      },
      announce: async () => {},
      promotions: house.promotions,
    });
    const message = this.#waiting[more % this.#waiting.length]?.id ?? "none";
    switch (how % 4) {
      case 0:
        await handler({ ...asked(message, {}), method: "GET", route: "/v1/notifications/undelivered" });
        return;
      case 1:
        await handler({ ...asked(message, { before: house.clock }), route: "/v1/notifications/redrive" });
        return;
      default:
        await handler({
          ...asked(message, { message, reason: texts[more % texts.length] || "The room is gone." }),
          route: "/v1/notifications/discard",
        });
    }
  }

  /** Something could not be told, of a promotion, of none, or nobody can read what it was. */
  #fails(id: PromotionId | undefined, more: number): void {
    this.#messages += 1;
    const own = id === undefined ? [] : this.#house.promotions.stored(id).history;
    const facts = more % 4 === 0 ? this.#house.facts.filter(({ promotion }) => promotion === undefined) : own;
    const fact = facts[more % Math.max(1, facts.length)];
    const message = `m-${this.#messages}`;
    this.#waiting = [
      ...this.#waiting,
      {
        ...{ id: message, handle: message, since: addSeconds(this.#house.clock, -60) },
        ...(fact === undefined || more % 5 === 0
          ? {}
          : {
              announced: {
                ...{ factId: fact.id, type: fact.type, at: fact.at, ledgerIndex: 1 },
                ...(fact.promotion === undefined ? {} : { promotionId: fact.promotion }),
              },
            }),
      },
    ];
  }
}
