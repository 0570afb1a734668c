import { describe, expect, it } from "vitest";
import { followReviewLink, reviewerMark } from "../../../core/attestation/review-link.ts";
import { addSeconds, minuteText } from "../../../core/encoding/instant.ts";
import type { Message, Posted } from "../../../core/notification/message.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { reportFact } from "../../../core/promotion/notification.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { notify } from "../../../functions/events/notify/handler.ts";
import type { OpenChannel } from "../../../functions/telling/open-channels.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  cora,
  dana,
  deadline,
  everybody,
  id,
  member,
  now,
  openedAt,
  openStage,
  policy,
  promotionInReview,
  sam,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { addresses, check, email, fact, plentyOfTime, scene } from "./notify-scene.ts";

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

  it("says of what runs and drifted that it is to be approved again, and of nothing else", async () => {
    const running = "p-00000000000000000000000000000001-1" as PromotionId;
    const report = "Drift was reported of credit-scoring 1.4.0 in production (psi 0.31). It is restricted.";
    const again = promotionInReview({
      reapproves: { promotion: running, frozen: [] },
      history: [{ ...fact("request", {}), summary: "credit-scoring 1.4.0 drifted in production." }],
    });
    const later = addSeconds(again.submittedAt, 1);
    const told = (summary: string, at = again.submittedAt): Fact => ({ ...fact("drift", {}), summary, at });
    const drifted = promotionInReview({
      id: running,
      status: "restricted",
      history: [told("An older report."), told(report), told("It is restricted already.", later)],
    });
    const lineOf = async ({ letters, hear }: ReturnType<typeof scene>) => {
      await hear("stage-opened");
      const [{ letter, note } = expect.unreachable()] = letters;
      return [letter, note].map((text) => /for production\.\n(.*)\n/.exec(text)?.[1]);
    };
    const known = scene(again);
    known.promotions.put(drifted);
    expect(await lineOf(known)).toEqual([report, report]);
    const unknown = "credit-scoring 1.4.0 drifted in production.";
    expect(await lineOf(scene(again))).toEqual([unknown, unknown]);
    const first = "Stage: compliance. Please decide before";
    expect(await lineOf(scene())).toEqual([expect.stringContaining(first), expect.stringContaining(first)]);
  });

  it("says in a freeze window that nothing is approved, and until when", async () => {
    const when = { from: addSeconds(now, -60), until: addSeconds(now, 86_400) };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const { letters, hear } = scene(promotionInReview(), everybody, {
      policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } },
    });
    await hear("stage-opened");
    const told = `Changes are frozen ('Year end'): nothing is approved before ${minuteText(when.until)}. It may be rejected until then.`;
    expect(letters.map(({ letter, note }) => [letter, note].map((text) => text.includes(told)))).toEqual([
      [true, true],
    ]);
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

  it("tells whoever started the run, once, where nobody is there to be asked for a seat", async () => {
    const owned = promotionInReview({ stage: openStage(1), startedBy: { identity: cora.identity } });
    const away = [dana, bo].map(({ identity }) => ({ person: identity, until: deadline }));
    const { letters, promotions, hear } = scene(owned, everybody, { absences: new MemoryAbsences(...away) });
    await hear("stage-opened");
    await hear("stage-opened");
    expect(letters.map(({ to, subject }) => [to?.name, subject.split(":")[0]])).toEqual([
      ["Sam", "Please review credit-scoring 1.4.0 for production"],
      ["Cora", "Nobody has decided yet"],
    ]);
    expect(letters[1]?.letter).toContain(
      "waiting for a sign-off as Lead data scientist, and nobody has given it yet.\nNobody can be asked for it: whoever could sign is away, or there is nobody who could.",
    );
    expect(promotions.recordedFacts().at(-1)?.summary).toBe(
      "Cora was told by email that nobody has decided the stage 'model and operations' yet.",
    );
  });

  it("tells nobody so where a delegate can be asked, or a signature is kept that fills the seat", async () => {
    const owned = { stage: openStage(1), startedBy: { identity: cora.identity } };
    const absences = new MemoryAbsences(...[sam, bo].map(({ identity }) => ({ person: identity, until: deadline })));
    const deeds = [await delegationDeed("delegate", delegationDocument(sam, cora, "sre"), sam, openedAt)];
    const stoodIn = scene(
      promotionInReview({ stage: openStage(1), startedBy: { identity: tom.identity } }),
      everybody,
      {
        absences,
        delegations: new MemoryDelegations(...deeds),
      },
    );
    await stoodIn.hear("stage-opened");
    expect(addresses(stoodIn.letters).toSorted()).toEqual([cora.address, dana.address]);
    const promotion = promotionInReview(owned);
    const kept = scene(promotion, everybody, { absences });
    await kept.promotions.recordSignOff(await givenSignOff(promotion, sam, { roles: ["sre"] }));
    await kept.hear("stage-opened");
    expect(addresses(kept.letters)).toEqual([dana.address]);
  });

  it.each<[string, Partial<OpenChannel>, readonly string[]]>([
    ["some people alone", { people: ["bo@example.org", "sam@example.org"] }, ["Bo", "Sam"]],
    ["one role alone", { roles: ["sre"] }, ["Bo", "Sam"]],
    ["everybody", {}, ["Bo", "Dana", "Sam"]],
  ])("is told by a channel that is for %s to nobody else", async (_, of, names) => {
    const { letters, hear } = scene(promotionInReview({ stage: openStage(1) }), everybody, {
      channels: [{ ...email, ...of }],
    });
    await hear("stage-opened");
    expect(letters.map(({ to }) => to?.name).toSorted()).toEqual(names);
    const bo = letters.find(({ to }) => to?.name === "Bo");
    expect(bo?.letter.includes("Lead data scientist")).toBe(of.roles === undefined);
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
        await expect(dying(event, plentyOfTime)).rejects.toMatchObject(
          survives ? { code: "unavailable" } : { constructor: Crashed },
        );
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
      await expect(dying(event, plentyOfTime)).rejects.toBeInstanceOf(Crashed);
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
    await expect(notify({ ...ports, post: refusing })(event, plentyOfTime)).rejects.toMatchObject({
      code: "unavailable",
    });
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
    await Promise.allSettled([notify(ports)(event, plentyOfTime), notify(ports)(event, plentyOfTime)]);
    expect(letters).toHaveLength(1);
  });
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

  it("is told by its name, to nobody who was asked for another stage, and by the seats of this one", async () => {
    const seat = (role: string, { identity }: typeof sam) => ({
      ...{ role, person: identity, signOff: promotionInReview().freezeDigest },
    });
    const settled = [
      { index: 0, seats: [seat("compliance-officer", cora)] },
      { index: 1, seats: [seat("sre", sam)] },
    ];
    const opened = (stage: number, name: string, review = 1): Fact => ({
      ...{ ...fact("stage-opened", { stage, name, review }), id: `${id}/${stage}-${review}` },
    });
    const decided = fact("stage-decided", { stage: 1, seats: [] });
    const history = [opened(1, "before", 0), opened(0, "compliance"), opened(1, "model and operations"), decided];
    const { promotions, letters, hear } = scene();
    await hear("stage-opened");
    promotions.put(promotionInReview({ stage: openStage(1) }));
    await hear("stage-opened");
    letters.length = 0;
    promotions.put(promotionInReview({ stage: openStage(1, { open: false }), settled, history }));
    await hear("stage-decided", id, decided.id);
    expect(addresses(letters).toSorted()).toEqual(["bo@example.org", "dana@example.org"]);
    expect(promotions.recordedFacts().at(-1)?.summary).toMatch(
      /^\w+ was told by email that the stage 'model and operations' is decided\.$/,
    );
  });

  it("long ago, of which the promotion's history knows nothing, is told to nobody", async () => {
    const { letters, hear } = scene();
    await hear("stage-opened");
    letters.length = 0;
    await hear("stage-decided", id, "made up");
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
