import { describe, expect, it } from "vitest";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { sigstoreBundle } from "../../../core/attestation/sigstore-bundle.ts";
import { fromBase64 } from "../../../core/encoding/base64.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, isInstant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type ReadPromotionsPorts, readPromotions } from "../../../functions/api/read-promotions/handler.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  attestationBase,
  cora,
  digestOf,
  everybody,
  id,
  issuer,
  manifest,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
  promotionInReview,
  requirements,
  sam,
  stricterPolicy,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

const report = canonicalJsonBytes({ outcome: "passed", findings: [] });
const summary = canonicalJsonBytes({ summaryVersion: 1 });
const blobs = new MemoryBlobs([report, summary, canonicalJsonBytes(requirements.document)]);
const gates = { outcome: "passed", report: sha256Hex(report), summary: sha256Hex(summary) } as const;
const inReview = promotionInReview({ gates });
const byCora = await givenSignOff(inReview, cora, { reason: "Fine." });

function person(groups: readonly string[]) {
  return { identity: { issuer, subject: "sub-x" }, name: "X", groups, authenticatedAt: now };
}

function scene(promotion: Promotion = inReview, over: Partial<ReadPromotionsPorts> = {}, signOffs = [byCora]) {
  const store = new MemoryPromotions([promotion], signOffs);
  const lists: unknown[] = [];
  const ports: ReadPromotionsPorts = {
    now: () => now,
    attestationBase,
    policy,
    groups: ["compliance-officers", "lead-data-scientists", "sre"],
    claimsMachine: (token) => token === "machine",
    verifyPerson: async () => person(sam.groups),
    verifyMachine: async () => manifest.requester,
    delegations: new MemoryDelegations(),
    absences: new MemoryAbsences(),
    promotions: {
      load: store.load,
      signOffs: store.signOffs,
      loans: store.loans,
      facts: store.facts,
      list: async (filter, limit, from) => {
        lists.push({ filter, limit, from });
        return from === "cursor-2" ? { promotions: [] } : { promotions: [promotion], next: "cursor-2" };
      },
    },
    directory: memoryDirectory(everybody),
    blobs,
    ledger: { markers: async ([first = ""]) => new Map([[first, { id: first, index: 41, leafHash: gates.report }]]) },
    ...over,
  };
  const get = (route: string, more: Parameters<typeof apiRequest>[0] = {}) =>
    readPromotions(ports)(apiRequest({ route, parameters: { id }, ...more }));
  const view = async () => (await get("/v1/promotions/{id}")).json as PromotionView;
  return { store, lists, get, view };
}
const asMachine = { headers: { authorization: "Bearer machine" } };

