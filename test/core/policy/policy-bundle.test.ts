import { describe, expect, it } from "vitest";
import { readPolicyFiles } from "../../../adapters/policies/policy-folder.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import {
  type BundledText,
  bundleDigest,
  bundledTexts,
  bundledWasm,
  bundleOf,
  largestBundle,
  packBundle,
  policyDocuments,
  readBundle,
  readPolicies,
  requireManifest,
  unpackBundle,
} from "../../../core/policy/policy-bundle.ts";
import { personalTexts } from "../../../core/promotion/personal-documents.ts";
import { codeOf } from "../refusal.ts";

const shipped = readPolicyFiles(new URL("../../../policies/", import.meta.url));
const wasm = new Uint8Array([0, 97, 115, 109]);
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(bundledTexts.map((name) => [name, `# ${name}`])),
  [bundledWasm]: base64(wasm),
};
const bundle = bundleOf(files);
const [policies = utf8(""), people = utf8(""), channels = utf8("")] = policyDocuments(bundle).map(({ bytes }) => bytes);
const apart = { "people.yaml": sha256Hex(people), "channels.yaml": sha256Hex(channels) };
const { "people.yaml": _people, "channels.yaml": _channels, ...together } = files;

/** How a document with these contents is refused. */
function refusal(document: Json): string {
  const bytes = typeof document === "string" ? utf8(document) : canonicalJsonBytes(document);
  const { code, sentence } = codeOf(() => readBundle([bytes, people, channels]));
  expect(code).toBe("invalid-policy");
  return sentence;
}

