import { describe, expect, it } from "vitest";
import { readPolicyFiles } from "../../../adapters/policies/policy-folder.ts";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { maxEntryBytes } from "../../../core/ledger/entry-bundle.ts";
import { loadPolicies, type Policies } from "../../../core/policy/load-policies.ts";
import { policyDocuments } from "../../../core/policy/policy-bundle.ts";
import { policyCheckBytes, policyCheckName } from "../../../core/policy/policy-check-document.ts";
import { followsDeployment } from "../../../core/policy/policy-in-force.ts";
import { effectsOn, policyManifest, policyPromotion } from "../../../core/policy/proposed-policy.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, digestOf, manifest, promotionInReview } from "../promotion/promotion-in-review.ts";

const bundle = readPolicyFiles(new URL("../../../policies/", import.meta.url));
const shipped = loadPolicies(bundle);

function shippedWith(from: string | RegExp, to: string): Policies {
  const text = bundle.texts["matrix.yaml"].replace(from, to);
  expect(text).not.toBe(bundle.texts["matrix.yaml"]);
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, "matrix.yaml": text } });
}

const check = utf8("{}");
/** The candidate that the shipped policies are, as Cora proposes them. */
const proposed = () => policyManifest(shipped, check, { requester: cora.identity, title: "Two more days" });

describe("proposed policies as a candidate", () => {
  it("are their documents, the check of them, and whoever asks", () => {
    expect(proposed()).toEqual({
      manifestVersion: 1,
      model: { name: "policy", type: "policy", version: "Two more days" },
      target: { name: "policies", kind: "policy", endpoint: "in-force" },
      artifacts: policyDocuments(bundle).map(({ name, mediaType, bytes }) => ({
        role: "policy",
        name,
        mediaType,
        size: bytes.length,
        sha256: name === "policies.json" ? shipped.digest : sha256Hex(bytes),
      })),
      evidence: [
        {
          kind: "policy-check",
          format: "plain",
          name: policyCheckName,
          mediaType: "application/json",
          size: 2,
          sha256: sha256Hex(check),
        },
      ],
      requester: cora.identity,
      lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
    });
  });

  it("come with what a check found, and what they change", () => {
    const said = {
      former: digestOf("former"),
      proposed: shipped.digest,
      findings: ["matrix.yaml:1: Look at it."],
      changes: ["New: a rule."],
    };
    expect(JSON.parse(fromUtf8(policyCheckBytes({ errors: 1, warnings: 2, ...said })))).toEqual({
      checkVersion: 1,
      metrics: { errors: 1, warnings: 2 },
      ...said,
    });
  });

  it("come by a deployment until some say who signs for a change", () => {
    expect(followsDeployment(shipped)).toBe(false);
    expect(followsDeployment(shippedWith(/\npolicyChange:.*/s, ""))).toBe(true);
  });
});

describe("what proposed policies would do to open promotions", () => {
  const asked = requirementsNow(shipped, { manifest });
  const open = promotionInReview({ requirements: { sha256: asked.sha256 } });

  it("is nothing where what is asked of them is the same", () => {
    expect(effectsOn([open], shipped)).toEqual([]);
    expect(effectsOn([open], shippedWith("expiresAfter: 5d", "expiresAfter: 6d"))).toEqual([]);
    expect(effectsOn([], shippedWith("expiresAfter: 10d", "expiresAfter: 12d"))).toEqual([]);
  });

  it("is named for each whose requirements are others", () => {
    const former = promotionInReview();
    expect(effectsOn([open, former], shipped)).toEqual([
      { promotion: former.id, sentence: "credit-scoring 1.4.0 would go back to its gates." },
    ]);
    expect(effectsOn([open], shippedWith("expiresAfter: 10d", "expiresAfter: 12d"))).toEqual([
      { promotion: open.id, sentence: "credit-scoring 1.4.0 would go back to its gates." },
    ]);
  });

  it("is named for each that no rule is for any more", () => {
    const without = shippedWith("credit-scoring: { type: credit-scoring }", "credit-scoring: { type: recommendation }");
    expect(effectsOn([open], without)).toEqual([
      {
        promotion: open.id,
        sentence:
          "credit-scoring 1.4.0 would be blocked: The model 'credit-scoring' is of the type 'recommendation' by the approval matrix, and cannot be submitted as 'credit-scoring'.",
      },
    ]);
  });
});

describe("the promotion of a change of the policies", () => {
  const proposal = proposed();
  const id = promotionId(freezeDigest(proposal), 2);
  const at = "2026-11-23T12:00:00.000Z" as Instant;
  const expiresAt = "2026-11-28T12:00:00.000Z" as Instant;
  const asked: Parameters<typeof policyPromotion>[0] = {
    ...{ id, attempt: 2, manifest: proposal, sources: { "policies.json": { uri: "s3://exchange/policies.json" } } },
    ...{ former: digestOf("former"), at, expiresAt, requirements: digestOf("requirements") },
    ...{ proposer: "Cora", changes: 3, effects: [] },
  };

  it("begins at the gates, as an update", () => {
    const { history: _, ...promotion } = policyPromotion(asked);
    expect(promotion).toEqual({
      id,
      attempt: 2,
      revision: 2,
      status: "gating",
      freezeDigest: freezeDigest(proposal),
      manifest: proposal,
      sources: asked.sources,
      submittedAt: at,
      expiresAt,
      requirements: { sha256: asked.requirements },
      facts: { release: "update" },
      review: 1,
      settled: [],
      invalidated: [],
    });
  });

  it("is recorded with who asked for what, and what it would do", () => {
    const effects = [
      { promotion: promotionInReview().id, sentence: "a 1 would go back to its gates." },
      { promotion: promotionInReview().id, sentence: "b 2 would be blocked: why." },
    ];
    expect(policyPromotion({ ...asked, effects }).history).toEqual([
      {
        id: `${id}/0`,
        type: "request",
        at,
        promotion: id,
        summary: "Cora asked to put other policies in force: Two more days.",
        body: {
          model: proposal.model,
          target: "policies",
          freezeDigest: freezeDigest(proposal),
          requester: cora.identity,
          expiresAt,
          requirements: asked.requirements,
          release: "update",
        },
        attachments: [],
      },
      {
        id: `${id}/1`,
        type: "policy-proposed",
        at,
        promotion: id,
        summary: "3 changes of the policies are proposed. a 1 would go back to its gates. b 2 would be blocked: why.",
        body: { former: asked.former, proposed: shipped.digest, effects },
        attachments: [],
      },
    ]);
  });

  it("says so where no open promotion would be judged otherwise, and cuts what would be too long", () => {
    const summary = (each: Parameters<typeof policyPromotion>[0]) => policyPromotion(each).history[1]?.summary;
    expect(summary(asked)).toBe("3 changes of the policies are proposed. No open promotion would be judged otherwise.");
    const effects = Array.from({ length: 200 }, () => ({ promotion: id, sentence: "It would go back to its gates." }));
    expect(summary({ ...asked, effects })).toHaveLength(4000);
  });

  it("fits the ledger, however many promotions are open and whatever is said of them", () => {
    const effects = Array.from({ length: 500 }, () => ({
      promotion: id,
      sentence: "It would be blocked: ".repeat(20),
    }));
    const [, told] = policyPromotion({ ...asked, effects }).history;
    expect(told?.body["effects"]).toHaveLength(200);
    expect(told && ledgerEntry(told).length).toBeLessThan(maxEntryBytes);
  });
});
