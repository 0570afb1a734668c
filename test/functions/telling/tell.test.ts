import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { jira } from "../../../adapters/jira/jira.ts";
import { slack } from "../../../adapters/slack/slack.ts";
import { teams } from "../../../adapters/teams/teams.ts";
import { webhook } from "../../../adapters/webhooks/webhook.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { type Exchange, NotReached } from "../../../core/notification/channel.ts";
import { loadChannels } from "../../../core/notification/load-channels.ts";
import { loadMessages } from "../../../core/notification/load-messages.ts";
import type { Message } from "../../../core/notification/message.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { openChannels } from "../../../functions/telling/open-channels.ts";
import { type TellPorts, teller } from "../../../functions/telling/tell.ts";
import type { Occasion } from "../../../functions/telling/telling.ts";
import { JiraSite } from "../../adapters/jira/jira-site.ts";
import { bo, dana, id, now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { plentyOfTime } from "../events/notify-scene.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const signing = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const file = `channelsVersion: 1
channels:
  - { name: direct, kind: slack, secret: slack, purposes: [asked, told] }
  - { name: room, kind: slack, room: C0123456789, secret: slack, roles: [sre] }
  - { name: teams, kind: teams, secret: teams }
  - { name: issues, kind: jira, site: "https://example.atlassian.net", project: MODEL, issueType: Task, secret: jira }
  - { name: audit, kind: webhook, url: "https://hooks.example.org/in", secret: audit }
`;
const secrets: Readonly<Record<string, string>> = {
  slack: "xoxb-1",
  teams: "https://teams.example/hook?sig=key",
  jira: "bot@example.org:token",
  audit: signing,
};
const lead = { name: "lead-data-scientist", title: "Lead data scientist" };
const sre = { name: "sre", title: "SRE" };

type Trouble = "none" | "unreachable" | "answers lost" | "busy";

/** Slack, Teams, Jira and a webhook's receiver, which all fail in the same way while there is trouble, by a clock of the test. */
function scene() {
  const clock = { now, trouble: "none" as Trouble, where: "" };
  const arrived: string[] = [];
  const site = new JiraSite();
  const take = (channel: string) => arrived.push(channel);
  const world: Exchange = async (request) => {
    const troubled = request.url.includes(clock.where);
    if (troubled && clock.trouble === "unreachable") throw new NotReached();
    if (troubled && clock.trouble === "busy") return { status: 503, body: "" };
    const answer = await site.exchange(request).catch(() => undefined);
    if (answer !== undefined) return answer;
    const { url, body = "", headers } = request;
    if (url.includes("lookupByEmail")) return { status: 200, body: '{"ok":true,"user":{"id":"U1"}}' };
    if (url.startsWith("https://slack.com")) take((JSON.parse(body) as { channel: string }).channel);
    else if (url.startsWith("https://teams")) take("teams");
    else {
      new Webhook(signing).verify(body, headers);
      take(headers["webhook-id"] ?? "");
    }
    return { status: 200, body: '{"ok":true,"ts":"1.1"}' };
  };
  const lossy: Exchange = async (request) => {
    const answer = await world(request);
    if (clock.trouble === "answers lost" && request.method === "POST") throw new Error("broken off");
    return answer;
  };
  // The standard's library judges by the real clock; the clock of the test is for everything else.
  const kinds = [slack(lossy), teams(lossy), jira(lossy), webhook(lossy, () => Date.now())];
  const rules = requireLoaded("channels.yaml", loadChannels(file, kinds, ["sre", "lead-data-scientist"]));
  const promotions = new MemoryPromotions();
  const lines: string[] = [];
  const ports: TellPorts = {
    ...openChannels(rules, async (name) => secrets[name]),
    now: () => clock.now,
    log: (_, message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    portalUrl: "https://portal.example",
    templates: requireLoaded("messages.yaml", loadMessages(readFileSync("policies/messages.yaml", "utf8"))),
    promotions,
    pause: async () => {},
    mac: async () => new Uint8Array(32),
  };
  const tell = teller(ports, plentyOfTime);
  const promotion = promotionInReview({ stage: openStage(1) });
  const ask = async (over: Partial<Occasion> & { readonly promotion?: Promotion } = {}) =>
    tell({
      purpose: "asked",
      promotion,
      facts: await promotions.facts(id),
      occasion: "1/1/1",
      at: now,
      stage: openStage(1),
      people: [
        { member: dana, roles: [lead] },
        { member: bo, roles: [lead, sre] },
      ],
      rooms: { roles: [lead, sre] },
      ...over,
    });
  const wait = (seconds: number) => {
    clock.now = addSeconds(clock.now, seconds);
  };
  return { clock, arrived, site, promotions, lines, ports, ask, wait };
}

describe("what is told by several channels", () => {
  it("reaches each person and each room once, and the ledger says so without address, link or secret", async () => {
    const { arrived, site, promotions, ask } = scene();
    await ask();
    await ask();
    expect(arrived.map((each) => each.slice(0, 4))).toEqual(["U1", "U1", "C012", "team", "msg_"]);
    expect(site.issues).toHaveLength(1);
    const facts = promotions.recordedFacts();
    expect(facts.map(({ summary }) => summary)).toContain(
      "The channel 'issues' was asked by Jira to review the stage 'model and operations'.",
    );
    expect(JSON.stringify(facts)).not.toMatch(/example\.org|\/r\/|xoxb|whsec|sig=/);
  });

  it("has words for every channel also where all that the templates would say is not there to be said", async () => {
    const { ports } = scene();
    const words = { subject: "Stage {stage}", letter: "{link}", note: "{stage}: {reason}", button: "To {stage}" };
    const sent: Message[] = [];
    const tellings = teller(
      {
        ...ports,
        templates: { ...ports.templates, told: words, intruder: words },
        post: async (_, message) => ({ kind: "sent", messageId: `${sent.push(message)}` }),
      },
      plentyOfTime,
    );
    const common = { facts: [], at: now, people: [], rooms: { roles: [sre] } };
    await tellings({ ...common, purpose: "told", occasion: "deployed", promotion: promotionInReview() });
    await tellings({ ...common, purpose: "intruder", occasion: "x", place: { target: "staging", endpoint: "e" } });
    expect(new Set(sent.map(({ subject, note, button }) => [subject, note, button].join(" | ")))).toEqual(
      new Set([
        "credit-scoring 1.4.0 for production | credit-scoring 1.4.0 for production | Look at it",
        "staging | staging | Look at it",
      ]),
    );
  });

  it("asks a room only about the roles that it is for", async () => {
    const { arrived, ask } = scene();
    await ask({ rooms: { roles: [lead] } });
    expect(arrived).not.toContain("C0123456789");
  });

  it("goes on where it began, and not where it never did", async () => {
    const { site, arrived, promotions, ask } = scene();
    const promotion = promotionInReview({ status: "deployed" });
    await ask({ purpose: "told", occasion: "deployed", promotion, people: [], answers: () => true });
    expect(site.issues).toEqual([]);
    expect(arrived.map((each) => each.slice(0, 4))).toEqual(["team", "msg_"]);
    await ask();
    await ask({ purpose: "told", occasion: "rolled-back", promotion, people: [], answers: () => true });
    expect(site.issues).toMatchObject([{ comments: [{}] }]);
    expect(arrived).toContain("C0123456789");
    expect(promotions.recordedFacts().filter(({ type }) => type === "notification-refused")).toEqual([]);
  });

  it.each(["unreachable", "busy"] as const)(
    "while all are %s for an hour, is told afterwards, once",
    async (trouble) => {
      const { clock, arrived, site, lines, ask, wait } = scene();
      clock.trouble = trouble;
      const end = msOfInstant(now) + 3_600_000;
      while (msOfInstant(clock.now) < end) {
        await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
        wait(300);
      }
      expect([...arrived, ...site.issues]).toEqual([]);
      clock.trouble = "none";
      lines.length = 0;
      await ask();
      expect(arrived).toHaveLength(5);
      expect(site.issues).toHaveLength(1);
      expect(lines).toEqual([]);
    },
  );

  it.each([
    ["Slack", "slack.com", 3],
    ["Teams", "teams.example", 1],
    ["Jira", "atlassian.net", 1],
    ["a webhook's receiver", "hooks.example.org", 1],
  ])(
    "keeps nobody else waiting while %s fails for an hour, and is told there afterwards, once",
    async (_, where, lost) => {
      const { clock, arrived, site, ask, wait } = scene();
      const told = () => arrived.length + site.issues.length;
      for (const trouble of ["unreachable", "busy"] as const) {
        Object.assign(clock, { trouble, where });
        for (let tries = 0; tries < 6; tries++) {
          await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
          expect(told()).toBe(6 - lost);
          wait(300);
        }
      }
      clock.trouble = "none";
      await ask();
      await ask();
      expect(told()).toBe(6);
      expect(arrived.map((each) => each.slice(0, 4)).toSorted()).toEqual(["C012", "U1", "U1", "msg_", "team"]);
    },
  );

  it("whose answers are lost for an hour reaches nobody twice; what cannot be asked for stays in doubt", async () => {
    const { clock, arrived, site, lines, ask, wait } = scene();
    clock.trouble = "answers lost";
    for (let tries = 0; tries < 12; tries++) {
      await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
      wait(300);
    }
    clock.trouble = "none";
    lines.length = 0;
    await expect(ask()).rejects.toMatchObject({ message: "4 messages were refused, or may not have left." });
    expect(lines.every((line) => line.startsWith("letter in doubt"))).toBe(true);
    const hooks = arrived.filter((each) => each.startsWith("msg_"));
    // The receiver drops what it has: every attempt has the same id.
    expect(new Set(hooks).size).toBe(1);
    expect(arrived.filter((each) => !each.startsWith("msg_"))).toEqual(["U1", "U1", "C0123456789", "teams"]);
    expect(site.issues).toHaveLength(1);
  });

  it("is not handed over again while the run that began may be alive", async () => {
    const { clock, arrived, ask, wait } = scene();
    clock.trouble = "answers lost";
    await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
    const before = arrived.length;
    wait(119);
    await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
    expect(arrived).toHaveLength(before);
  });

  it("that is too much for one run is told by the next, to each once, and nothing is in doubt", async () => {
    const { clock, ports, promotions, lines, wait } = scene();
    let end = now;
    const take = (milliseconds: number) => {
      wait(milliseconds / 1000);
      if (clock.now > end) throw new Error("Lambda ended the function.");
    };
    const told: (string | undefined)[] = [];
    const slow: TellPorts = {
      ...ports,
      channels: ports.channels.filter(({ name }) => name === "direct"),
      promotions: {
        recordFact: async (fact) => {
          take(100);
          return await promotions.recordFact(fact);
        },
      },
      post: async (_, { to }) => {
        take(700);
        return { kind: "sent", messageId: `message ${told.push(to?.address)}` };
      },
    };
    const people = Array.from({ length: 700 }, (_, at) => {
      const member = { ...bo, identity: { ...bo.identity, subject: `sub-${at}` }, address: `p${at}@example.org` };
      return { member, roles: [sre] };
    });
    const run = async () => {
      end = addSeconds(clock.now, 300);
      const left = { getRemainingTimeInMillis: () => msOfInstant(end) - msOfInstant(clock.now) };
      const promotion = promotionInReview({ stage: openStage(1) });
      const facts = await promotions.facts(id);
      const occasion = { purpose: "asked", facts, occasion: "1/1/1", at: now, stage: openStage(1), people } as const;
      await teller(slow, left)({ promotion, ...occasion });
    };
    await expect(run()).rejects.toThrow("399 messages are left for the next run.");
    await expect(run()).rejects.toThrow("98 messages are left for the next run.");
    await run();
    expect(told.length).toBe(700);
    expect(new Set(told).size).toBe(700);
    expect(lines).toEqual([]);
  });
});