describe("a version of the policies", () => {
  it("is one document, and those beside it that may tell of people, which are read back as they were", () => {
    expect(JSON.parse(fromUtf8(policies))).toEqual({ policyVersion: 1, apart, files: together });
    expect([fromUtf8(people), fromUtf8(channels)]).toEqual(["# people.yaml", "# channels.yaml"]);
    expect(readBundle([policies, people, channels])).toEqual(bundle);
    expect(readBundle([policies, channels, people])).toEqual(bundle);
    expect(bundleDigest(readBundle(policyDocuments(shipped).map(({ bytes }) => bytes)))).toBe(bundleDigest(shipped));
  });

  it("can be read without what may tell of people", () => {
    const { bundle: left, apart: named } = readPolicies(policies);
    expect(named).toEqual(apart);
    expect(left.wasm).toEqual(wasm);
    const names = Object.keys(left.texts);
    expect(names).toEqual(bundledTexts.filter((name: BundledText) => !personalTexts.some((each) => each === name)));
    expect(fromUtf8(policies)).not.toContain("# people.yaml");
  });

  it("is refused without them, or with others", () => {
    const gone = "The file people.yaml is not there.";
    expect(codeOf(() => readBundle([policies])).sentence).toBe(gone);
    expect(codeOf(() => readBundle([policies, utf8("people: []"), channels])).sentence).toBe(gone);
    expect(codeOf(() => readBundle([policies, people])).sentence).toBe("The file channels.yaml is not there.");
    expect(codeOf(() => readBundle([])).sentence).toBe("The policies are not JSON.");
  });

  it("is kept in one piece", () => {
    expect(unpackBundle(packBundle(bundle))).toEqual(bundle);
    expect(codeOf(() => unpackBundle(utf8("{}"))).sentence).toBe("The policies have no 'files'.");
  });

  it("is known by its digest, which any change of any file changes", () => {
    expect(bundleDigest(bundle)).toBe(sha256Hex(policies));
    const changed = bundledTexts.map((name) =>
      bundleDigest({ ...bundle, texts: { ...bundle.texts, [name]: `${bundle.texts[name]}\n` } }),
    );
    const otherWasm = bundleDigest({ ...bundle, wasm: new Uint8Array([0, 97, 115, 110]) });
    expect(new Set([bundleDigest(bundle), ...changed, otherWasm]).size).toBe(bundledTexts.length + 2);
  });

  it("is refused where it is too large", () => {
    const tooLarge = new Uint8Array(largestBundle + 1);
    expect(codeOf(() => readBundle([tooLarge])).sentence).toBe(
      "The policies have 4194305 bytes; at most 4194304 work.",
    );
    expect(codeOf(() => readBundle([new Uint8Array(largestBundle)])).sentence).toBe("The policies are not JSON.");
  });

  it("is refused where it is no such document", () => {
    expect(refusal("{")).toBe("The policies are not JSON.");
    const none = "The policies have no 'apart'.";
    expect([refusal("1"), refusal("null"), refusal({ policyVersion: 1 }), refusal({ apart: null })]).toEqual(
      Array.from({ length: 4 }, () => none),
    );
    const unnamed = "policies.json does not name people.yaml by its digest.";
    expect([refusal({ apart: {} }), refusal({ apart: { ...apart, "people.yaml": "a" } })]).toEqual([unnamed, unnamed]);
    const without = "The policies have no 'files'.";
    expect([refusal({ apart }), refusal({ apart, files: null }), refusal({ apart, files: "a" })]).toEqual([
      without,
      without,
      without,
    ]);
    expect(refusal({ apart, files: { ...together, "notes.txt": "" } })).toBe("'notes.txt' is no file of the policies.");
    expect(refusal({ apart, files: { ...together, ["x".repeat(100)]: "" } })).toBe(
      `'${"x".repeat(80)}' is no file of the policies.`,
    );
  });

  it.each(Object.keys(together))("is refused without %s, or with something else in its place", (name) => {
    const { [name]: _, ...others } = together;
    expect(refusal({ apart, files: others })).toBe(`The file ${name} is not there.`);
    expect(refusal({ apart, files: { ...others, [name]: 1 } })).toBe(`The file ${name} is not there.`);
  });

  it("takes no file out of the prototype that every object has", () => {
    const inherited: Record<string, unknown> = Object.create(files);
    expect(codeOf(() => bundleOf(inherited)).sentence).toBe("The file matrix.yaml is not there.");
  });

  it("is refused where the compiled gates are not in base64", () => {
    expect(refusal({ apart, files: { ...together, [bundledWasm]: "?" } })).toBe(
      "compiled/gates.wasm is not in base64.",
    );
  });

  it("is refused where a newer program wrote it", () => {
    expect(codeOf(() => readBundle([canonicalJsonBytes({ policyVersion: 2, files })])).code).toBe("newer-version");
  });

  it("is refused where the same could be said in other bytes", () => {
    const sentence = "The policies are not in canonical form.";
    expect(refusal(`${fromUtf8(policies)}\n`)).toBe(sentence);
    expect(refusal({ policyVersion: 0, apart, files: together })).toBe(sentence);
    expect(refusal({ policyVersion: 1, apart, files: together, more: 1 })).toBe(sentence);
    expect(refusal({ policyVersion: 1, apart, files: { ...together, "people.yaml": "" } })).toBe(sentence);
    expect(
      refusal({ policyVersion: 1, apart: { ...apart, "matrix.yaml": apart["people.yaml"] }, files: together }),
    ).toBe(sentence);
  });
});

describe("the manifest of the compiled gates", () => {
  const withManifest = (text: string) => ({
    ...bundle,
    texts: { ...bundle.texts, "compiled/manifest.json": text },
  });

  it("names them", () => {
    expect(() => requireManifest(shipped)).not.toThrow();
    expect(() => requireManifest(withManifest(JSON.stringify({ wasm: sha256Hex(wasm) })))).not.toThrow();
  });

  it.each([
    ["others", `{"wasm":"${"0".repeat(64)}"}`],
    ["none", "{}"],
    ["nothing", "null"],
    ["a word", '"wasm"'],
  ])("is refused where it names %s", (_, text) => {
    expect(codeOf(() => requireManifest(withManifest(text)))).toEqual({
      code: "invalid-policy",
      sentence: "compiled/gates.wasm is not the one that compiled/manifest.json names.",
    });
  });

  it.each([
    ["is not JSON", "# yaml", /^compiled\/manifest\.json is not JSON that can be taken: /],
    [
      "names two",
      `{"wasm":"${"0".repeat(64)}","wasm":"${sha256Hex(wasm)}"}`,
      /^compiled\/manifest\.json is not JSON that can be taken: The name "wasm" is given twice/,
    ],
  ])("is refused where it %s", (_, text, sentence) => {
    expect(codeOf(() => requireManifest(withManifest(text)))).toEqual({
      code: "invalid-policy",
      sentence: expect.stringMatching(sentence),
    });
  });
});
