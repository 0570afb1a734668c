import { describe, expect, it } from "vitest";
import type { Delegation } from "../../../core/approval/delegation.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { readPromotions } from "../../../functions/api/read-promotions/handler.ts";
import {
  attestationBase,
  cora,
  digestOf,
  everybody,
  manifest,
  member,
  now,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

// Emil holds no role, and stands in for Cora where one model is judged. Another model has a document of its own, and one that is
// byte for byte the same.

const emil = member("Emil", "visitors");
const [shared, secret] = [new TextEncoder().encode('{"same":1}'), new TextEncoder().encode('{"secret":1}')];
const evidence = (...documents: readonly Uint8Array[]) =>
  documents.map((bytes, at) => ({
    ...{ kind: "model-quality" as const, format: "plain", name: `${at}.json`, mediaType: "application/json" },
    ...{ size: bytes.length, sha256: sha256Hex(bytes) },
  }));
const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;

function promotionOf(model: string, seconds: number, ...documents: readonly Uint8Array[]): Promotion {
  const own = { ...manifest, model: { ...manifest.model, name: model }, evidence: evidence(...documents) };
  const id = promotionId(digestOf(`${model} ${seconds}`), 1);
  return { ...promotionInReview({ gates }), id, manifest: own, submittedAt: addSeconds(now, -seconds) };
}

const his = promotionOf("churn", 50, shared);
const others = Array.from({ length: 30 }, (_, at) => promotionOf("credit-scoring", at, shared, secret));
const [theirs] = others as [Promotion];

const standsIn: Delegation = {
  ...{ id: digestOf("delegation"), delegator: cora.identity, delegate: emil.identity, role: "compliance-officer" },
  ...{ scope: { model: "churn" }, from: now, until: addSeconds(now, 3600), reason: "", salt: "", recordedAt: now },
  ...{ delegatorName: cora.name, delegatorGroups: cora.groups },
};

async function read(route: string, parameters: Record<string, string>, query: Record<string, string> = {}) {
  const store = new MemoryPromotions([his, ...others]);
  const { load, signOffs, loans, facts, outcomes, countOutcomes, list } = store;
  const handler = readPromotions({
    ...{ now: () => now, attestationBase, policy, groups: ["compliance-officers"], claimsMachine: () => false },
    verifyPerson: async () => ({ identity: emil.identity, name: "Emil", groups: emil.groups, authenticatedAt: now }),
    verifyMachine: async () => manifest.requester,
    standsIn: async () => [standsIn],
    ...{ delegations: new MemoryDelegations(), absences: new MemoryAbsences(), loanBooks: new MemoryLoanBooks() },
    promotions: { load, signOffs, loans, facts, outcomes, countOutcomes, list },
    directory: memoryDirectory(everybody),
    blobs: new MemoryBlobs([shared, secret]),
    ledger: { markers: async () => new Map() },
  });
  return (await handler(apiRequest({ route, parameters, query }))).json;
}

const document = (promotion: Promotion, bytes: Uint8Array) =>
  read("/v1/promotions/{id}/evidence/{sha256}", { id: promotion.id, sha256: sha256Hex(bytes) });

describe("a document, to whoever stands in for somebody where one model is judged,", () => {
  it("is there by way of a promotion of that model", async () => {
    expect(await document(his, shared)).toMatchObject({ sha256: sha256Hex(shared), size: shared.length });
  });

  it.each([
    ["the same document by way of another's promotion", theirs, shared],
    ["another's document by way of another's promotion", theirs, secret],
    ["another's document by way of their own", his, secret],
  ])("is not there: %s", async (_, promotion, bytes) => {
    expect((await refused(document(promotion, bytes))).code).toBe("not-found");
  });

  it.each(["/v1/promotions/{id}", "/v1/promotions/{id}/attestations"])(
    "is not told of by %s of another model either",
    async (route) => {
      expect((await refused(read(route, { id: theirs.id }))).code).toBe("not-found");
    },
  );
});

describe("the list of promotions, for whoever stands in for somebody where one model is judged,", () => {
  it.each([
    ["in-review", {}],
    ["any", { limit: "1" }],
  ])("is of that model alone, and no cursor names another's: %s", async (status, query) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await read("/v1/promotions", {}, { status, ...query, ...(cursor && { cursor }) })) as {
        readonly promotions: readonly Promotion[];
        readonly next?: string;
      };
      seen.push(...page.promotions.map(({ id }) => id));
      cursor = page.next;
      const told = Buffer.from(cursor ?? "", "base64url").toString();
      expect(others.filter(({ id }) => told.includes(id) || cursor?.includes(id))).toEqual([]);
    } while (cursor !== undefined);
    expect(seen).toEqual([his.id]);
  });

  it("may be searched for people", async () => {
    const found = (person: string) => read("/v1/promotions", {}, { person });
    expect(await found(manifest.requester.subject)).toMatchObject({ promotions: [{ id: his.id }] });
    expect(await found("cora")).toMatchObject({ promotions: [] });
  });
});
