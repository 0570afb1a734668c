import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import {
  earlierRelease,
  earlierReleasesBytes,
  readEarlierReleases,
  servingSince,
} from "../../../core/gates/earlier-releases.ts";
import type { ChampionThresholds } from "../../../core/gates/thresholds.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { digestOf, now, openedAt, promotionInReview } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { goodCandidate, judgementOf, manifestOf } from "./candidate.ts";
import { releaseOf } from "./told-facts.ts";

const fact = (type: Fact["type"], at: Instant): Fact => ({
  ...{ id: `${type}/${at}`, type, at, summary: "", body: {}, attachments: [] },
});
const later = "2026-11-23T13:00:00.000Z" as Instant;

describe("servingSince", () => {
  const history = [fact("deployed", openedAt), fact("deployed", now), fact("drift", later)];

  it("is when the model was last told to be deployed", () => {
    expect(servingSince(promotionInReview({ status: "deployed", history }))).toBe(now);
  });

  it.each(["in-review", "rolled-back"] as const)("is never for a promotion that is %s", (status) => {
    expect(servingSince(promotionInReview({ status, history }))).toBeUndefined();
  });

  it("is not known of a deployment that nobody told of", () => {
    expect(servingSince(promotionInReview({ status: "deployed", history: [] }))).toBeUndefined();
  });
});

describe("earlierRelease", () => {
  const compared: ChampionThresholds = {
    quality: { auc: { dropAtMost: 0.02 } },
    fairness: { sex: { DI: { ideal: 1, awayAtMost: 0.05 } } },
    releases: 2,
  };
  const promotion = promotionInReview({ manifest: manifestOf(goodCandidate), freezeDigest: digestOf("frozen") });

  it("says what its own evidence measured, of what is compared only", () => {
    expect(earlierRelease(promotion, now, judgementOf(goodCandidate), compared)).toEqual({
      version: "2.0.0",
      freezeDigest: digestOf("frozen"),
      deployedAt: now,
      metrics: [{ name: "auc", value: 0.79, where: "model-quality.json#/metrics/auc" }],
      facets: [{ facet: "sex", group: "female", metric: "DI", value: 0.95, where: "bias.json#/facets/sex/metrics/DI" }],
    });
  });

  it("does not take a facet's name for one that every object has", () => {
    const everyObject: ChampionThresholds = { ...compared, fairness: { valueOf: {} } };
    expect(earlierRelease(promotion, now, judgementOf(goodCandidate), everyObject).facets).toEqual([]);
  });

  it("says nothing of evidence that is gone", () => {
    const files = { computedDigests: new Map(), evidence: new Map() };
    expect(earlierRelease(promotion, now, files, compared)).toMatchObject({ metrics: [], facets: [] });
  });
});

describe("earlier-releases.json", () => {
  const releases = [
    releaseOf("2", {
      metrics: [{ name: "auc", value: 0.79, where: "q.json#/auc" }],
      facets: [{ facet: "sex", group: "female", metric: "DI", value: 0.95, where: "b.json#/sex" }],
    }),
    releaseOf("1"),
  ];
  const text = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));
  const document = { documentVersion: 1, releases };

  it("is canonical JSON of its version, and reads back as it was", () => {
    expect(new TextDecoder().decode(earlierReleasesBytes(releases))).toBe(
      canonicalJson({ documentVersion: 1, releases }),
    );
    expect(readEarlierReleases(earlierReleasesBytes(releases))).toEqual(releases);
  });

  it.each<[string, Uint8Array]>([
    ["no JSON", new TextEncoder().encode("{")],
    ["no version", text({ releases })],
    ["an unknown member", text({ ...document, champion: "1" })],
    ["a member of a release that is not known", text({ ...document, releases: [{ ...releases[0], note: "" }] })],
    ["a digest that is none", text({ ...document, releases: [{ ...releases[0], freezeDigest: "abc" }] })],
    ["an instant that is none", text({ ...document, releases: [{ ...releases[0], deployedAt: "yesterday" }] })],
    ["a value that is no number", text({ ...document, releases: [releaseOf("1", { metrics: [{} as never] })] })],
    ["a version of endless text", text({ ...document, releases: [releaseOf("1".repeat(2001))] })],
  ])("is refused with %s", (_name, bytes) => {
    expect(codeOf(() => readEarlierReleases(bytes))).toMatchObject({
      code: "pack-invalid",
      sentence: "earlier-releases.json does not say what was released before.",
    });
  });

  it("of a later version is not judged", () => {
    expect(codeOf(() => readEarlierReleases(text({ ...document, documentVersion: 2 })))).toMatchObject({
      code: "newer-version",
      sentence: expect.stringMatching(/^earlier-releases\.json is of version 2: it could not be checked/),
    });
  });
});