describe("one promotion", () => {
  it("is shown with its gates, summary, explanation and what a sign-off must say", async () => {
    const shown = await scene().view();
    expect(shown).toMatchObject({
      id,
      status: "in-review",
      manifest,
      requirements: { sha256: requirements.sha256, document: requirements.document },
      gates: { outcome: "passed", report: { outcome: "passed" } },
      summary: { sha256: gates.summary, document: { summaryVersion: 1 } },
      signOffContext: signOffContextOf(inReview, attestationBase),
      explanation: { status: "open" },
      signOffs: [{ reviewer: "Cora", result: "approve", reason: "Fine.", roles: ["compliance-officer"] }],
      timeline: [{ type: "sign-off", summary: "Cora: approve as compliance-officer." }],
    });
  });

  it("tells where its facts are in the ledger, where that is asked for and they are there", async () => {
    const shown = async (query: Record<string, string>) =>
      (await scene().get("/v1/promotions/{id}", { query })).json as PromotionView;
    const { timeline } = await shown({ entries: "true" });
    expect(timeline.map(({ entry }) => entry)).toEqual([41, ...timeline.slice(1).map(() => undefined)]);
    expect((await shown({})).timeline.every((fact) => !("entry" in fact))).toBe(true);
  });

  it("never shows a token, an envelope or an address", async () => {
    const text = JSON.stringify(await scene().view());
    expect(text).not.toContain(byCora.idToken);
    expect(text).not.toContain("cora@example.org");
  });

  it.each<[string, Promotion]>([
    ["at the gates", promotionAtTheGates()],
    ["between two stages", promotionInReview({ gates, stage: openStage(0, { open: false }) })],
    ["that is decided", promotionInReview({ gates, status: "rejected" })],
  ])("asks for no sign-off %s", async (_, promotion) => {
    expect(await scene(promotion).view()).not.toHaveProperty("signOffContext");
  });

  it("is judged by the requirements that it is pinned to, also when others are in force", async () => {
    const shown = await scene(inReview, { policy: stricterPolicy }).view();
    expect(shown.requirements).toEqual({ sha256: requirements.sha256, document: requirements.document });
  });

  it("is there for the pipeline that asked, and not for another", async () => {
    expect((await scene().get("/v1/promotions/{id}", asMachine)).status).toBe(200);
    const stranger = scene(inReview, {
      verifyMachine: async () => ({ ...manifest.requester, subject: "machine/other" }),
    });
    expect((await refused(stranger.get("/v1/promotions/{id}", asMachine))).code).toBe("not-found");
    expect((await refused(stranger.get("/v1/promotions/{id}/attestations", asMachine))).code).toBe("not-found");
    expect((await stranger.get("/v1/promotions", asMachine)).json).toMatchObject({ promotions: [] });
  });

  it("tells sign-offs as they were given, whatever their ids are", async () => {
    const before = {
      ...byCora.signOff,
      id: sha256Hex(report),
      reviewerName: "Sam",
      recordedAt: addSeconds(byCora.signOff.recordedAt, -60),
    };
    const shown = await scene(inReview, {}, [byCora, { ...byCora, signOff: before }]).view();
    expect(shown.signOffs.map(({ reviewer }) => reviewer)).toEqual(["Sam", "Cora"]);
  });

  it("names the person who asked for it, where a person did", async () => {
    const asked = (requester: Identity) => scene({ ...inReview, manifest: { ...manifest, requester } }).view();
    expect((await asked(cora.identity)).requesterName).toBe("Cora");
    expect(await asked(manifest.requester)).not.toHaveProperty("requesterName");
  });

  it("tells whether the reader is one of those who are asked about the candidate", async () => {
    const as = async (identity: Identity) =>
      (await scene(inReview, { verifyPerson: async () => ({ ...person(sam.groups), identity }) }).view()).mayAnswer;
    expect([await as(tom.identity), await as(sam.identity)]).toEqual([true, undefined]);
    const { json } = await scene().get("/v1/promotions/{id}", asMachine);
    expect((json as PromotionView).mayAnswer).toBe(true);
  });

  it("is for those who hold a role somewhere", async () => {
    const stranger = scene(inReview, { verifyPerson: async () => person(["interns"]) });
    expect((await refused(stranger.get("/v1/promotions/{id}"))).code).toBe("forbidden");
  });

  it("never gives one kind of token to the other kind's verifier", async () => {
    const never = async (): Promise<never> => {
      throw new Error("This verifier must not see this token.");
    };
    expect((await scene(inReview, { verifyPerson: never }).get("/v1/promotions/{id}", asMachine)).status).toBe(200);
    expect((await scene(inReview, { verifyMachine: never }).get("/v1/promotions/{id}")).status).toBe(200);
  });

  it.each(["x", "", "../x", `${id}0`])("is not there under %j", async (given) => {
    expect((await refused(scene().get("/v1/promotions/{id}", { parameters: { id: given } }))).code).toBe("not-found");
  });

  it("is not shown to somebody who did not sign in", async () => {
    expect((await refused(scene().get("/v1/promotions/{id}", { headers: {} }))).code).toBe("unauthenticated");
  });
});

