import { describe, expect, it } from "vitest";
import { canonicalDigest, jsonOf, readJson } from "../../../../core/archive/documents/json-document.ts";
import { readFreezeManifest } from "../../../../core/archive/documents/read-freeze-manifest.ts";
import { readPeopleSnapshot } from "../../../../core/archive/documents/read-people-snapshot.ts";
import { readRequirements } from "../../../../core/archive/documents/read-requirements.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import { freezeManifestBytes } from "../../../../core/promotion/freeze-manifest.ts";
import { digestOf, manifest, requirements } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const spaced = (value: object) => utf8(JSON.stringify(value, undefined, 1));

describe("the JSON of a document", () => {
  it("is the same value for the same bytes, of small documents", () => {
    const bytes = utf8('{"a":[1]}');
    const [one, two] = [jsonOf(bytes), jsonOf(bytes)];
    expect(one).toEqual({ kind: "value", value: { a: [1] } });
    expect(one.kind === "value" && two.kind === "value" && one.value === two.value).toBe(true);
    const large = utf8(JSON.stringify({ a: "x".repeat(64 * 1024) }));
    const [three, four] = [jsonOf(large), jsonOf(large)];
    expect(three).toEqual(four);
    expect(three.kind === "value" && four.kind === "value" && three.value === four.value).toBe(false);
  });

  it("may be written in any way, and says what is wrong where it is none", () => {
    expect(jsonOf(spaced({ a: 1 }))).toEqual({ kind: "value", value: { a: 1 } });
    expect(readJson("a.json", spaced({ a: 1 }))).toEqual({ a: 1 });
    const { code, sentence } = codeOf(() => readJson("a.json", utf8('{"a":1,"a":2}')));
    expect(code).toBe("pack-invalid");
    expect(sentence).toMatch(/^a\.json is not JSON that can be taken: ./);
  });

  it("has the digest of its canonical form, which is its own where it is written so", () => {
    const canonical = utf8('{"a":1}');
    jsonOf(canonical);
    expect(canonicalDigest(canonical, digestOf("as told"), { a: 1 })).toBe(digestOf("as told"));
    const other = spaced({ a: 1 });
    jsonOf(other);
    expect(canonicalDigest(other, digestOf("as told"), { a: 1 })).toBe(sha256Hex(canonical));
    expect(canonicalDigest(utf8("?"), digestOf("as told"), { a: 1 })).toBe(sha256Hex(canonical));
  });
});

const people = { peopleVersion: 1, salt: "ab".repeat(16), members: [], people: [] };
const { document } = requirements;
const asked = JSON.parse(fromUtf8(canonicalJsonBytes({ ...document })));
const frozen = JSON.parse(fromUtf8(freezeManifestBytes(manifest)));
const readers: readonly (readonly [string, (bytes: Uint8Array) => unknown, Record<string, unknown>, string])[] = [
  [
    "requirements.json",
    readRequirements,
    { ...asked, gates: { ...asked.gates, wasm: digestOf("gates.wasm") } },
    "requirementsVersion",
  ],
  ["freeze.json", readFreezeManifest, frozen, "manifestVersion"],
  ["people.json", readPeopleSnapshot, people, "peopleVersion"],
];

describe.each(readers)("%s", (name, read, value, member) => {
  it("is read as it is", () => {
    expect(read(canonicalJsonBytes({ ...value } as never))).toEqual(value);
  });

  it("of a later version is not checked", () => {
    expect(codeOf(() => read(canonicalJsonBytes({ ...value, [member]: 2 } as never)))).toEqual({
      code: "newer-version",
      sentence: `${name} is of version 2: it could not be checked, since a newer Countersign made it.`,
    });
  });

  it("of another form is refused with the place", () => {
    expect(codeOf(() => read(canonicalJsonBytes({ ...value, more: true } as never)))).toEqual({
      code: "pack-invalid",
      sentence: `${name} is not of the form that is known here (more).`,
    });
    expect(codeOf(() => read(utf8("7"))).sentence).toBe(`${name} is not of the form that is known here (as a whole).`);
    expect(codeOf(() => read(utf8("{"))).sentence).toMatch(new RegExp(`^${name} is not JSON that can be taken: `));
  });

  it("in another spelling is refused", () => {
    const { code, sentence } = codeOf(() => read(spaced(value)));
    expect([code, sentence]).toEqual(["pack-invalid", `${name} is not written in canonical JSON.`]);
  });
});

describe("what is read for many promotions", () => {
  it("is read for the first of them", () => {
    const bytes = freezeManifestBytes(manifest);
    expect(readFreezeManifest(bytes)).toBe(readFreezeManifest(bytes));
    expect(readFreezeManifest(bytes)).not.toBe(readFreezeManifest(bytes.slice()));
  });
});
