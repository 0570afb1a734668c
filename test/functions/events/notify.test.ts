import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loanFactId, type RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { followReviewLink, reviewerMark } from "../../../core/attestation/review-link.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { loadMessages } from "../../../core/notification/load-messages.ts";
import type { Message, Posted } from "../../../core/notification/message.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { purposes, reportFact } from "../../../core/promotion/notification.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { answerFact, questionFact } from "../../../core/promotion/question.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { type NotifyPorts, notify } from "../../../functions/events/notify/handler.ts";
import type { OpenChannel } from "../../../functions/open-channels.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import {
  cora,
  dana,
  deadline,
  digestOf,
  everybody,
  id,
  manifest,
  member,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionInReview,
  sam,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const mac = async (message: Uint8Array) => new Uint8Array(createHmac("sha256", "the key").update(message).digest());
const check = async (message: Uint8Array, given: Uint8Array) => timingSafeEqual(await mac(message), given);
const portalUrl = "https://portal.example";
const templates = requireLoaded("messages.yaml", loadMessages(readFileSync("policies/messages.yaml", "utf8")));
const email: OpenChannel = {
  name: "email",
  kind: "email",
  form: "letter",
  purposes,
  audience: "person",
  follows: false,
  repeats: false,
};
const addresses = (letters: readonly Message[]) => letters.map(({ to }) => to?.address);