describe("the list of promotions", () => {
  it("is what waits for a review, fifty at a time", async () => {
    const { lists, get } = scene();
    const { json } = await get("/v1/promotions");
    expect(lists).toEqual([{ filter: { status: "in-review" }, limit: 50, from: undefined }]);
    expect(json).toMatchObject({
      promotions: [{ id, target: "production", stage: { name: "compliance" } }],
      next: "cursor-2",
    });
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
      const list: ReadPromotionsPorts["promotions"]["list"] = async (filter, _, from) => {
        const within = all.filter(
          ({ submittedAt, status }) =>
            submittedAt <= (filter.until ?? "9") && (!("status" in filter) || filter.status === status),
        );
        const begin = from === undefined ? 0 : within.findIndex((each) => each.id === from) + 1;
        const promotions = within.slice(begin, begin + pageSize);
        const last = promotions.at(-1)?.id;
        return { promotions, ...(begin + pageSize < within.length && last !== undefined ? { next: last } : {}) };
      };
      const { get } = scene(inReview, {
        promotions: { load: store.load, signOffs: store.signOffs, loans: store.loans, facts: store.facts, list },
      });
      return async (query: Record<string, string>) => {
        const seen: string[] = [];
        const cursors: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await get("/v1/promotions", { ...asMachine, query: { ...query, ...(cursor && { cursor }) } });
          const { promotions, next } = page.json as { promotions: Promotion[]; next?: string };
          seen.push(...promotions.map((each) => each.id));
          cursor = next;
          if (next !== undefined) cursors.push(Buffer.from(next, "base64url").toString());
        } while (cursor !== undefined);
        return { seen, cursors };
      };
    }

    it.each([
      [{ status: "in-review", limit: "1" }, 5],
      [{ status: "in-review", limit: "5" }, 3],
      [{ model: "credit-scoring", limit: "3" }, 40],
      [{ status: "any", limit: "2" }, 100],
    ])("is its own, each once, and no cursor names another's: %j", async (query, pageSize) => {
      const { seen, cursors } = await listing(made, pageSize)(query);
      expect(seen.toSorted()).toEqual(own.toSorted());
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
    const { get } = scene(inReview, {
      promotions: { load: store.load, signOffs: store.signOffs, loans: store.loans, facts: store.facts, list },
    });

    it.each(["1", "2", "3", "100"])("is the newest first, each once, %s at a time", async (limit) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const query = { status: "any", limit, ...(cursor === undefined ? {} : { cursor }) };
        const page = (await get("/v1/promotions", { query })).json as { promotions: Promotion[]; next?: string };
        seen.push(...page.promotions.map((each) => each.id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toEqual(made.map((each) => each.id));
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

describe("a promotion's evidence", () => {
  const route = "/v1/promotions/{id}/evidence/{sha256}";
  const document = new Uint8Array(4 * 1024 * 1024).map((_, at) => at % 251);
  const frozen = {
    ...manifest.evidence[0],
    kind: "model-quality",
    format: "plain",
    name: "q.json",
    mediaType: "application/json",
    size: document.length,
    sha256: sha256Hex(document),
  } as const;
  const holding = { ...inReview, manifest: { ...manifest, evidence: [frozen] } };
  const read = (promotion: Promotion, sha256: string, query: Record<string, string> = {}) =>
    scene(promotion, { blobs: new MemoryBlobs([document, report]) }).get(route, { parameters: { id, sha256 }, query });

  it("comes byte for byte, in parts", async () => {
    const first = (await read(holding, frozen.sha256)).json as { content: string; next: number };
    const { json } = await read(holding, frozen.sha256, { offset: String(first.next) });
    expect(json).toMatchObject({ name: "q.json", kind: "model-quality", size: document.length, offset: first.next });
    expect(json).not.toHaveProperty("next");
    const parts = [first.content, (json as { content: string }).content].map(fromBase64);
    expect(sha256Hex(...parts)).toBe(frozen.sha256);
  });

  it("of the run in shadow comes too, once there is any", async () => {
    const evidence = { ...frozen, kind: "shadow-run", name: "_shadow-run.json" } as const;
    const ran: Promotion = { ...inReview, shadow: { plan: digestOf("plan"), askedAt: now, evidence } };
    const { json } = await scene(ran).get("/v1/promotions/{id}");
    expect(json).toMatchObject({ shadowReport: evidence });
    expect((await read(ran, evidence.sha256)).json).toMatchObject({ name: "_shadow-run.json", kind: "shadow-run" });
    expect((await refused(read(inReview, evidence.sha256))).code).toBe("not-found");
  });

  it.each<[string, Promotion, string]>([
    ["that the manifest does not name, though it is kept", holding, gates.report],
    ["that is no digest", holding, "q.json"],
    ["before the candidate was judged", { ...promotionAtTheGates(), manifest: holding.manifest }, frozen.sha256],
  ])("is not there %s", async (_, promotion, sha256) => {
    expect((await refused(read(promotion, sha256))).code).toBe("not-found");
  });

  it.each(["-1", "1.5", "x"])("does not begin at %s", async (offset) => {
    expect((await refused(read(holding, frozen.sha256, { offset }))).code).toBe("invalid-request");
  });
});

describe("a promotion's attestations", () => {
  it("are the envelopes and their Sigstore bundles, with the verdict's once there is one", async () => {
    const verdict = canonicalJsonBytes(byCora.envelope);
    await blobs.put(verdict);
    const decided = promotionInReview({
      gates,
      status: "approved",
      verdict: { sha256: sha256Hex(verdict), result: "PASSED", at: now },
    });
    const { json } = await scene(decided).get("/v1/promotions/{id}/attestations");
    expect(json).toEqual({
      promotion: id,
      freezeDigest: decided.freezeDigest,
      signOffs: [{ id: byCora.signOff.id, envelope: byCora.envelope, bundle: sigstoreBundle(byCora.envelope) }],
      verdict: { envelope: byCora.envelope, bundle: sigstoreBundle(byCora.envelope) },
    });
    expect(JSON.stringify(json)).not.toContain(byCora.idToken);
  });

  it("are none at another address", async () => {
    expect((await refused(scene().get("/v1/elsewhere"))).code).toBe("not-found");
  });
});

describe("under policies without a rule for the promotion any more", () => {
  it.each(policiesWithoutRule)("a promotion that was judged is shown as it was judged: %s", async (_, inForce) => {
    const { view } = scene(inReview, { policy: inForce });
    expect((await view()).requirements.document).toEqual(requirements.document);
  });

  it.each(policiesWithoutRule)("one that never was says why it asks for nobody: %s", async (_, inForce) => {
    const { view } = scene(promotionAtTheGates(), { policy: inForce, blobs: new MemoryBlobs() });
    const { explanation, requirements: shown } = await view();
    expect(shown.document.rule.stages).toEqual([]);
    expect(explanation).toMatchObject({ status: "unreachable", why: expect.stringContaining("approval matrix") });
  });
});
