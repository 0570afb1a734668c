import { describe, expect, it } from "vitest";
import { manifestOf, parsePromotionRequest, sourcesOf } from "../../../core/promotion/request.ts";
import { codeOf } from "../refusal.ts";
import { digestOf, manifest } from "./promotion-in-review.ts";

const file = (name: string) => ({
  name,
  mediaType: "application/json",
  size: 5,
  sha256: digestOf(name),
  uri: `s3://exchange/incoming/7/${name}`,
});
const base = {
  model: { name: "credit-scoring", type: "credit-scoring", version: "1.4.0" },
  target: "production",
  artifacts: [
    { role: "model", ...file("model.json") },
    { role: "environment", ...file("environment.json") },
  ],
  evidence: [{ kind: "bias", format: "plain", ...file("bias.json") }],
  lineage: {
    trainedBy: [{ address: "tom@example.org" }],
    codeAuthors: [{ account: { provider: "github", id: "4007" } }],
    dataOwners: [{ identity: { issuer: "https://login.example", subject: "sub" } }],
    infrastructureAuthors: [],
    source: { repository: "acme/scoring", commit: "a".repeat(40) },
  },
};
const [model, environment] = base.artifacts;
const [bias] = base.evidence;

function refusal(request: unknown): string {
  const { code, sentence } = codeOf(() => parsePromotionRequest(request));
  expect(code).toBe("invalid-request");
  return sentence;
}

