import { describe, expect, it } from "vitest";
import { begun } from "../../../../core/archive/history/replay-request.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../../core/promotion/freeze-manifest.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, id, manifest, now, requirements } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const freeze = freezeDigest(manifest);
const requester = { ...manifest.requester };
const body: LedgerRecord["body"] = {
  ...{ model: { ...manifest.model }, target: "production", freezeDigest: freeze, requester },
  ...{ expiresAt: addSeconds(now, 2 * 86_400), requirements: requirements.sha256, release: "update" },
};
const record = (over: Partial<LedgerRecord> = {}): LedgerRecord => ({
  ...{ recordVersion: 1, id: `${id}/0`, type: "request", at: now, promotion: id, summary: "", body, attachments: [] },
  ...over,
});
const documents = { manifest, requirements: new Map([[requirements.sha256, requirements.document]]) };

describe("the request", () => {
  it("makes the promotion that is to be judged", () => {
    expect(begun(id, record(), documents)).toEqual({
      id,
      revision: 1,
      status: "gating",
      attempt: 1,
      freezeDigest: freeze,
      manifest,
      sources: {},
      submittedAt: now,
      expiresAt: addSeconds(now, 2 * 86_400),
      requirements: { sha256: requirements.sha256 },
      facts: { release: "update" },
      review: 1,
      settled: [],
      invalidated: [],
      history: [record()],
    });
  });

  it("says until when, by whom its run was started, and whether something ran before", () => {
    const expiresAt = "2026-12-01T00:00:00.000Z" as Instant;
    const startedBy = { address: "lea@example.org" };
    const asked = record({ body: { ...body, expiresAt, startedBy, release: "first" } });
    expect(begun(id, asked, documents)).toMatchObject({ expiresAt, startedBy, facts: { release: "first" } });
    expect(begun(id, record(), documents)).not.toHaveProperty("startedBy");
  });

  it("of a change of the policies is an update: others are in force", () => {
    const change = { ...body, model: { ...manifest.model, type: "policy" } };
    expect(begun(id, record({ body: change }), documents)).toMatchObject({ facts: { release: "update" } });
    expect(codeOf(() => begun(id, record({ body: { ...change, release: "first" } }), documents))).toMatchObject({
      code: "conflict",
      sentence: expect.stringMatching(/a change of the policies takes the place of others, and is an update\.$/),
    });
  });

  it.each(["expiresAt", "requirements", "release"])("is none where it does not say its %s", (member) => {
    const { [member]: _, ...silent } = body;
    expect(codeOf(() => begun(id, record({ body: silent }), documents))).toMatchObject({
      code: "pack-invalid",
      sentence: expect.stringContaining(`(${member})`),
    });
  });

  it("tells by itself of a candidate that was never frozen", () => {
    expect(begun(id, record(), { ...documents, manifest: undefined }).manifest).toEqual({
      manifestVersion: 1,
      model: manifest.model,
      target: { name: "production", kind: "sagemaker-endpoint", endpoint: "", instanceType: "", instanceCount: 0 },
      artifacts: [],
      evidence: [],
      requester,
      lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
    });
  });

  it("tells of policies that were proposed and never frozen that they are no candidate", () => {
    const model = { name: "policy", type: "policy", version: "a change" };
    const proposed = record({ body: { ...body, model, target: "policies" } });
    const { target } = begun(id, proposed, { ...documents, manifest: undefined }).manifest;
    expect(target).toEqual({ name: "policies", kind: "policy", endpoint: "" });
  });

  it("counts the attempts at one candidate", () => {
    const second = promotionId(freeze, 12);
    expect(begun(second, record({ promotion: second }), documents)).toMatchObject({ id: second, attempt: 12 });
  });

  it.each<[string, LedgerRecord, RegExp]>([
    ["of another kind", record({ type: "freeze" }), /the first record of a promotion is its request\.$/],
    [
      "for another candidate",
      record({ body: { ...body, freezeDigest: digestOf("other") } }),
      /its id is not that of what was frozen\.$/,
    ],
  ])("is no record %s", (_, forged, sentence) => {
    const { code, sentence: said } = codeOf(() => begun(id, forged, documents));
    expect(code).toBe("conflict");
    expect(said).toMatch(sentence);
  });
});