function scene(promotion: Promotion = promotionInReview(), members = everybody, over: Partial<NotifyPorts> = {}) {
  const promotions = new MemoryPromotions([promotion]);
  const letters: Message[] = [];
  const lines: string[] = [];
  const ports: NotifyPorts = {
    now: () => now,
    log: (_, message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    portalUrl,
    policy,
    templates,
    channels: [email],
    promotions: {
      load: promotions.load,
      facts: promotions.facts,
      installationFacts: promotions.installationFacts,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
      recordFact: promotions.recordFact,
    },
    delegations: new MemoryDelegations(),
    absences: new MemoryAbsences(),
    directory: memoryDirectory(members),
    mac,
    post: async (_, letter) => ({ kind: "sent", messageId: `message ${letters.push(letter)}` }),
    ...over,
  };
  const hear = (type: string, promotionId: unknown = id, factId = "x") =>
    notify(ports)({ detail: { factId, promotionId, type } });
  return { promotions, letters, lines, ports, hear };
}

function fact(type: FactType, body: Fact["body"]): Fact {
  return { id: `${id}/7`, type, at: now, promotion: id, summary: "What happened.", body, attachments: [] };
}

describe("under policies without a rule for the promotion any more", () => {
  it.each(policiesWithoutRule)("nobody is asked: %s", async (_, inForce) => {
    const { letters, hear } = scene(promotionInReview(), everybody, { policy: inForce });
    await hear("stage-opened");
    expect(letters).toEqual([]);
  });

  it.each(policiesWithoutRule)("those who were asked are told how it ended: %s", async (_, inForce) => {
    const { promotions, letters, hear, ports } = scene();
    await hear("stage-opened");
    promotions.put(promotionInReview({ status: "blocked", reason: "There is no rule." }));
    await notify({ ...ports, policy: inForce })({ detail: { factId: "x", promotionId: id, type: "blocked" } });
    expect(addresses(letters)).toEqual([cora.address, cora.address]);
    expect(letters[1]?.letter).toContain("There is no rule.");
  });
});

describe("a loan that somebody asks for", () => {
  const terms = { seconds: 3600, incident: "https://incidents.example/7" };
  const request: RecordedLoan = {
    ...signed("loan"),
    signature: {
      ...{ id: digestOf("request"), promotion: id, review: 1, terms, reason: "It declines everybody.", role: "sre" },
      ...{ reviewer: sam.identity, reviewerName: sam.name, groups: sam.groups, recordedAt: now },
    },
  };
  const told = (promotion = promotionInReview(), recorded = request) => {
    const asked = scene(promotion);
    const factId = loanFactId(id, recorded.signature.id);
    return { ...asked, ask: () => asked.hear("loan-requested", id, factId), recorded };
  };

  it("is told at once to everybody whose seat it would do without, while it can still be stopped", async () => {
    const { promotions, letters, ask } = told();
    await promotions.recordLoan(request);
    await ask();
    await ask();
    expect(addresses(letters).toSorted()).toEqual(everybody.map(({ address }) => address).toSorted());
    const [first] = letters;
    expect(first?.subject).toBe("Somebody asks for a loan: credit-scoring 1.4.0 for production");
    expect(first?.letter).toContain("Sam asked for a loan of 1h as sre. It declines everybody.");
    expect(first?.letter).toContain("Whoever may reject the candidate can stop it now.");
    expect(first?.link).toBe(`${portalUrl}/#/promotions/${id}`);
  });

  it.each<[string, Partial<Promotion>, Partial<RecordedLoan["signature"]>]>([
    ["that confirms another is told as what comes of it", {}, { confirms: digestOf("other") }],
    ["of an earlier review is over", {}, { review: 0 }],
    ["comes too late once it has ended", { status: "rejected" }, {}],
  ])("%s", async (_, over, signature) => {
    const { promotions, letters, ask, recorded } = told(promotionInReview(over), {
      ...request,
      signature: { ...request.signature, ...signature },
    });
    await promotions.recordLoan(recorded);
    await ask();
    expect(letters).toEqual([]);
  });
});

/** What proves a signature, which nobody who tells of it looks at. */
function signed(payload: string): Omit<RecordedLoan, "signature"> {
  return { envelope: { payload, payloadType: "application/json", signatures: [] }, idToken: "", jwks: { keys: [] } };
}

describe("a question", () => {
  const asker = { identity: cora.identity, name: cora.name };
  const question = questionFact(id, { id: "1", text: "Why was age left out?" }, asker, now);
  const answer = answerFact(id, String(question.body["question"]), "The law.", { ...asker, name: "Tom" }, now);

  it("goes to those who had a hand in the candidate, and its answer to whoever asked", async () => {
    const { promotions, letters, hear } = scene();
    await promotions.recordFact(question);
    await hear("question", id, question.id);
    expect(addresses(letters)).toEqual([tom.address]);
    expect(letters[0]?.letter).toContain("Why was age left out?");
    await promotions.recordFact(answer);
    await hear("answer", id, answer.id);
    expect(addresses(letters)).toEqual([tom.address, cora.address]);
    expect(letters[1]?.letter).toContain("The law.");
    expect(letters[1]?.link).toBe(`${portalUrl}/#/promotions/${id}`);
  });

  it("is told once, and not at all where it is not there", async () => {
    const { promotions, letters, hear } = scene();
    await hear("question", id, question.id);
    await promotions.recordFact(question);
    await hear("question", id, question.id);
    await hear("question", id, question.id);
    expect(letters).toHaveLength(1);
  });
});

describe("a stage that opens", () => {
  it("asks those who could fill its seats, each with a link of their own", async () => {
    const { letters, hear } = scene();
    await hear("stage-opened");
    expect(addresses(letters)).toEqual([cora.address]);
    const [letter] = letters;
    expect(letter?.subject).toBe("Please review credit-scoring 1.4.0 for production");
    expect(letter?.letter).toContain("your sign-off as Compliance officer");
    expect(letter?.letter).toContain("before 2026-11-24 11:00 UTC");
    const link = /https:\/\/portal\.example\/r\/(\S+)/.exec(letter?.letter ?? "")?.[1] ?? "";
    expect(await followReviewLink(link, now, check)).toEqual({
      promotion: id,
      stage: 0,
      reviewer: reviewerMark(identityKey(cora.identity)),
      expiresAt: deadline,
    });
  });

  it("asks nobody who had a hand in the candidate, whose account is disabled, or who has a seat", async () => {
    const settled = [
      {
        index: 0,
        seats: [{ role: "compliance-officer", person: cora.identity, signOff: promotionInReview().freezeDigest }],
      },
    ];
    const both = { ...cora, groups: ["compliance-officers", "sre"] };
    const { letters, hear } = scene(promotionInReview({ stage: openStage(1), settled }), [
      both,
      { ...dana, enabled: false },
      sam,
      ...everybody.slice(3),
    ]);
    await hear("stage-opened");
    expect(addresses(letters).toSorted()).toEqual(["bo@example.org", "sam@example.org"]);
  });

  it("heard twice asks once, and writes down that it did, without address or link", async () => {
    const { promotions, letters, hear } = scene();
    await hear("stage-opened");
    await hear("stage-opened");
    expect(letters).toHaveLength(1);
    const facts = promotions.recordedFacts();
    expect(facts).toMatchObject([
      { type: "notification-queued", summary: "A letter to Cora was handed over for sending." },
      {
        type: "notification-sent",
        summary: "Cora was asked by email to review the stage 'compliance'.",
        body: { messageId: "message 1" },
      },
    ]);
    expect(JSON.stringify(facts)).not.toMatch(/example\.org|\/r\//);
  });

  it("asks again when it is opened for another round", async () => {
    const { promotions, letters, hear } = scene();
    await hear("stage-opened");
    promotions.put(promotionInReview({ stage: openStage(0, { round: 2 }) }));
    await hear("stage-opened");
    expect(letters).toHaveLength(2);
  });

  it("that was decided before anybody heard asks nobody", async () => {
    const { letters, hear } = scene(promotionInReview({ stage: openStage(0, { open: false }) }));
    await hear("stage-opened");
    expect(letters).toEqual([]);
  });

  describe("for three people, when the run dies", () => {
    const promotion = promotionInReview({ stage: openStage(1), settled: [{ index: 0, seats: [] }] });
    const event = { detail: { promotionId: id, type: "stage-opened" } };
    // load, sign-offs, directory, delegations, absences and facts; then for each of the three mac, queued, send and sent.
    const calls = Array.from({ length: 18 }, (_, n) => n + 1);

    it.each(calls.flatMap((call) => [[call, "before"] as const, [call, "after"] as const]))(
      "at call %i, %s it, sends nobody two letters, and says whose is in doubt",
      async (call, moment) => {
        const { letters, lines, promotions, ports, hear } = scene(promotion);
        const { log } = ports;
        const dying = notify({ ...crashing(ports, { call, moment }).ports, log });
        const at = ["mac", "queued", "post", "sent"][(call - 7) % 4];
        // What a channel throws is one message's trouble: the others are told all the same.
        const survives = call > 6 && at === "post";
        await expect(dying(event)).rejects.toMatchObject(survives ? { code: "unavailable" } : { constructor: Crashed });
        lines.length = 0;
        const again = await hear("stage-opened").then(
          () => [],
          (error: unknown) => [error],
        );
        const recipients = addresses(letters);
        expect(new Set(recipients).size).toBe(recipients.length);
        const recorded = promotions.recordedFacts().filter(({ type }) => type === "notification-sent").length;
        const doubted = lines.filter((line) => line.startsWith("letter in doubt")).length;
        expect(recorded + doubted).toBe(3);
        expect(again).toHaveLength(doubted);
        const between = at === "post" || at === (moment === "after" ? "queued" : "sent");
        expect(doubted).toBe(call > 6 && between ? 1 : 0);
        if (doubted === 1) expect(again).toEqual([expect.objectContaining({ code: "unavailable" })]);
      },
    );

    it("a report that the letter was delivered ends the doubt", async () => {
      const { lines, promotions, ports, hear } = scene(promotion);
      const dying = notify({ ...crashing(ports, { call: 8, moment: "after" }).ports, log: ports.log });
      await expect(dying(event)).rejects.toBeInstanceOf(Crashed);
      const [queued] = promotions.recordedFacts();
      if (queued === undefined) throw new Error("Nothing was queued.");
      await promotions.recordFact(reportFact(queued, "delivered", "message 1", {}, now));
      await hear("stage-opened");
      expect(lines).toEqual([]);
    });
  });

  it("asks again whom the post refused, and the others at once", async () => {
    const promotion = promotionInReview({ stage: openStage(1), settled: [{ index: 0, seats: [] }] });
    const { letters, lines, promotions, ports, hear } = scene(promotion);
    const refusing = async (channel: string, letter: Message, again: boolean): Promise<Posted> =>
      letter.to?.address === "dana@example.org"
        ? { kind: "refused", code: "TooManyRequestsException" }
        : ports.post(channel, letter, again);
    const event = { detail: { promotionId: id, type: "stage-opened" } };
    await expect(notify({ ...ports, post: refusing })(event)).rejects.toMatchObject({ code: "unavailable" });
    expect(addresses(letters).toSorted()).toEqual(["bo@example.org", "sam@example.org"]);
    expect(lines).toEqual([expect.stringMatching(/^letter refused .*"code":"TooManyRequestsException"/)]);
    await hear("stage-opened");
    expect(addresses(letters)).toContain("dana@example.org");
    const about = promotions.recordedFacts().filter(({ body }) => body["name"] === "Dana");
    expect(about.map(({ type, body }) => [type, body["attempt"]])).toEqual([
      ["notification-queued", 1],
      ["notification-refused", 1],
      ["notification-queued", 2],
      ["notification-sent", undefined],
    ]);
  });

  it("is asked about once where two hear of it at the same time", async () => {
    const { letters, ports } = scene();
    const event = { detail: { promotionId: id, type: "stage-opened" } };
    await Promise.allSettled([notify(ports)(event), notify(ports)(event)]);
    expect(letters).toHaveLength(1);
  });
});

describe("the end of a promotion", () => {
  async function asked(members = everybody) {
    const world = scene(promotionInReview(), members);
    await world.hear("stage-opened");
    world.letters.length = 0;
    return world;
  }

  it("is told once to those who were asked, with its reason and no review link", async () => {
    const { promotions, letters, hear } = await asked();
    promotions.put(promotionInReview({ status: "rejected", reason: "No <capacity>." }));
    await hear("rejected");
    await hear("rejected");
    expect(letters.map(({ to, subject }) => [to?.address, subject])).toEqual([
      [cora.address, "credit-scoring 1.4.0 for production: rejected"],
    ]);
    expect(letters[0]?.letter).toContain("Reason: No <capacity>.");
    expect(letters[0]?.letter).toContain(`${portalUrl}/#/promotions/${id}`);
    expect(letters[0]?.letter).not.toContain("/r/");
  });

  it("is told to whoever started the run as well, without having been asked", async () => {
    const { promotions, letters, hear } = await asked();
    promotions.put(promotionInReview({ status: "deployed", startedBy: { address: "TOM@example.org" } }));
    await hear("deployed");
    expect(addresses(letters)).toEqual([cora.address, "tom@example.org"]);
  });

  it("is not told to somebody whose account is disabled meanwhile", async () => {
    const { promotions, letters, ports } = await asked();
    promotions.put(promotionInReview({ status: "deployed" }));
    const directory = memoryDirectory([{ ...cora, enabled: false }]);
    await notify({ ...ports, directory })({ detail: { promotionId: id, type: "deployed" } });
    expect(letters).toEqual([]);
  });

  const told = [
    "blocked",
    "deployed",
    "rejected",
    "expired",
    "withdrawn",
    "superseded",
    "rolled-back",
    "failed",
    "restricted",
  ];
  it.each(statuses.map((status) => [status, told.includes(status)] as const))(
    "while it is %s is told: %s",
    async (status, expected) => {
      const { promotions, letters, hear } = await asked();
      promotions.put(promotionInReview({ status, stage: openStage(0, { open: false }) }));
      await hear("verdict");
      expect(letters.length > 0).toBe(expected);
    },
  );
});

describe("a stage that is decided", () => {
  it("is told, once, to those who were asked and are in no seat of it", async () => {
    const { promotions, letters, hear } = scene(promotionInReview({ stage: openStage(1) }));
    await hear("stage-opened");
    letters.length = 0;
    const seats = [{ role: "sre", person: sam.identity, signOff: promotionInReview().freezeDigest }];
    const decided = fact("stage-decided", { stage: 1, seats: [] });
    promotions.put(promotionInReview({ stage: openStage(1), settled: [{ index: 1, seats }], history: [decided] }));
    await hear("stage-decided", id, decided.id);
    await hear("stage-decided", id, decided.id);
    expect(addresses(letters).toSorted()).toEqual(["bo@example.org", "dana@example.org"]);
    expect(letters[0]?.subject).toBe("Already decided: credit-scoring 1.4.0 for production");
    expect(letters[0]?.letter).not.toContain("/r/");
  });

  it("long ago, of which the promotion's history knows nothing, is told to nobody", async () => {
    const { letters, hear } = scene();
    await hear("stage-opened");
    letters.length = 0;
    await hear("stage-decided", id, "made up");
    expect(letters).toEqual([]);
  });
});

describe("a signature that falls", () => {
  const given: SignOff = {
    id: digestOf("what Cora signed"),
    promotion: id,
    review: 1,
    stage: 0,
    result: "approve",
    reason: "",
    roles: ["compliance-officer"],
    reviewer: cora.identity,
    reviewerName: cora.name,
    groups: cora.groups,
    recordedAt: now,
  };
  const hears = async (
    body: Fact["body"],
    type: "seat-reopened" | "supersedes" = "seat-reopened",
    over: Partial<NotifyPorts> = {},
    started: Partial<Promotion> = {},
    signed: SignOff = given,
  ) => {
    const reopened = fact(type, body);
    const promotion = promotionInReview({ status: "gating", history: [reopened], ...started });
    const { ports, letters } = scene(promotion, everybody, over);
    const signOffs = async (of: unknown) => (of === id ? [{ signOff: signed }] : []);
    const hear = notify({ ...ports, promotions: { ...ports.promotions, signOffs } });
    await hear({ detail: { factId: reopened.id, promotionId: id, type } });
    await hear({ detail: { factId: reopened.id, promotionId: id, type } });
    return letters;
  };

  it("is told to whom gave it, once, with the reason", async () => {
    const letters = await hears({ fallen: [{ signOff: given.id, why: "no longer holds the role" }] });
    expect(addresses(letters)).toEqual([cora.address]);
    expect(letters[0]?.letter).toContain("Reason: no longer holds the role");
  });

  it("because a release broke its conditions is told, and so is whoever started the run, each in a letter of its own", async () => {
    const started = { startedBy: { identity: tom.identity } };
    const breach = {
      breach: { forSeconds: 3600, errorPercent: 1 },
      fallen: [{ signOff: given.id, why: "its conditions were broken" }],
    };
    const letters = await hears(breach, "seat-reopened", {}, started);
    expect(addresses(letters)).toEqual([tom.address, cora.address]);
    expect(letters[0]?.subject).toMatch(/: taken back, and in review again$/);
    expect(letters[0]?.letter).toContain("It was approved under conditions, so it is in review again.");
    expect(letters[0]?.letter).toContain("What happened.");
    expect(letters[1]?.letter).toContain("Reason: its conditions were broken");
  });

  it("with a change of the requirements is told in the words of its record", async () => {
    const letters = await hears({ from: "a", to: "b", fallen: [given.id] });
    expect(letters[0]?.letter).toContain("Reason: What happened.");
  });

  it.each(policiesWithoutRule)("is told under policies without a rule for it as well: %s", async (_, inForce) => {
    const letters = await hears({ from: "a", to: "b", fallen: [given.id] }, "seat-reopened", { policy: inForce });
    expect(addresses(letters)).toEqual([cora.address]);
  });

  it("because a newer candidate took over is looked up where it was given", async () => {
    const why = "judges infrastructure, which changed";
    const body = { promotions: [{ id, freezeDigest: "0" }], kept: [], fallen: [{ signOff: given.id, why }] };
    expect(addresses(await hears(body, "supersedes"))).toEqual([cora.address]);
  });

  it("is no rejection, which stands in another review: whoever gave it is told where", async () => {
    const rejection = { ...given, result: "reject" as const };
    const body = { review: 2, fallen: [], kept: [{ signOff: given.id, stage: 0, roles: given.roles, review: 2 }] };
    const letters = await hears(body, "seat-reopened", {}, {}, rejection);
    expect(addresses(letters)).toEqual([cora.address]);
    expect(letters[0]?.subject).toMatch(/^Your rejection stands: /);
    expect(letters[0]?.letter).toContain("What happened.");
    expect(await hears(body)).toEqual([]);
  });

  it("of nobody is told to nobody", async () => {
    expect(await hears({ fallen: [] })).toEqual([]);
  });
});

describe("a letter", () => {
  it("cannot be given another header or a tag by anybody's name", async () => {
    const mallory = { ...member("Mallory", "compliance-officers"), name: 'Mal\r\nBcc: x@evil.example <img src="x">' };
    const { letters, hear } = scene(
      promotionInReview({ manifest: { ...manifest, model: { ...manifest.model, version: "1\r\nX: y" } } }),
      [mallory],
    );
    await hear("stage-opened");
    expect(letters[0]?.subject).not.toMatch(/[\r\n]/);
    expect(letters[0]?.letter.split("\n")[0]).toBe('Hello Mal Bcc: x@evil.example <img src="x">,');
  });
});

describe("an event that is nobody's", () => {
  it.each([undefined, 5, "p-1", id.replace(/1$/, "2")])("about %j sends nothing", async (promotionId) => {
    const { letters, hear } = scene();
    await hear("stage-opened", promotionId ?? null);
    expect(letters).toEqual([]);
  });
});

it("asks the delegate of whoever is away, saying in whose place, and not them", async () => {
  const deputy = member("Emil", "visitors");
  const given = await delegationDeed("delegate", delegationDocument(cora, deputy, "compliance-officer"), cora);
  const absences = new MemoryAbsences({ person: cora.identity, until: deadline });
  const delegations = new MemoryDelegations(given);
  const { letters, hear } = scene(promotionInReview(), [...everybody, deputy], { delegations, absences });
  await hear("stage-opened");
  expect(addresses(letters)).toEqual([deputy.address]);
  expect(letters[0]?.letter).toContain("your sign-off as Compliance officer (in the place of Cora)");
});

describe("what runs and should not", () => {
  const told = (type: FactType, tail: string, body: Fact["body"]): Fact => ({
    ...fact(type, body),
    id: `${id}/intruder/credit-scoring/${tail}`,
    summary: "The endpoint serves 'quick-fix'.",
  });
  const found = told("intruder-found", "1", { kind: "unapproved" });

  it("is told to everybody with a role of the rule, once for each finding", async () => {
    const { promotions, letters, hear } = scene(promotionInReview({ status: "deployed" }));
    const again = { ...found, id: `${id}/intruder/credit-scoring/2` };
    for (const each of [found, again]) await promotions.recordFact(each);
    await hear("intruder-found", id, found.id);
    await hear("intruder-found", id, found.id);
    expect(addresses(letters).toSorted()).toEqual(everybody.map(({ address }) => address).toSorted());
    expect(letters[0]?.subject).toBe("Not approved, and running in production");
    expect(letters[0]?.letter).toContain("It runs in the place of credit-scoring 1.4.0.");
    expect(letters[0]?.letter).toContain("The endpoint serves 'quick-fix'.");
    await hear("intruder-found", id, again.id);
    expect(letters).toHaveLength(2 * everybody.length);
  });

  it("is told again where it could not be taken back, and not as that begins", async () => {
    const { promotions, letters, hear } = scene(promotionInReview({ status: "deployed" }));
    const started = told("take-back", "1/take-back", { state: "started" });
    const failed = told("take-back", "1/take-back/failed", { state: "failed" });
    for (const each of [started, failed]) await promotions.recordFact(each);
    await hear("take-back", id, started.id);
    expect(letters).toEqual([]);
    await hear("take-back", id, failed.id);
    expect(letters).toHaveLength(everybody.length);
  });

  describe("where nothing was ever approved", () => {
    const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "credit-scoring-old" };
    const { promotion: _, ...ofNone } = told("intruder-found", "", { kind: "unapproved", place });
    const stray = { ...ofNone, id: "installation/intruder/production/credit-scoring-old/1" };
    const operators = { title: "Operator", groups: ["platform"], judges: [] };
    const withOperators = {
      ...policy,
      matrix: { ...policy.matrix, roles: { ...policy.matrix.roles, operator: operators } },
    };
    const [opal, olga] = [member("Opal", "platform"), { ...member("Olga", "platform"), enabled: false }];
    const room: OpenChannel = { ...email, name: "ops", kind: "slack", form: "Slack message", audience: "room" };
    const only = (roles: readonly string[]) => ({ ...room, name: "others", roles });
    const asOperators = (over: Partial<NotifyPorts> = {}) =>
      scene(promotionInReview(), [...everybody, opal, olga], { policy: withOperators, ...over });
    const hearOf = (ports: NotifyPorts, factId: unknown, type: unknown = "intruder-found") =>
      notify(ports)({ detail: { factId, type } });

    it("is told to operators, once, without a model to speak of", async () => {
      const { promotions, letters, ports } = asOperators({ channels: [email, room, only(["sre"])] });
      await promotions.recordFact(stray);
      await hearOf(ports, stray.id);
      await hearOf(ports, stray.id);
      expect(addresses(letters)).toEqual([opal.address, undefined]);
      expect(letters[0]).toMatchObject({
        subject: "Not approved, and running in production",
        letter: `Hello Opal,\n\nSomething runs in production that should not.\n\n${stray.summary}\n\n${portalUrl}`,
        link: portalUrl,
        about: { target: "production", endpoint: "credit-scoring-old", reason: stray.summary },
      });
      expect(letters[0]?.about).not.toHaveProperty("promotion");
      const facts = promotions.recordedFacts().filter(({ type }) => type === "notification-sent");
      expect(facts.map(({ id: fact, promotion }) => [fact, promotion])).toEqual([
        [`${stray.id}/email/${reviewerMark(identityKey(opal.identity))}`, undefined],
        [`${stray.id}/ops/room`, undefined],
      ]);
    });

    it("has the finding for a subject where the words are of before", async () => {
      const old = { ...templates, intruder: { ...templates.intruder, subject: "Not approved: {model}" } };
      const { promotions, letters, ports } = asOperators({ templates: old });
      await promotions.recordFact(stray);
      await hearOf(ports, stray.id);
      expect(letters[0]?.subject).toBe(stray.summary);
    });

    it.each([
      ["a finding that is not there", "intruder-found", "installation/intruder/production/other/1"],
      ["another's fact", "intruder-found", "installation/key/1"],
      ["no fact", "intruder-found", 7],
      ["what is gone", "intruder-gone", stray.id],
    ])("nobody is told of %s", async (_case, type, factId) => {
      const { promotions, letters, ports } = asOperators();
      await promotions.recordFact(stray);
      await hearOf(ports, factId, type);
      expect(letters).toEqual([]);
    });
  });
});

describe("what is done about a model that drifted", () => {
  const history = [
    fact("drift", {}),
    { ...fact("remedy", { state: "started" }), id: `${id}/8` },
    { ...fact("remedy", { state: "failed" }), id: `${id}/9`, summary: "It could not be taken out of service." },
  ];
  const ask = async ({ hear }: ReturnType<typeof scene>) => hear("stage-opened");

  it("is told to those who had been asked where it failed, beside that it is restricted", async () => {
    const asked = scene();
    await ask(asked);
    const { promotions, letters, hear } = asked;
    promotions.put(promotionInReview({ status: "restricted", reason: "It drifted.", history }));
    await hear("drift", id, `${id}/7`);
    await hear("remedy", id, `${id}/8`);
    await hear("remedy", id, `${id}/9`);
    expect(
      letters.slice(1).map(({ letter }) => /It drifted\.|It could not be taken out of service\./.exec(letter)?.[0]),
    ).toEqual(["It drifted.", "It could not be taken out of service."]);
  });
});
