import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { candidateFiles } from "../../../functions/steps/candidate-files.ts";
import { digestOf, manifest, promotionInReview } from "../../core/promotion/promotion-in-review.ts";

const [quality] = manifest.evidence;
if (quality === undefined) throw new Error("The manifest names no evidence.");

/** What is kept under any digest. */
const kept = (text: string) => ({ get: async () => utf8(text) });
const digests = async (...given: Parameters<typeof candidateFiles>) =>
  Object.fromEntries((await candidateFiles(...given)).computedDigests);

describe("the files of a candidate", () => {
  it("are known by what was hashed: the artifacts when they were frozen, and the evidence now", async () => {
    expect(await digests(promotionInReview(), kept("quality"))).toEqual({
      "model.json": digestOf("model"),
      "environment.json": manifest.artifacts[1]?.sha256,
      "model-quality.json": digestOf("quality"),
    });
    expect(await digests(promotionInReview(), kept("another"))).toMatchObject({
      "model-quality.json": digestOf("another"),
    });
  });

  it("have no digest under a key that does not begin with one", async () => {
    const copies = [`${digestOf("model")}/model.json`, `other/frozen/${digestOf("model")}/model.json`, "frozen/"];
    for (const key of copies) {
      const frozen = [{ name: "model.json", key, versionId: "v1" }];
      expect(Object.keys(await digests(promotionInReview({ frozen }), kept("quality")))).toEqual([quality.name]);
    }
  });

  it("have evidence beside that of the manifest", async () => {
    const shadow = { ...quality, name: "shadow.json", sha256: digestOf("shadow") };
    const { evidence, computedDigests } = await candidateFiles(promotionInReview(), kept("shadow"), [shadow]);
    expect([...evidence.keys()]).toEqual(["model-quality.json", "shadow.json"]);
    expect(computedDigests.get("shadow.json")).toBe(digestOf("shadow"));
  });
});
