import { describe, expect, it } from "vitest";
import type { ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { recheckReleases } from "../../../../core/archive/promotion/verify-releases.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { earlierReleasesBytes } from "../../../../core/gates/earlier-releases.ts";
import type { EarlierRelease } from "../../../../core/gates/facts.ts";
import { gateGenerations } from "../../../../core/gates/gate-generations.ts";
import { type FreezeManifest, freezeManifestBytes } from "../../../../core/promotion/freeze-manifest.ts";
import { manifestOf, saying } from "../../gates/candidate.ts";
import { now } from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";

const compared = () => ({ quality: { auc: { dropAtMost: 0.02 } }, fairness: {}, releases: 2 });
const released = saying("model-quality.json", { metrics: { accuracy: 0.76, auc: 0.8 } });
const manifest = manifestOf(released);
const bytes = freezeManifestBytes(manifest);
const documents = new Map<Sha256, Uint8Array>([[sha256Hex(bytes), bytes]]);
for (const { content } of Object.values(released.documents)) {
  const document = utf8(typeof content === "string" ? content : JSON.stringify(content));
  documents.set(sha256Hex(document), document);
}
const told: EarlierRelease = {
  version: manifest.model.version,
  freezeDigest: sha256Hex(bytes),
  deployedAt: now,
  metrics: [{ name: "auc", value: 0.8, where: "model-quality.json#/metrics/auc" }],
  facets: [],
};
const recheck = (
  releases: readonly EarlierRelease[],
  {
    of = manifest,
    elsewhere = async (sha256) => documents.get(sha256),
    asks = compared(),
  }: {
    readonly of?: FreezeManifest;
    readonly elsewhere?: ReadDocument;
    readonly asks?: ReturnType<typeof compared>;
  } = {},
) =>
  recheckReleases(earlierReleasesBytes(releases), {
    manifest: of,
    compared: asks,
    generations: gateGenerations,
    elsewhere,
  });

const others = (version = told.version) => [
  `It was compared with other values of ${version} than that release's evidence has.`,
];

describe("what was measured of an earlier release", () => {
  it("is what its evidence says of what is compared", async () => {
    expect(await recheck([told])).toEqual([]);
    expect(await recheck([])).toEqual([]);
  });

  it.each<[string, Partial<EarlierRelease>]>([
    ["a lower value", { metrics: [{ name: "auc", value: 0.7, where: "model-quality.json#/metrics/auc" }] }],
    ["a value of another place", { metrics: [{ name: "auc", value: 0.8, where: "elsewhere" }] }],
    ["a value left out", { metrics: [] }],
    ["another metric", { metrics: [...told.metrics, { name: "accuracy", value: 0.76, where: "x" }] }],
    ["a facet that nobody measured", { facets: [{ facet: "sex", group: "f", metric: "DI", value: 1, where: "x" }] }],
  ])("is not %s", async (_, over) => {
    expect(await recheck([{ ...told, ...over }])).toEqual(others());
  });

  it("is that of its own version, model and target", async () => {
    const sentence = (version: string) => [
      `It was compared with ${version}, and the manifest ${told.freezeDigest} is of something else.`,
    ];
    expect(await recheck([{ ...told, version: "0.1.0" }])).toEqual(sentence("0.1.0"));
    const model = { ...manifest, model: { ...manifest.model, name: "other" } };
    expect(await recheck([told], { of: model })).toEqual(sentence(told.version));
    const target = { ...manifest, target: { ...manifest.target, name: "other" } };
    expect(await recheck([told], { of: target })).toEqual(sentence(told.version));
  });

  it("cannot be told where its manifest or its evidence is not here, and can once they are", async () => {
    const lower = [{ ...told, metrics: [] }];
    const asks = compared();
    expect(await recheck(lower, { asks, elsewhere: async () => undefined })).toEqual([]);
    const manifestAlone: ReadDocument = async (sha256) => (sha256 === told.freezeDigest ? bytes : undefined);
    expect(await recheck(lower, { asks, elsewhere: manifestAlone })).toEqual([]);
    expect(await recheck(lower, { asks })).toEqual(others());
  });

  it("is read once under the same thresholds", async () => {
    const asks = compared();
    let reads = 0;
    const elsewhere: ReadDocument = async (sha256) => {
      reads += 1;
      return documents.get(sha256);
    };
    expect(await recheck([told], { asks, elsewhere })).toEqual([]);
    const once = reads;
    expect(await recheck([{ ...told, metrics: [] }], { asks, elsewhere })).toEqual(others());
    expect(reads).toBe(once);
    await recheck([told], { elsewhere });
    expect(reads).toBe(2 * once);
  });

  it("of a later version is not judged", async () => {
    const later = canonicalJsonBytes({ documentVersion: 2, releases: [] });
    const again = recheckReleases(later, {
      manifest,
      compared: compared(),
      generations: gateGenerations,
      elsewhere: async () => undefined,
    });
    expect((await refused(again)).code).toBe("newer-version");
  });
});
