import { describe, expect, it } from "vitest";
import { parseRequestSketch } from "../../../core/promotion/request-sketch.ts";
import { codeOf, told } from "../refusal.ts";
import { digestOf } from "./promotion-in-review.ts";

const sketch = { model: { name: "churn", type: "scoring" }, target: "production" };
const model = { role: "model", name: "model.json" };
const nobody = { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] };

describe("a sketch of a request", () => {
  it("needs a model and a target, and nothing else", () => {
    expect(parseRequestSketch(sketch)).toEqual({ ...sketch, artifacts: [], evidence: [], lineage: nobody });
  });

  it("takes what is known, and leaves out where CI would find it", () => {
    const known = { size: 5, sha256: digestOf("model"), path: "dist/model.json" };
    const where = { mediaType: "application/json", uri: "s3://exchange/x", versionId: "v1" };
    const evidence = { kind: "bias", format: "plain", name: "bias.json" };
    const classification = { riskTier: "high" };
    const lineage = { trainedBy: [{ address: "a@example.org" }], source: { commit: "x" } };
    const read = parseRequestSketch({
      ...sketch,
      artifacts: [{ ...model, ...known, ...where }],
      evidence: [evidence],
      classification,
      lineage,
    });
    expect(read).toEqual({
      ...sketch,
      artifacts: [{ ...model, ...known }],
      evidence: [evidence],
      lineage: { ...nobody, trainedBy: [{ address: "a@example.org" }] },
      classification,
    });
  });

  it.each<[string, object, RegExp]>([
    ["no model", { model: undefined }, /^invalid-request: .*model/],
    ["a field that nobody knows", { note: "x" }, /^invalid-request: .*note/],
    ["an artifact of no role", { artifacts: [{ name: "a" }] }, /artifacts\.0\.role|artifacts\[0\]\.role/],
    ["a size below none", { artifacts: [{ ...model, size: -1 }] }, /size/],
    [
      "a name twice, whatever its case",
      { artifacts: [model], evidence: [{ kind: "bias", format: "plain", name: "MODEL.json" }] },
      /^invalid-request: The file name 'model\.json' is used twice; each file needs a name of its own\.$/,
    ],
  ])("is refused with %s", (_, over, refusal) => {
    expect(told(codeOf(() => parseRequestSketch({ ...sketch, ...over })))).toMatch(refusal);
  });
});
