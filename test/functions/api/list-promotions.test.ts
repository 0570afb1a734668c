import { describe, expect, it } from "vitest";
import { loanPeriodOf } from "../../../core/approval/loan.ts";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, isInstant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { ReadPromotionsPorts } from "../../../functions/api/read-promotions/handler.ts";
import { asked, ida, olaf, people, signed, withLoans } from "../../core/approval/lenders.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  cora,
  digestOf,
  id,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import type { apiRequest } from "./api-request.ts";
import { asMachine, byCora, gates, inReview, person, scene } from "./reading-scene.ts";

/** A table that has these, the newest first, and reads so many at a time. */
function listOf(all: readonly Promotion[], pageSize: number): ReadPromotionsPorts["promotions"]["list"] {
  return async (filter, _, from) => {
    const within = all.filter(
      ({ submittedAt, status }) =>
        submittedAt <= (filter.until ?? "9") && (!("status" in filter) || filter.status === status),
    );
    const begin = from === undefined ? 0 : within.findIndex((each) => each.id === from) + 1;
    const promotions = within.slice(begin, begin + pageSize);
    const last = promotions.at(-1)?.id;
    return { promotions, ...(begin + pageSize < within.length && last !== undefined ? { next: last } : {}) };
  };
}

function promotionsOf({ load, signOffs, loans, facts, outcomes, countOutcomes }: MemoryPromotions) {
  return { load, signOffs, loans, facts, outcomes, countOutcomes };
}

/** What each page holds, and where the next is said to begin. */
async function pagesOf(
  read: (cursor: { readonly cursor?: string }) => Promise<{ readonly json?: unknown }>,
): Promise<readonly { readonly promotions: readonly Promotion[]; readonly next?: string }[]> {
  const pages: { readonly promotions: readonly Promotion[]; readonly next?: string }[] = [];
  do {
    const cursor = pages.at(-1)?.next;
    const { json } = await read(cursor === undefined ? {} : { cursor });
    pages.push(json as (typeof pages)[number]);
  } while (pages.at(-1)?.next !== undefined);
  return pages;
}