describe("a submission's body", () => {
  it("is read as it is sent", () => {
    expect(parsePromotionRequest(base)).toEqual(base);
  });

  const withModel = (over: object) => ({ ...base, artifacts: [{ ...model, ...over }, environment] });
  const withLineage = (over: object) => ({ ...base, lineage: { ...base.lineage, ...over } });
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "the body"],
    ["a list", [], "model is missing"],
    ["no model", { ...base, model: undefined }, "model"],
    [
      "a model name with capitals",
      { ...base, model: { ...base.model, name: "Credit" } },
      "model.name must be 1 to 63 lower-case",
    ],
    [
      "a version that is a path",
      { ...base, model: { ...base.model, version: "../1" } },
      "model.version must be 1 to 120",
    ],
    ["a target with a space", { ...base, target: "pro duction" }, "target must be 1 to 63 lower-case"],
    ["a model without bytes", withModel({ size: 0 }), "The model 'model.json' is empty: it has 0 bytes."],
    ["policies beside a model", withModel({ role: "policy" }), "artifacts.0.role"],
    ["a field nobody knows", { ...base, urgent: true }, "urgent is not a field of this request"],
    ["a field nobody knows inside", withModel({ note: "x" }), "artifacts.0.note is not a field of this request"],
    ["no artifacts", { ...base, artifacts: [] }, "artifacts must name at least the model"],
    ["a role nobody knows", withModel({ role: "weights" }), "artifacts.0.role must be one of model, environment,"],
    ["a file name that is a path", withModel({ name: "a/b" }), "artifacts.0.name must be 1 to 120"],
    ["a media type that is none", withModel({ mediaType: "json" }), "artifacts.0.mediaType must be a media type"],
    [
      "a media type that no record can hold",
      withModel({ mediaType: `${"a".repeat(200)}/json` }),
      "artifacts.0.mediaType must be a media type",
    ],
    ["a negative size", withModel({ size: -1 }), "artifacts.0.size"],
    ["half a byte", withModel({ size: 0.5 }), "artifacts.0.size must be a whole number of bytes"],
    ["a size as text", withModel({ size: "5" }), "artifacts.0.size"],
    [
      "a digest in capitals",
      withModel({ sha256: digestOf("x").toUpperCase() }),
      "artifacts.0.sha256 must be a SHA-256 digest",
    ],
    [
      "an address on the web",
      withModel({ uri: "https://example.org/model" }),
      "artifacts.0.uri must be an address such as s3://",
    ],
    [
      "an address without a key",
      withModel({ uri: "s3://exchange/" }),
      "artifacts.0.uri must be an address such as s3://",
    ],
    ["an empty version id", withModel({ versionId: "" }), "artifacts.0.versionId"],
    ["no size", { ...base, artifacts: [{ ...model, size: undefined }, environment] }, "artifacts.0.size"],
    [
      "an evidence kind nobody knows",
      { ...base, evidence: [{ ...bias, kind: "vibes" }] },
      "evidence.0.kind must be one of model-quality, bias,",
    ],
    [
      "a format with a space",
      { ...base, evidence: [{ ...bias, format: "my format" }] },
      "evidence.0.format must be 1 to 63",
    ],
    [
      "51 documents",
      { ...base, evidence: Array.from({ length: 51 }, () => bias) },
      "evidence must name at most 50 documents",
    ],
    ["nobody who trained it", withLineage({ trainedBy: [] }), "lineage.trainedBy must name who trained the model"],
    ["an author without a name", withLineage({ codeAuthors: [{}] }), "lineage.codeAuthors.0 must name one of address"],
    [
      "an author named twice over",
      withLineage({ codeAuthors: [{ address: "a@example.org", account: {} }] }),
      "lineage.codeAuthors.0",
    ],
    [
      "a login instead of an account's id",
      withLineage({ codeAuthors: [{ account: { provider: "github", id: "octocat" } }] }),
      "lineage.codeAuthors.0.account.id must be the account's numeric id",
    ],
    [
      "an address that is none",
      withLineage({ dataOwners: [{ address: "tom" }] }),
      "lineage.dataOwners.0.address must be an email address",
    ],
    [
      "a short commit",
      withLineage({ source: { repository: "a/b", commit: "abc1234" } }),
      "lineage.source.commit must be a full commit id",
    ],
    ["no lineage", { ...base, lineage: undefined }, "lineage"],
  ])("with %s is refused by the field's name", (_, request, place) => {
    expect(refusal(request)).toContain(place);
  });

  it("is refused with every wrong field at once, up to ten", () => {
    const sentence = refusal({ ...base, model: {}, target: 5, artifacts: "x" });
    for (const place of ["model.name", "model.type", "model.version", "target", "artifacts"])
      expect(sentence).toContain(place);
    const many = refusal({ ...base, artifacts: [{}, {}], evidence: [{}] });
    expect(many).toMatch(/; and [0-9]+ more\.$/);
  });

  it.each([
    ["the same name twice", [model, { ...environment, name: "model.json" }], "'model.json' is used twice or reserved"],
    [
      "names that differ in case only",
      [model, { ...environment, name: "MODEL.json" }],
      "'MODEL.json' is used twice or reserved",
    ],
    ...["id-token.jwt", "people.json", "people.yaml", "Channels.YAML"].map((name): [string, unknown[], string] => [
      `the name ${name}, which something of Countersign's own has that exports without personal data leave out,`,
      [model, { ...environment, name }],
      `'${name}' is used twice or reserved`,
    ]),
    [
      "the manifest's own name",
      [model, { ...environment, name: "freeze.json" }],
      "'freeze.json' is used twice or reserved",
    ],
    [
      "two models",
      [model, { ...environment, role: "model" }],
      "exactly one artifact in the role 'model'; the request names 2",
    ],
    ["no environment", [model], "exactly one artifact in the role 'environment'; the request names 0"],
  ])("with %s is refused", (_, artifacts, sentence) => {
    expect(refusal({ ...base, artifacts })).toContain(sentence);
  });

  it("names no more evidence than is held at once where it is judged", () => {
    const withEvidence = (...sizes: readonly number[]) => ({
      ...base,
      evidence: sizes.map((size, index) => ({ ...bias, name: `bias-${index}.json`, size })),
    });
    const most = 16 * 1024 ** 2;
    expect(parsePromotionRequest(withEvidence(...Array<number>(8).fill(most))).evidence).toHaveLength(8);
    expect(refusal(withEvidence(...Array<number>(8).fill(most), 1))).toBe(
      "The evidence documents have 134217729 bytes together; at most 128 MiB are judged.",
    );
  });

  it("names no document that is too large to be read, and no artifacts that are too large to be hashed", () => {
    const size = 16 * 1024 ** 2 + 1;
    expect(refusal({ ...base, evidence: [{ ...bias, size }] })).toBe(
      "'bias.json' has 16777217 bytes; a document may have 16 MiB.",
    );
    const gibibyte = 1024 ** 3;
    expect(parsePromotionRequest(withModel({ size: 32 * gibibyte })).artifacts[0]?.size).toBe(32 * gibibyte);
    expect(refusal(withModel({ size: 33 * gibibyte }))).toBe(
      "'model.json' has 33 GiB; of files above 5 GiB at most 32 GiB are hashed. Make smaller files of it.",
    );
  });

  it("may call a file what every object inherits, and it is a file like any other", () => {
    const request = parsePromotionRequest({ ...base, artifacts: [{ ...model, name: "constructor" }, environment] });
    expect(sourcesOf(request)["constructor"]).toEqual({ uri: model?.uri });
  });
});

describe("the manifest of a request", () => {
  it("names the files by digest, and nothing of where they lie", () => {
    const request = parsePromotionRequest(base);
    const made = manifestOf(request, manifest.target, manifest.requester);
    expect(JSON.stringify(made)).not.toContain("s3://");
    expect(made.artifacts.find(({ role }) => role === "model")).toEqual({
      role: "model",
      name: "model.json",
      mediaType: "application/json",
      size: 5,
      sha256: digestOf("model.json"),
    });
    expect(made.target).toEqual(manifest.target);
    expect(made.requester).toEqual(manifest.requester);
  });

  it("keeps the version of each source that CI pinned", () => {
    const request = parsePromotionRequest({ ...base, evidence: [{ ...bias, versionId: "v7" }] });
    expect(sourcesOf(request)["bias.json"]).toEqual({ uri: bias?.uri, versionId: "v7" });
  });
});
