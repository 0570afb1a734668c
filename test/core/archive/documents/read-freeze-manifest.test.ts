import { describe, expect, it } from "vitest";
import { readFreezeManifest } from "../../../../core/archive/documents/read-freeze-manifest.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { freezeManifestBytes } from "../../../../core/promotion/freeze-manifest.ts";
import { manifest } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const frozen = JSON.parse(fromUtf8(freezeManifestBytes(manifest)));

it("freeze.json has its lists in the one order that has a digest", () => {
  const reversed = { ...frozen, artifacts: frozen.artifacts.toReversed() };
  expect(codeOf(() => readFreezeManifest(canonicalJsonBytes(reversed)))).toEqual({
    code: "pack-invalid",
    sentence: "freeze.json is not in canonical form.",
  });
});

it("freeze.json has no list where members are named, though all of them may be absent", () => {
  const classified = { ...frozen, classification: [] };
  expect(codeOf(() => readFreezeManifest(canonicalJsonBytes(classified))).sentence).toMatch(/\(classification\./);
  expect(readFreezeManifest(canonicalJsonBytes({ ...frozen, classification: {} })).classification).toEqual({});
});

it.each(["credit-s\u0441oring", "credit-scoring\u200b", "Credit-scoring", "credit scoring", "", "-", "a".repeat(64)])(
  "freeze.json has no model whose name or type may look like another's: '%s'",
  (name) => {
    for (const over of [{ name }, { type: name }]) {
      const model = { ...frozen.model, ...over };
      expect(codeOf(() => readFreezeManifest(canonicalJsonBytes({ ...frozen, model }))).sentence).toMatch(/\(model\./);
    }
  },
);

describe("policies and models", () => {
  const target = { name: "policies", kind: "policy", endpoint: "in-force" };
  const [file] = frozen.artifacts;
  const artifacts = [{ ...file, role: "policy" }];
  const policies = { ...frozen, model: { name: "policy", type: "policy", version: "a change" }, target, artifacts };

  it("are told apart by all that a candidate says", () => {
    expect(readFreezeManifest(canonicalJsonBytes(policies)).target).toEqual(target);
  });

  it.each<[string, object]>([
    ["a model for a target of policies", { ...frozen, target }],
    ["policies for a target of models", { ...policies, target: frozen.target }],
    ["a model by the type of policies", { ...frozen, model: { ...frozen.model, type: "policy" } }],
    ["a model by the name of policies", { ...frozen, model: { ...frozen.model, name: "policy" } }],
    ["policies by another type", { ...policies, model: { ...policies.model, type: "other" } }],
    ["policies with a model among them", { ...policies, artifacts: [file, ...artifacts] }],
    ["policies without any", { ...policies, artifacts: [] }],
    ["a model with policies beside it", { ...frozen, artifacts: [...frozen.artifacts, ...artifacts] }],
  ])("%s are neither", (_, manifest) => {
    expect(codeOf(() => readFreezeManifest(canonicalJsonBytes(manifest)))).toEqual({
      code: "pack-invalid",
      sentence: "freeze.json is of policies in some of what it says, and of a model in the rest.",
    });
  });

  it.each([{ endpoint: "somewhere-else" }, { name: "production" }])("are put in force in one place: %o", (over) => {
    const elsewhere = { ...policies, target: { ...target, ...over } };
    expect(codeOf(() => readFreezeManifest(canonicalJsonBytes(elsewhere))).sentence).toMatch(/\(target\./);
  });
});

describe("what a candidate runs with", () => {
  const [first, ...others] = frozen.artifacts;
  const model = frozen.artifacts.find(({ role }: { readonly role: string }) => role === "model");

  it.each<[string, readonly object[]]>([
    ["two models", [first, ...others, { ...model, name: "zz-second.json" }]],
    ["no environment", frozen.artifacts.filter(({ role }: { readonly role: string }) => role !== "environment")],
  ])("is told by its manifest: not with %s", (_, artifacts) => {
    const order = artifacts.toSorted((a, b) => (JSON.stringify(keyOf(a)) < JSON.stringify(keyOf(b)) ? -1 : 1));
    expect(codeOf(() => readFreezeManifest(canonicalJsonBytes({ ...frozen, artifacts: order })))).toEqual(ambiguous);
  });

  it("is told by its manifest: not with two documents of one name", () => {
    const [document] = frozen.evidence;
    const name = `${document.name}`.toUpperCase();
    const evidence = [{ ...document, name }, ...frozen.evidence];
    expect(codeOf(() => readFreezeManifest(canonicalJsonBytes({ ...frozen, evidence })))).toEqual(ambiguous);
  });

  const keyOf = (file: object) => [(file as { role: string }).role, (file as { name: string }).name];
  const ambiguous = {
    code: "pack-invalid",
    sentence:
      "freeze.json has not one artifact in the role 'model' and one in the role 'environment', or two files of one name: which of them runs nobody signed.",
  };
});
