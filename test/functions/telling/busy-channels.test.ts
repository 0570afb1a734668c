import { describe, expect, it } from "vitest";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Posted } from "../../../core/notification/message.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { OpenChannel } from "../../../functions/telling/open-channels.ts";
import { teller } from "../../../functions/telling/tell.ts";
import { dana, id, now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { email, templates } from "../events/notify-scene.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const slack: OpenChannel = { ...email, name: "slack", kind: "slack", form: "Slack message" };
const lead = { name: "lead-data-scientist", title: "Lead data scientist" };

function people(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, at) => ({
    ...dana,
    identity: { ...dana.identity, subject: `lead-${at}` },
    name: `Lead ${at}`,
    address: `lead-${at}@example.org`,
  }));
}

interface Limits {
  /** So many messages each minute. */
  readonly aMinute: number;
  /** What it says of when it takes more, once it takes none. */
  readonly afterSeconds: number;
}

/** Slack with a limit, and letters without one, by a clock that only waiting moves; a run has five minutes. */
function scene({ aMinute: first, afterSeconds }: Limits, wakes: "retries" | "clock" = "retries") {
  const clock = { now: now as Instant, left: 300_000 };
  const taken: string[] = [];
  const pauses: number[] = [];
  let [asked, minute, aMinute, room] = [0, now as Instant, first, first];
  const promotions = new MemoryPromotions();
  const begin = () => {
    clock.left = 300_000;
    return teller(
      {
        channels: [slack, email],
        post: async (channel, { to }) => {
          const message = `${channel} ${to?.name}`;
          if (channel === "slack") {
            asked += 1;
            if (clock.now >= addSeconds(minute, 60)) [minute, room] = [clock.now, aMinute];
            if (room === 0) return { kind: "refused", code: "http-429", afterSeconds };
            room -= 1;
          }
          return { kind: "sent", messageId: String(taken.push(message)) };
        },
        now: () => clock.now,
        pause: async (milliseconds) => {
          pauses.push(milliseconds);
          clock.now = addSeconds(clock.now, milliseconds / 1000);
          clock.left -= milliseconds;
        },
        log: () => {},
        portalUrl: "https://portal.example",
        templates,
        promotions,
        mac: async () => new Uint8Array(32),
      },
      { getRemainingTimeInMillis: () => clock.left },
      wakes,
    );
  };
  const ask = async (tell: ReturnType<typeof begin>, members: readonly Member[], occasion = "1/1/1") =>
    await tell({
      purpose: "asked",
      promotion: promotionInReview({ stage: openStage(1) }),
      facts: await promotions.facts(id),
      occasion,
      at: now,
      stage: openStage(1),
      people: members.map((member) => ({ member, roles: [lead] })),
      rooms: { roles: [] },
    });
  const recover = () => {
    aMinute = Number.MAX_SAFE_INTEGER;
  };
  const later = (seconds: number) => {
    clock.now = addSeconds(clock.now, seconds);
  };
  return { taken, pauses, promotions, begin, ask, later, recover, asked: () => asked };
}

