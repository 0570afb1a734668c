import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type SubmitPorts, submit } from "../../../functions/api/submit/handler.ts";
import { digestOf, everybody, manifest, member, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

export const file = (name: string) => ({
  name,
  mediaType: "application/json",
  size: 5,
  sha256: digestOf(name),
  uri: `s3://exchange/incoming/7/${name}`,
});
export const base = {
  model: manifest.model,
  target: "production",
  artifacts: [
    { role: "model", ...file("model.json") },
    { role: "environment", ...file("environment.json") },
  ],
  evidence: [{ kind: "model-quality", format: "plain", ...file("quality.json") }],
  lineage: manifest.lineage,
};

export const machineClaims = {
  issuerName: "ci",
  issuer: "https://ci.example",
  claims: { repository_id: "1", jti: "token-1", exp: Date.parse(now) / 1000 + 300, actor_id: "77", run_id: "9001" },
};

export interface Scene {
  readonly stored?: readonly Promotion[];
  readonly members?: readonly Member[];
  readonly ports?: Partial<SubmitPorts>;
}

export function scene({ stored = [], members = everybody, ports: over = {} }: Scene = {}) {
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