describe("the list of promotions", () => {
  it("is what waits for a review, fifty at a time", async () => {
    const { lists, get } = scene();
    const { json } = await get("/v1/promotions");
    expect(lists).toEqual([{ filter: { status: "in-review", unreadable: "told" }, limit: 50, from: undefined }]);
    expect(json).toMatchObject({
      promotions: [{ id, target: "production", stage: { name: "compliance" } }],
      next: "cursor-2",
    });
    expect(json).not.toHaveProperty("promotions.0.waits");
  });

  it.each<[Record<string, string>, object]>([
    [
      { status: "deployed", limit: "100", cursor: "c" },
      { filter: { status: "deployed" }, limit: 100, from: "c" },
    ],
    [{ model: "credit-scoring" }, { filter: { model: "credit-scoring", target: "production" }, limit: 50 }],
    [
      { model: "m", target: "t", limit: "1" },
      { filter: { model: "m", target: "t" }, limit: 1 },
    ],
  ])("is asked for by %j", async (query, asked) => {
    const { lists, get } = scene();
    await get("/v1/promotions", { query });
    expect(lists).toMatchObject([asked]);
  });

  it.each<[Record<string, string>, object]>([
    [
      { status: "deployed", from: "2026-11-01T00:00:00.000Z" },
      { status: "deployed", from: "2026-11-01T00:00:00.000Z" },
    ],
    // The end is not included.
    [
      { model: "m", to: "2026-11-01T00:00:00.000Z" },
      { model: "m", until: "2026-10-31T23:59:59.999Z" },
    ],
  ])("looks through a time: %j", async (query, filter) => {
    const { lists, get } = scene();
    await get("/v1/promotions", { query });
    expect(lists).toMatchObject([{ filter }]);
  });

  it.each<[Record<string, string>, number]>([
    [{ model: "credit-scoring", status: "in-review" }, 1],
    [{ model: "credit-scoring", status: "deployed" }, 0],
    [{ status: "in-review", target: "production" }, 1],
    [{ status: "in-review", target: "elsewhere" }, 0],
    [{ person: "cora" }, 1],
    [{ person: "Cora@Example.org" }, 1],
    [{ person: manifest.requester.subject }, 1],
    [{ person: "nobody at all" }, 0],
    // Holds a role, and had nothing to do with this one.
    [{ person: "sam" }, 0],
  ])("holds what is wanted and nothing else: %j", async (query, count) => {
    const { json } = await scene().get("/v1/promotions", { query });
    expect(json).toMatchObject({ promotions: Array.from({ length: count }, () => ({ id })), next: "cursor-2" });
  });

  it.each([{ model: "OUTCOMES", target: id }, { model: "credit#scoring" }, { model: "credit-scoring", target: "" }])(
    "is of nothing by names that no model or target can have: %j",
    async (query) => {
      const refusal = await refused(scene().get("/v1/promotions", { query }));
      expect([refusal.code, refusal.sentence]).toEqual([
        "invalid-request",
        "model and target are names such as credit-scoring.",
      ]);
    },
  );

  it.each([
    [1, 1],
    [2, 3],
    [5, 7],
    [50, 7],
    [50, 100],
  ])(
    "of any status holds each once, the newest first, %i at a time where the table reads %i",
    async (limit, pageSize) => {
      // Several of one instant, of one status and of others; what is older is of a status of which there is little.
      const made = Array.from({ length: 90 }, (_, at): Promotion => {
        const status = at > 60 && at % 4 === 0 ? "blocked" : at % 3 === 0 ? "in-review" : "deployed";
        const id = `p-${String((at * 37) % 90).padStart(32, "0")}-1` as Promotion["id"];
        return { ...inReview, id, status, submittedAt: addSeconds(now, -Math.floor(at / 5)) };
      });
      const store = new MemoryPromotions(made);
      const { get } = scene(inReview, {
        promotions: { ...promotionsOf(store), list: listOf(made, pageSize) },
      });
      const pages = await pagesOf((cursor) =>
        get("/v1/promotions", { query: { status: "any", limit: `${limit}`, ...cursor } }),
      );
      const seen = pages.flatMap(({ promotions }) => promotions);
      expect(seen.map((each) => each.id).toSorted()).toEqual(made.map((each) => each.id).toSorted());
      expect(seen).toEqual(
        seen.toSorted((a, b) => (a.submittedAt > b.submittedAt ? -1 : a.submittedAt < b.submittedAt ? 1 : 0)),
      );
    },
  );

  describe("for a pipeline", () => {
    const others = { ...manifest, requester: { ...manifest.requester, subject: "machine/other" } };
    /** One of its own in three; the newest first. */
    const made = Array.from({ length: 40 }, (_, at): Promotion => {
      const submittedAt = addSeconds(now, -Math.floor(at / 2));
      const id = `p-${String(at).padStart(32, "0")}-1` as Promotion["id"];
      return { ...inReview, id, submittedAt, manifest: at % 3 === 0 ? manifest : others };
    });
    const own = made.filter((each) => each.manifest === manifest).map((each) => each.id);
    const theirs = made.filter((each) => each.manifest === others).map((each) => each.id);
    function listing(all: readonly Promotion[], pageSize: number) {
      const store = new MemoryPromotions(all);
      const list = listOf(all, pageSize);
      const { get } = scene(inReview, {
        promotions: {
          load: store.load,
          signOffs: store.signOffs,
          loans: store.loans,
          facts: store.facts,
          outcomes: store.outcomes,
          countOutcomes: store.countOutcomes,
          list,
        },
      });
      return async (query: Record<string, string>) => {
        const pages = await pagesOf((cursor) =>
          get("/v1/promotions", { ...asMachine, query: { ...query, ...cursor } }),
        );
        return {
          seen: pages.flatMap(({ promotions }) => promotions.map((each) => each.id)),
          sizes: pages.map(({ promotions }) => promotions.length),
          cursors: pages.flatMap(({ next }) => (next === undefined ? [] : [Buffer.from(next, "base64url").toString()])),
        };
      };
    }

    it.each([
      [{ status: "in-review", limit: "1" }, 5],
      [{ status: "in-review", limit: "5" }, 3],
      [{ model: "credit-scoring", limit: "3" }, 40],
      [{ status: "any", limit: "2" }, 100],
    ])("is its own, each once, and no cursor names another's: %j", async (query, pageSize) => {
      const { seen, sizes, cursors } = await listing(made, pageSize)(query);
      expect(seen.toSorted()).toEqual(own.toSorted());
      expect(Math.max(...sizes)).toBeLessThanOrEqual(Number(query.limit));
      expect(theirs.filter((each) => cursors.some((cursor) => cursor.includes(each)))).toEqual([]);
    });

    it("goes on by pages that may be empty where others submitted a lot since", async () => {
      const lone = { ...inReview, submittedAt: addSeconds(now, -3600) };
      const many = Array.from(
        { length: 25 },
        (_, at) => ({ ...made[1], submittedAt: addSeconds(now, -at) }) as Promotion,
      ).map((each, at): Promotion => ({ ...each, id: `p-${String(at).padStart(32, "1")}-1` as Promotion["id"] }));
      const { seen, cursors } = await listing([...many, lone], 1)({ status: "in-review" });
      expect(seen).toEqual([lone.id]);
      expect(cursors.map((cursor) => cursor.split(" ")).every(([at, ...id]) => isInstant(at) && id.length === 0)).toBe(
        true,
      );
    });

    it("tells nothing of people", async () => {
      const { get } = scene();
      const query = { person: "cora@example.org" };
      expect((await refused(get("/v1/promotions", { ...asMachine, query }))).code).toBe("forbidden");
    });
  });

  describe("of any status", () => {
    const made = [5, 4, 4, 3, 2, 1].map(
      (seconds, at): Promotion => ({
        ...inReview,
        id: `p-${String(at).repeat(32)}-1` as Promotion["id"],
        status: (["deployed", "rejected", "deployed", "in-review", "blocked", "rejected"] as const)[at] ?? "failed",
        submittedAt: addSeconds(now, seconds),
      }),
    );
    const list: ReadPromotionsPorts["promotions"]["list"] = async (filter, limit) => {
      const found = made.filter(
        (each) => "status" in filter && each.status === filter.status && each.submittedAt <= (filter.until ?? "9"),
      );
      return { promotions: found.slice(0, limit), ...(found.length > limit ? { next: "more" } : {}) };
    };
    const store = new MemoryPromotions(made);
    const { get } = scene(inReview, { promotions: { ...promotionsOf(store), list } });

    it.each([1, 2, 3, 100])(
      "is the newest first, each once, %i at a time, and no empty page ends it",
      async (limit) => {
        const pages = await pagesOf((cursor) =>
          get("/v1/promotions", { query: { status: "any", limit: `${limit}`, ...cursor } }),
        );
        const full = Math.min(limit, made.length);
        expect(pages.map(({ promotions }) => promotions.length)).toEqual(Array(made.length / full).fill(full));
        expect(pages.flatMap(({ promotions }) => promotions.map((each) => each.id))).toEqual(
          made.map((each) => each.id),
        );
      },
    );

    it("tells whoever may see all which cannot be read, and nobody else", async () => {
      const broken: ReadPromotionsPorts["promotions"]["list"] = async (filter) => ({
        promotions: [],
        ...("status" in filter && filter.status !== "in-review" ? {} : { unreadable: ["p-broken"] }),
      });
      const { get: read } = scene(inReview, { promotions: { ...promotionsOf(store), list: broken } });
      const told = { promotions: [], unreadable: ["p-broken"] };
      for (const query of [{ status: "any" }, { status: "in-review" }, { model: "credit-scoring" }]) {
        expect((await read("/v1/promotions", { query })).json).toEqual(told);
        expect((await read("/v1/promotions", { query, ...asMachine })).json).toEqual({ promotions: [] });
      }
    });

    it("is empty where there is nothing", async () => {
      const nothing = scene(inReview, {
        promotions: { ...promotionsOf(store), list: async () => ({ promotions: [] }) },
      });
      expect((await nothing.get("/v1/promotions", { query: { status: "any" } })).json).toEqual({ promotions: [] });
    });

    it("is each as it stood last, where one moved on between two reads", async () => {
      const approved: Promotion = { ...inReview, status: "approved", revision: inReview.revision + 1 };
      for (const order of [
        [inReview, approved],
        [approved, inReview],
      ]) {
        const statusOf: ReadPromotionsPorts["promotions"]["list"] = async (filter) => ({
          promotions: order.filter((each) => "status" in filter && each.status === filter.status),
        });
        const moving = scene(inReview, { promotions: { ...promotionsOf(store), list: statusOf } });
        const { json } = await moving.get("/v1/promotions", { query: { status: "any" } });
        const { promotions } = json as { readonly promotions: readonly Promotion[] };
        expect(promotions.map((each) => [each.id, each.status])).toEqual([[id, "approved"]]);
      }
    });

    const at = (instant: string) => Buffer.from(instant).toString("base64url");
    const [before, after] = [addSeconds(now, -1), addSeconds(now, 10)];
    it.each([
      ["bm9uc2Vuc2U", {}],
      ["%", {}],
      ["", {}],
      [at(before), { from: now }],
      [at(after), { to: after }],
    ])("goes on from no cursor that it did not give: %j of %j", async (cursor, between) => {
      const query = { status: "any", cursor, ...between };
      expect((await refused(get("/v1/promotions", { query }))).sentence).toBe(
        "The cursor is not one that a listing gave.",
      );
    });
  });

  describe("with how each stands for the reader", () => {
    const standing = { query: { standing: "true" } };
    const asCora = { verifyPerson: async () => ({ ...person(cora.groups), identity: cora.identity }) };
    const asSam = { verifyPerson: async () => ({ ...person(sam.groups), identity: sam.identity }) };
    const inOperations = promotionInReview({
      gates,
      stage: openStage(1),
      settled: [
        { index: 0, seats: [{ role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }] },
      ],
    });
    const shown = async (
      promotion: Promotion,
      over: Partial<ReadPromotionsPorts>,
      asked: Parameters<typeof apiRequest>[0] = standing,
    ) =>
      ((await scene(promotion, over).get("/v1/promotions", asked)).json as { promotions: readonly object[] })
        .promotions;

    it("names what is needed and who could sign it", async () => {
      expect(await shown(inOperations, asSam)).toMatchObject([
        {
          waits: {
            forReader: true,
            roles: [
              { title: "Lead data scientist", people: [{ name: "Bo" }, { name: "Dana" }] },
              { title: "SRE", people: [{ name: "Bo" }, { name: "Sam" }] },
            ],
          },
        },
      ]);
    });

    it("does not wait for somebody who has decided, and tells what they decided", async () => {
      const [one] = await shown(inOperations, asCora);
      expect(one).toMatchObject({
        waits: { forReader: false },
        decided: { result: "approve", at: byCora.signOff.recordedAt },
      });
    });

    it("waits for nobody once it takes no decisions", async () => {
      const [one] = await shown(promotionInReview({ gates, status: "rejected" }), asCora);
      expect(one).not.toHaveProperty("waits");
      expect(one).toHaveProperty("decided");
    });

    it("is only what the reader decided about, where that is asked for", async () => {
      const asked = { query: { status: "in-review", decided: "true" } };
      expect(await shown(inOperations, asSam, asked)).toEqual([]);
      expect(await shown(inOperations, asCora, asked)).toMatchObject([{ decided: { result: "approve" } }]);
    });

    it("says of a loan that is asked for until when the reader may confirm it", async () => {
      const lending = { ...policy, matrix: withLoans() };
      const { sha256 } = requirementsNow(lending, { manifest });
      const inLending = { ...inOperations, requirements: { ...inOperations.requirements, sha256 } };
      const as = ({ identity, groups }: Member): Partial<ReadPromotionsPorts> => ({
        policy: lending,
        groups: ["commanders", "sre"],
        directory: memoryDirectory(people),
        verifyPerson: async () => ({ ...person(groups), identity }),
      });
      const standingOf = async (
        who: Member,
        loans: readonly RecordedLoan[],
        over: Partial<ReadPromotionsPorts> = {},
        promotion: Promotion = inLending,
      ) => {
        const { store, get } = scene(promotion, { ...as(who), ...over });
        for (const loan of loans) await store.recordLoan(loan);
        const { promotions } = (await get("/v1/promotions", standing)).json as { promotions: readonly object[] };
        return promotions[0];
      };
      const recorded = { ...byCora, signature: asked, idToken: provider.token({ email: ida.address }) };
      const until = addSeconds(now, 3600);
      expect(await standingOf(olaf, [recorded])).toMatchObject({ waits: { loanToConfirm: { until } } });
      for (const [who, loans] of [
        [olaf, []],
        [ida, [recorded]],
        [sam, [recorded]],
      ] as const)
        expect(await standingOf(who, loans)).not.toHaveProperty("waits.loanToConfirm");
      const before = { ...asked, reviewer: { ...olaf.identity, issuer: "https://before.example" } };
      const byOlaf = { ...recorded, signature: before, idToken: provider.token({ email: olaf.address }) };
      expect(await standingOf(olaf, [byOlaf])).not.toHaveProperty("waits.loanToConfirm");
      const confirmed = { ...recorded, signature: signed(olaf, { id: digestOf("second"), confirms: asked.id }) };
      const full = new MemoryLoanBooks();
      const { budget } = lending.matrix.rules[0]?.loan ?? expect.unreachable();
      const loans = Array.from({ length: budget.loans }, () => asked.id);
      await full.move(manifest.model.name, loanPeriodOf(budget.per, now), { revision: 1, loans });
      const when = { from: addSeconds(now, -60), until: addSeconds(now, 60) };
      const frozen = { ...lending.matrix, freezeWindows: [{ name: "Year end", zone: "UTC", when, exceptions: [] }] };
      const kept = new MemoryBlobs([canonicalJsonBytes(requirementsNow(lending, { manifest }).document)]);
      const sooner = addSeconds(now, 600);
      const refusedNow: readonly [readonly RecordedLoan[], Partial<ReadPromotionsPorts>, Promotion][] = [
        [[recorded, confirmed], {}, inLending],
        [[recorded], { loanBooks: full }, inLending],
        [[recorded], { policy: { ...lending, matrix: frozen } }, inLending],
        [[recorded], { policy: { ...lending, gatePolicy: stricterPolicy.gatePolicy }, blobs: kept }, inLending],
        [[recorded], {}, { ...inLending, stage: openStage(1, { deadline: now }) }],
      ];
      for (const [given, ports, promotion] of refusedNow)
        expect(await standingOf(olaf, given, ports, promotion)).not.toHaveProperty("waits.loanToConfirm");
      const soon = { ...inLending, stage: openStage(1, { deadline: sooner }) };
      expect(await standingOf(olaf, [recorded], {}, soon)).toMatchObject({
        waits: { loanToConfirm: { until: sooner } },
      });
    });

    it("is held by a freeze window where everybody has approved it, until which whoever holds a role may reject it", async () => {
      const until = addSeconds(now, 86_400);
      const window = { name: "Year end", zone: "UTC", when: { from: addSeconds(now, -60), until }, exceptions: [] };
      const frozen = { policy: { ...policy, matrix: { ...policy.matrix, freezeWindows: [window] } } };
      const approved = promotionInReview({ gates, status: "approved", stage: openStage(1, { open: false }) });
      const heldFor = async (over: Partial<ReadPromotionsPorts>, asked = standing, promotion = approved) =>
        ((await shown(promotion, over, asked)) as readonly { readonly held?: object }[]).map(({ held }) => held);
      const held = { window: "Year end", until };
      expect(await heldFor({ ...asSam, ...frozen })).toEqual([{ ...held, mayReject: true }]);
      const bystander = { ...frozen, groups: ["visitors"], verifyPerson: async () => person(["visitors"]) };
      expect(await heldFor(bystander)).toEqual([{ ...held, mayReject: false }]);
      expect(await heldFor(frozen, { ...standing, ...asMachine })).toEqual([{ ...held, mayReject: false }]);
      // On its way to its verdict, or with it: nobody rejects it any more.
      const verdict = { sha256: digestOf("verdict"), result: "PASSED" as const, at: now };
      expect(await heldFor(asSam)).toEqual([undefined]);
      expect(await heldFor({ ...asSam, ...frozen }, standing, { ...approved, verdict })).toEqual([undefined]);
    });

    it("waits for no pipeline", async () => {
      expect(await shown(inOperations, {}, { ...standing, ...asMachine })).toMatchObject([
        { waits: { forReader: false } },
      ]);
    });
  });

  it.each([
    { standing: "yes" },
    { limit: "0" },
    { limit: "101" },
    { limit: "1.5" },
    { limit: "x" },
    { limit: "" },
    { status: "fine" },
    { from: "today" },
    { from: now, to: now },
    { to: "1970-01-01T00:00:00.000Z" },
    { person: " " },
  ])("is not asked for by %j", async (query) => {
    expect((await refused(scene().get("/v1/promotions", { query }))).code).toBe("invalid-request");
  });
});