describe("a channel that takes so many messages a minute", () => {
  it.each(["retries", "clock"] as const)(
    "is left alone for as long as it asks, and then takes the others in the same run (woken by %s)",
    async (wakes) => {
      const { taken, pauses, promotions, begin, ask } = scene({ aMinute: 50, afterSeconds: 60 }, wakes);
      await ask(begin(), people(120));
      expect(taken).toHaveLength(240);
      expect(new Set(taken).size).toBe(240);
      expect(pauses).toEqual([60_000, 60_000]);
      // One is refused each time; the others are not begun.
      const refused = promotions.recordedFacts().filter(({ type }) => type === "notification-refused");
      expect(refused.map(({ body }) => body["code"])).toEqual(["http-429", "http-429"]);
    },
  );

  it("keeps nobody from what they are told by another, which is not waited with", async () => {
    const { taken, begin, ask } = scene({ aMinute: 2, afterSeconds: 60 });
    await ask(begin(), people(3));
    expect(taken.map((each) => each.split(" ")[0])).toEqual(["slack", "slack", "email", "email", "email", "slack"]);
  });

  it("has the rest left for the next run where this one has no time to wait any more", async () => {
    const { taken, begin, ask } = scene({ aMinute: 10, afterSeconds: 60 });
    await expect(ask(begin(), people(60))).rejects.toThrow(
      "1 messages were refused, or may not have left. 9 messages are left for the next run.",
    );
    expect(taken.filter((each) => each.startsWith("slack"))).toHaveLength(50);
    expect(taken.filter((each) => each.startsWith("email"))).toHaveLength(60);
  });

  it("is not waited for where it asks for longer than a minute", async () => {
    const { pauses, begin, ask } = scene({ aMinute: 1, afterSeconds: 61 });
    await expect(ask(begin(), people(3))).rejects.toMatchObject({ code: "unavailable" });
    expect(pauses).toEqual([]);
  });

  it("is waited for once in a run where it takes nothing afterwards, whatever else there is to tell", async () => {
    const { taken, pauses, begin, ask, asked } = scene({ aMinute: 0, afterSeconds: 5 });
    const tell = begin();
    await expect(ask(tell, people(3))).rejects.toThrow(
      "1 messages were refused, or may not have left. 2 messages are left for the next run.",
    );
    await expect(ask(tell, people(3), "1/2/1")).rejects.toMatchObject({ code: "unavailable" });
    expect([pauses, asked()]).toEqual([[5_000], 3]);
    expect(taken).toHaveLength(6);
  });

  it("is asked again by the clock, hours after it took nothing for one: waiting for it counts as no time of its own", async () => {
    const { taken, begin, ask, later, recover } = scene({ aMinute: 0, afterSeconds: 5 }, "clock");

    for (const seconds of [0, 2700]) {
      later(seconds);
      await expect(ask(begin(), people(1))).rejects.toMatchObject({ code: "unavailable" });
    }
    recover();
    later(4 * 3600);
    await ask(begin(), people(1));
    expect(taken.filter((each) => each.startsWith("slack"))).toEqual(["slack Lead 0"]);
  });
});

describe("a channel that has no time to say whether a message has arrived", () => {
  it("is asked again once it has, in the same run, and the message is in doubt until then", async () => {
    let at: Instant = now;
    const answers: readonly ("lost" | Posted)[] = [
      "lost",
      { kind: "not-known", afterSeconds: 7 },
      { kind: "sent", messageId: "MODEL-1" },
    ];
    const asked: boolean[] = [];
    const pauses: number[] = [];
    const lines: string[] = [];
    const promotions = new MemoryPromotions();
    const run = async () => {
      const tell = teller(
        {
          channels: [{ ...slack, repeats: true }],
          post: async (_channel, _message, again) => {
            const answer = answers[asked.push(again) - 1] ?? "lost";
            if (answer === "lost") throw new Error("broken off");
            return answer;
          },
          now: () => at,
          pause: async (milliseconds) => void pauses.push(milliseconds),
          log: (_, line) => void lines.push(line),
          portalUrl: "https://portal.example",
          templates,
          promotions,
          mac: async () => new Uint8Array(32),
        },
        { getRemainingTimeInMillis: () => 300_000 },
      );
      const stage = openStage(1);
      const asking = { purpose: "asked", occasion: "1/1/1", at: now, stage, rooms: { roles: [] } } as const;
      const asksPeople = people(1).map((member) => ({ member, roles: [lead] }));
      await tell({
        ...asking,
        promotion: promotionInReview({ stage }),
        facts: await promotions.facts(id),
        people: asksPeople,
      });
    };
    await expect(run()).rejects.toMatchObject({ code: "unavailable" });
    at = addSeconds(now, 121);
    await run();
    expect([asked, pauses]).toEqual([[false, true, true], [7000]]);
    expect(lines).toEqual(["letter in doubt", "letter in doubt"]);
    expect(promotions.recordedFacts().map(({ type }) => type)).toEqual(["notification-queued", "notification-sent"]);
  });
});
