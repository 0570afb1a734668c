import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { type SubmitPorts, submit } from "../../../functions/api/submit/handler.ts";
import {
  cora,
  dana,
  digestOf,
  everybody,
  manifest,
  member,
  now,
  policy,
  sam,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

const file = (name: string) => ({
  name,
  mediaType: "application/json",
  size: 5,
  sha256: digestOf(name),
  uri: `s3://exchange/incoming/7/${name}`,
});
const base = {
  model: manifest.model,
  target: "production",
  artifacts: [
    { role: "model", ...file("model.json") },
    { role: "environment", ...file("environment.json") },
  ],
  evidence: [{ kind: "model-quality", format: "plain", ...file("quality.json") }],
  lineage: manifest.lineage,
};

const machineClaims = {
  issuerName: "ci",
  issuer: "https://ci.example",
  claims: { repository_id: "1", jti: "token-1", exp: Date.parse(now) / 1000 + 300, actor_id: "77", run_id: "9001" },
};

interface Scene {
  readonly stored?: readonly Promotion[];
  readonly members?: readonly Member[];
  readonly ports?: Partial<SubmitPorts>;
}

function scene({ stored = [], members = everybody, ports: over = {} }: Scene = {}) {
  const promotions = new MemoryPromotions(stored);
  const started: PromotionId[] = [];
  const used = new Map<string, string>();
  const ports: SubmitPorts = {
    policies: {
      ...policy,
      // The account that starts the runs is Priya's, who reviews nothing.
      people: [
        {
          name: "Priya",
          addresses: ["priya@example.org"],
          accounts: [{ provider: "github", id: "77" }],
          identities: [],
          outside: false,
        },
      ],
      targets: {
        production: { kind: "sagemaker-endpoint", endpoint: "{model}", instanceType: "ml.m5.large", instanceCount: 1 },
      },
      machines: [
        {
          name: "pipeline",
          issuer: "ci",
          provider: "github",
          match: { repository_id: "1" },
          submits: ["credit-scoring"],
          reports: [],
        },
      ],
      requiredEvidence: () => ["model-quality"],
    },
    now: () => now,
    verifyMachine: async () => machineClaims,
    replays: {
      use: async ({ issuer, id }, request) => {
        const before = used.get(`${issuer} ${id}`);
        used.set(`${issuer} ${id}`, before ?? request);
        return before === undefined || before === request ? "fresh" : "replayed";
      },
    },
    directory: memoryDirectory([...members, member("Priya")]),
    promotions,
    start: async (id) => void started.push(id),
    ...over,
  };
  return { promotions, ports, started, post: (json: unknown = base) => submit(ports)(apiRequest({ json })) };
}

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
          create: async () => {
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

describe("a submission is refused and leaves nothing behind", () => {
  it.each<[string, Scene, unknown, string]>([
    [
      "of another model than the pipeline may submit",
      {},
      { ...base, model: { ...base.model, name: "other" } },
      "forbidden",
    ],
    [
      "by a pipeline that nobody listed",
      {
        ports: {
          verifyMachine: async () => ({ ...machineClaims, claims: { ...machineClaims.claims, repository_id: "2" } }),
        },
      },
      base,
      "forbidden",
    ],
    [
      "with a token that has no id",
      {
        ports: {
          verifyMachine: async () => ({ ...machineClaims, claims: { ...machineClaims.claims, jti: undefined } }),
        },
      },
      base,
      "token-invalid",
    ],
    [
      "with a token that was used for something else",
      { ports: { replays: { use: async () => "replayed" } } },
      base,
      "token-replayed",
    ],
    ["for a target that is not there", {}, { ...base, target: "moon" }, "unknown-target"],
    ["for a target that every object inherits", {}, { ...base, target: "constructor" }, "unknown-target"],
    ["of a model type without a rule", {}, { ...base, model: { ...base.model, type: "vision" } }, "unknown-model-type"],
    ["without evidence that the gates ask for", {}, { ...base, evidence: [] }, "missing-evidence"],
    ["that nobody could approve", { members: [cora, tom, sam] }, base, "unreachable-quorum"],
    [
      "that names somebody whom nobody knows",
      {},
      { ...base, lineage: { ...base.lineage, trainedBy: [{ address: "ghost@example.org" }] } },
      "invalid-person",
    ],
    ["that is not complete", {}, { ...base, lineage: undefined }, "invalid-request"],
    ["that leaves no room for what is recorded later", {}, { ...base, note: "x".repeat(132_000) }, "body-too-large"],
  ])("%s", async (_, given, body, code) => {
    const { started, post, promotions } = scene(given);
    expect((await refused(post(body))).code).toBe(code);
    expect(started).toEqual([]);
    expect(promotions.all()).toEqual([]);
  });

  it("and says who is missing for the quorum", async () => {
    const refusal = await refused(scene({ members: [cora, tom, dana] }).post());
    expect(refusal.code).toBe("unreachable-quorum");
    expect(refusal.sentence).toContain("SRE");
  });
});
