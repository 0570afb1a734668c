import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { now, policy } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { base, machineClaims, scene } from "./submission-scene.ts";

async function firstPromotion(over: Partial<Promotion> = {}): Promise<Promotion> {
  const { promotions, post, started } = scene();
  await post();
  return { ...promotions.stored(started[0] ?? expect.unreachable()), ...over };
}

describe("a submission", () => {
  it("becomes a promotion at the gates, and starts its machine", async () => {
    const { promotions, started, post } = scene();
    const answer = await post();
    const [id] = started;
    const promotion = promotions.stored(id ?? expect.unreachable());
    expect(answer).toEqual({
      status: 202,
      headers: { location: `/v1/promotions/${id}` },
      json: {
        id,
        status: "gating",
        attempt: 1,
        freezeDigest: promotion.freezeDigest,
        expiresAt: addSeconds(now, 2 * 86_400),
      },
    });
    expect(promotion).toMatchObject({
      revision: 1,
      review: 1,
      startedBy: { account: { provider: "github", id: "77" } },
      run: { issuer: "https://ci.example", id: "9001" },
      sources: { "model.json": { uri: "s3://exchange/incoming/7/model.json" } },
      manifest: {
        requester: { issuer: "https://ci.example", subject: "machine/pipeline" },
        target: { endpoint: "credit-scoring" },
      },
      history: [{ id: `${id}/0`, type: "request", at: now }],
    });
  });

  it("sent again finds its open promotion, and starts its machine again in case a crash was before that", async () => {
    const { started, post, promotions } = scene();
    await post();
    const again = await post();
    expect(again.status).toBe(200);
    expect(started).toEqual([started[0], started[0]]);
    expect(promotions.moves).toEqual([]);
  });

  it("from another run, with its files in another order, finds the same promotion", async () => {
    const { started, post } = scene();
    await post();
    const moved = {
      ...base,
      artifacts: base.artifacts.toReversed().map((each) => ({ ...each, uri: each.uri.replace("/7/", "/8/") })),
    };
    const other = scene({ stored: [await firstPromotion()] });
    expect((await other.post(moved)).status).toBe(200);
    expect(other.started).toEqual(started);
  });

  it.each(["rejected", "blocked", "deployed"] as const)(
    "of a candidate that is %s is the next attempt",
    async (status) => {
      const stored = await firstPromotion({ status });
      const { started, post } = scene({ stored: [stored] });
      expect((await post()).status).toBe(202);
      expect(started).toEqual([promotionId(stored.freezeDigest, 2)]);
    },
  );

  it("is a first release until a version of the model was deployed in the target", async () => {
    const deployed = await firstPromotion({ status: "deployed" });
    const fact = { id: "x/1", type: "deployed", at: now, summary: "", body: {}, attachments: [] } as const;
    const { promotions, started, post } = scene({ stored: [{ ...deployed, history: [fact] }] });
    await post({ ...base, model: { ...base.model, version: "1.5.0" } });
    expect(promotions.stored(started[0] ?? expect.unreachable())).toMatchObject({
      facts: { release: "update" },
      history: [{ body: { release: "update" } }],
    });
    expect(deployed.facts).toEqual({ release: "first" });
  });

  it("is an update after another that was one, however many failed since: no more than a page is read", async () => {
    const failed = await firstPromotion({ status: "blocked", facts: { release: "update" } });
    const { promotions, started, post } = scene({ stored: [failed] });
    const pages: (string | undefined)[] = [];
    Object.assign(promotions, {
      list: async (_: unknown, __: number, from?: string) => {
        pages.push(from);
        return { promotions: [failed], next: `${pages.length}` };
      },
    });
    await post({ ...base, model: { ...base.model, version: "1.5.0" } });
    expect(promotions.stored(started[0] ?? expect.unreachable())).toMatchObject({ facts: { release: "update" } });
    expect(pages).toEqual([undefined]);
  });

  it("is nobody's to tell where a promotion of the model and the target cannot be read, unless another was an update", async () => {
    const { promotions, started, post } = scene();
    const asked = await firstPromotion();
    const update = await firstPromotion({ facts: { release: "update" } });
    let last = asked;
    const pages = (from: string | undefined) =>
      from === undefined
        ? { promotions: [], unreadable: ["5f3c-1"], next: "2" }
        : { promotions: [last], unreadable: ["a7-2"] };
    Object.assign(promotions, { list: async (_: unknown, __: number, from?: string) => pages(from) });
    await expect(post()).rejects.toMatchObject({
      code: "conflict",
      message:
        "Of this model and target the service cannot read 5f3c-1 and 1 more, since somebody changed the item by hand or a newer version wrote it: nobody could tell whether the model is new there. Whoever runs the service puts it back (docs/runbook.md, 'The table and the ledger differ'); then try again.",
    });
    expect(started).toEqual([]);
    last = update;
    await post();
    expect(promotions.stored(started[0] ?? expect.unreachable())).toMatchObject({ facts: { release: "update" } });
  });

  it.each<[string, Partial<Promotion>, string]>([
    ["whose deployment only a later page tells of", { status: "deployed" }, "update"],
    ["that never was deployed", { status: "blocked" }, "first"],
  ])("after many of a model %s is told as what it is", async (_, over, release) => {
    const asked = await firstPromotion(over);
    const { history, facts: _facts, ...rest } = asked;
    const fact = { id: "x/1", type: "deployed", at: now, summary: "", body: {}, attachments: [] } as const;
    const last = { ...rest, history: over.status === "deployed" ? [...history, fact] : history };
    const { promotions, started, post } = scene();
    const pages: (string | undefined)[] = [];
    Object.assign(promotions, {
      list: async (_: unknown, __: number, from?: string) => {
        pages.push(from);
        return from === undefined ? { promotions: [asked], next: "2" } : { promotions: [last, asked] };
      },
    });
    await post();
    const promotion = promotions.stored(started[0] ?? expect.unreachable());
    expect(promotion).toMatchObject({ facts: { release }, history: [{ body: { release } }] });
    expect(pages).toEqual([undefined, "2"]);
  });

  it("keeps who started the run, and which run it was, in what is archived of it; and neither where no token says so", async () => {
    const told = await firstPromotion();
    const { startedBy, run } = told;
    expect(told.history[0]?.body).toMatchObject({ startedBy, run });
    const { actor_id: _actor, run_id: _run, ...claims } = machineClaims.claims;
    const rules = policy.matrix.rules.map((rule) => ({ ...rule, excludes: [] }));
    const policies = { ...scene().ports.policies, matrix: { ...policy.matrix, rules } };
    const { promotions, started, post } = scene({
      ports: { policies, verifyMachine: async () => ({ ...machineClaims, claims }) },
    });
    await post();
    const untold = promotions.stored(started[0] ?? expect.unreachable());
    for (const kept of [untold, untold.history[0]?.body ?? {}])
      expect(Object.keys(kept)).not.toEqual(expect.arrayContaining(["startedBy"]));
    for (const kept of [untold, untold.history[0]?.body ?? {}])
      expect(Object.keys(kept)).not.toEqual(expect.arrayContaining(["run"]));
  });

  it("may pass with an author whom nobody can link, where the rule says so in as many words", async () => {
    const lineage = { ...base.lineage, trainedBy: [{ address: "who@elsewhere.example" }] };
    expect((await refused(scene().post({ ...base, lineage }))).code).toBe("invalid-person");
    const rules = policy.matrix.rules.map((rule) => ({ ...rule, unlinkableAuthors: "allowed" as const }));
    const policies = { ...scene().ports.policies, matrix: { ...policy.matrix, rules } };
    expect((await scene({ ports: { policies } }).post({ ...base, lineage })).status).toBe(202);
  });

  it("that is a moment later than another one finds what that one made", async () => {
    const stored = await firstPromotion();
    const promotions = new MemoryPromotions();
    const { post } = scene({
      ports: {
        promotions: {
          load: promotions.load,
          list: promotions.list,
          create: async ({ id }) => {
            if (id !== stored.id) throw new Error(`A second promotion is made: ${id}.`);
            promotions.put(stored);
            return "exists";
          },
        },
      },
    });
    expect(await post()).toMatchObject({ status: 200, json: { id: stored.id } });
  });

  it("whose start failed is there when it is sent again", async () => {
    let fails = true;
    const started: PromotionId[] = [];
    const { post, promotions } = scene({
      ports: {
        start: async (id) => {
          if (fails) throw new Error("away");
          started.push(id);
        },
      },
    });
    await expect(post()).rejects.toThrow("away");
    fails = false;
    expect(await post()).toMatchObject({ status: 200 });
    expect(promotions.stored(started[0] ?? expect.unreachable()).status).toBe("gating");
  });
});
