import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import {
  type FreezeManifest,
  freezeDigest,
  freezeManifestBytes,
  inManifestOrder,
  isInManifestOrder,
} from "../../../core/promotion/freeze-manifest.ts";
import { isPromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, manifest } from "./promotion-in-review.ts";

const evidence: FreezeManifest["evidence"] = (["bias", "model-quality", "bias", "data-schema"] as const).map(
  (kind, index) => ({
    kind,
    format: "plain",
    name: `report-${index}.json`,
    mediaType: "application/json",
    size: index,
    sha256: digestOf(`${kind} ${index}`),
  }),
);
const base: FreezeManifest = { ...manifest, evidence };

describe("the freeze digest", () => {
  it("does not depend on the order in which CI lists its files", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...base.artifacts], { minLength: base.artifacts.length }),
        fc.shuffledSubarray([...evidence], { minLength: evidence.length }),
        (artifacts, documents) => {
          expect(freezeDigest({ ...base, artifacts, evidence: documents })).toBe(freezeDigest(base));
        },
      ),
    );
  });

  it("does not depend on the order of an object's members", () => {
    const reversed = Object.fromEntries(Object.entries(base).toReversed()) as unknown as FreezeManifest;
    expect(freezeDigest(reversed)).toBe(freezeDigest(base));
  });

  it.each<[string, Partial<FreezeManifest>]>([
    ["the version", { model: { ...base.model, version: "1.4.1" } }],
    ["the target's endpoint", { target: { ...base.target, endpoint: "other" } }],
    ["the requester", { requester: { ...base.requester, subject: "machine/other" } }],
    ["an artifact's bytes", { artifacts: base.artifacts.map((file) => ({ ...file, sha256: digestOf("other") })) }],
    ["an artifact's role", { artifacts: base.artifacts.map((file) => ({ ...file, role: "infrastructure" as const })) }],
    ["evidence that was left out", { evidence: evidence.slice(1) }],
    ["the lineage", { lineage: { ...base.lineage, dataOwners: [{ address: "x@example.org" }] } }],
  ])("changes with %s", (_, over) => {
    expect(freezeDigest({ ...base, ...over })).not.toBe(freezeDigest(base));
  });

  it("is over canonical JSON with files sorted by role or kind, then name", () => {
    const written = JSON.parse(fromUtf8(freezeManifestBytes(base))) as FreezeManifest;
    expect(written.artifacts.map(({ role }) => role)).toEqual(["environment", "model"]);
    expect(written.evidence.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "bias report-0.json",
      "bias report-2.json",
      "data-schema report-3.json",
      "model-quality report-1.json",
    ]);
  });
});

describe("a manifest's order", () => {
  const ordered = inManifestOrder(base);

  it("is by role or kind, then by name", () => {
    expect(isInManifestOrder(ordered)).toBe(true);
    expect(ordered.evidence.map(({ name }) => name)).toEqual([
      "report-0.json",
      "report-2.json",
      "report-3.json",
      "report-1.json",
    ]);
  });

  it("is by role before it is by name, and none where only the last two stand otherwise", () => {
    const file = { mediaType: "application/json", size: 1, sha256: digestOf("file") };
    const artifacts = [
      { ...file, role: "training-data" as const, name: "a" },
      { ...file, role: "model" as const, name: "b" },
      { ...file, role: "environment" as const, name: "c" },
    ];
    const sorted = inManifestOrder({ ...base, artifacts });
    expect(sorted.artifacts.map(({ name }) => name)).toEqual(["c", "b", "a"]);
    const [first, second, third] = sorted.artifacts;
    const turned = [first, third, second].flatMap((each) => each ?? []);
    expect(isInManifestOrder({ ...sorted, artifacts: turned })).toBe(false);
  });

  it.each<[string, Partial<FreezeManifest>]>([
    ["its artifacts", { artifacts: ordered.artifacts.toReversed() }],
    ["its evidence", { evidence: ordered.evidence.toReversed() }],
    ["one pair of its evidence", { evidence: [1, 0, 2, 3].flatMap((at) => ordered.evidence[at] ?? []) }],
  ])("is none where %s stands otherwise", (_, over) => {
    expect(isInManifestOrder({ ...ordered, ...over })).toBe(false);
  });

  it("tells a kind from the beginning of another's: what is one word goes before what goes on", () => {
    const file = { format: "plain", mediaType: "application/json", size: 1, sha256: digestOf("file") };
    const pair = [
      { ...file, kind: "data-validation" as const, name: "a.json" },
      { ...file, kind: "data-schema" as const, name: "z.json" },
    ];
    expect(inManifestOrder({ ...base, evidence: pair }).evidence.map(({ kind }) => kind)).toEqual([
      "data-schema",
      "data-validation",
    ]);
  });
});

describe("a promotion's id", () => {
  it("comes from the digest and the attempt", () => {
    const digest = digestOf("candidate");
    expect(promotionId(digest, 3)).toBe(`p-${digest.slice(0, 32)}-3`);
    expect(isPromotionId(promotionId(digest, 3))).toBe(true);
  });

  it.each([
    "",
    "p-1",
    `p-${"a".repeat(32)}-0`,
    `p-${"A".repeat(32)}-1`,
    `p-${"a".repeat(32)}-1\n`,
    `p-${"a".repeat(32)}-1234567`,
    5,
    null,
  ])("is not %j", (text) => {
    expect(isPromotionId(text)).toBe(false);
  });
});
