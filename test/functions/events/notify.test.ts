import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, it } from "vitest";
import { followReviewLink, reviewerMark } from "../../../core/attestation/review-link.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { type NotifyPorts, notify } from "../../../functions/events/notify/handler.ts";
import type { Letter } from "../../../functions/events/notify/letter.ts";
import {
  cora,
  dana,
  deadline,
  everybody,
  id,
  manifest,
  member,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const mac = async (message: Uint8Array) => new Uint8Array(createHmac("sha256", "the key").update(message).digest());
const check = async (message: Uint8Array, given: Uint8Array) => timingSafeEqual(await mac(message), given);
const portalUrl = "https://portal.example";

function scene(promotion: Promotion = promotionInReview(), members = everybody, over: Partial<NotifyPorts> = {}) {
  const promotions = new MemoryPromotions([promotion]);
  const letters: Letter[] = [];
  const ports: NotifyPorts = {
    now: () => now,
    portalUrl,
    policy,
    promotions: { load: promotions.load, facts: promotions.facts, recordFact: promotions.recordFact },
    directory: memoryDirectory(members),
    mac,
    send: async (letter) => `message ${letters.push(letter)}`,
    ...over,
  };
  const hear = (type: string, promotionId: unknown = id) =>
    notify(ports)({ detail: { factId: "x", promotionId, type } });
  return { promotions, letters, ports, hear };
}

describe("a stage that opens", () => {
  it("asks those who could fill its seats, each with a link of their own", async () => {
    const { letters, hear } = scene();
    await hear("stage-opened");
    expect(letters.map(({ to }) => to)).toEqual([cora.address]);
    const [letter] = letters;
    expect(letter?.subject).toBe("Please review credit-scoring 1.4.0 for production");
    expect(letter?.text).toContain("your sign-off as Compliance officer");
    expect(letter?.text).toContain("before 2026-11-24 11:00 UTC");
    const link = /https:\/\/portal\.example\/r\/(\S+)/.exec(letter?.text ?? "")?.[1] ?? "";
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
    expect(letters.map(({ to }) => to).toSorted()).toEqual(["bo@example.org", "sam@example.org"]);
  });

  it("heard twice asks once, and writes down that it did, without address or link", async () => {
    const { promotions, letters, hear } = scene();
    await hear("stage-opened");
    await hear("stage-opened");
    expect(letters).toHaveLength(1);
    const facts = promotions.recordedFacts();
    expect(facts).toMatchObject([
      { type: "notification-sent", summary: "Cora was asked by email to review the stage 'compliance'." },
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

  it("sends the letters that are missing when the post fails in the middle", async () => {
    const promotion = promotionInReview({ stage: openStage(1), settled: [{ index: 0, seats: [] }] });
    const { letters, ports, hear } = scene(promotion);
    // load, directory, facts, then mac, send and record for each of three.
    const dying = notify(crashing(ports, { call: 8, moment: "before" }).ports);
    await expect(dying({ detail: { promotionId: id, type: "stage-opened" } })).rejects.toBeInstanceOf(Crashed);
    expect(letters).toHaveLength(1);
    await hear("stage-opened");
    expect(letters.map(({ to }) => to).toSorted()).toEqual(["bo@example.org", "dana@example.org", "sam@example.org"]);
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
    expect(letters.map(({ to, subject }) => [to, subject])).toEqual([
      [cora.address, "credit-scoring 1.4.0 for production: rejected"],
    ]);
    expect(letters[0]?.text).toContain("Reason: No <capacity>.");
    expect(letters[0]?.html).not.toContain("<capacity>");
    expect(letters[0]?.text).toContain(`${portalUrl}/#/promotions/${id}`);
    expect(letters[0]?.text).not.toContain("/r/");
  });

  it("is not told to somebody whose account is disabled meanwhile", async () => {
    const { promotions, letters, ports } = await asked();
    promotions.put(promotionInReview({ status: "deployed" }));
    const directory = memoryDirectory([{ ...cora, enabled: false }]);
    await notify({ ...ports, directory })({ detail: { promotionId: id, type: "deployed" } });
    expect(letters).toEqual([]);
  });

  const told = ["blocked", "deployed", "rejected", "expired", "withdrawn", "superseded", "rolled-back", "failed"];
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

describe("a letter", () => {
  it("cannot be given another header or a tag by anybody's name", async () => {
    const mallory = { ...member("Mallory", "compliance-officers"), name: 'Mal\r\nBcc: x@evil.example <img src="x">' };
    const { letters, hear } = scene(
      promotionInReview({ manifest: { ...manifest, model: { ...manifest.model, version: "1\r\nX: y" } } }),
      [mallory],
    );
    await hear("stage-opened");
    expect(letters[0]?.subject).not.toMatch(/[\r\n]/);
    expect(letters[0]?.text.split("\n")[0]).toBe('Hello Mal Bcc: x@evil.example <img src="x">,');
    expect(letters[0]?.html).not.toContain("<img");
  });
});

describe("an event that is nobody's", () => {
  it.each([undefined, 5, "p-1", id.replace(/1$/, "2")])("about %j sends nothing", async (promotionId) => {
    const { letters, hear } = scene();
    await hear("stage-opened", promotionId ?? null);
    expect(letters).toEqual([]);
  });
});
