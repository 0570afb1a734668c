import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { madeBy, versionIn } from "../../../core/encoding/generation.ts";
import { readEarlierReleases } from "../../../core/gates/earlier-releases.ts";
import { readBundle } from "../../../core/policy/policy-bundle.ts";
import { codeOf, told } from "../refusal.ts";

const makers = new Map([
  [1, "first"],
  [3, "third"],
]);

describe("the maker of a document", () => {
  it.each<[string, number | undefined, string]>([
    ["the one of its version", 1, "first"],
    ["the newest", 3, "third"],
    ["the newest where it names none, and then it does not come out the same", undefined, "third"],
    ["the newest where there never was one", 2, "third"],
  ])("is %s", (_, version, maker) => {
    expect(madeBy("it.json", version, makers)).toBe(maker);
  });

  it("is unknown where the document is of a later version", () => {
    expect(told(codeOf(() => madeBy("it.json", 4, makers)))).toBe(
      "newer-version: it.json is of version 4: it could not be checked, since a newer Countersign made it.",
    );
  });
});

describe("the version of a document", () => {
  it.each<[string, unknown, number | undefined]>([
    ["what it says", { v: 7 }, 7],
    ["none where it is a text", { v: "7" }, undefined],
    ["none where it is no whole number", { v: 7.5 }, undefined],
    ["none where it is not there", {}, undefined],
    ["none where there is no document", null, undefined],
  ])("is %s", (_, document, version) => {
    expect(versionIn(document, "v")).toBe(version);
  });

  it("is looked at before its form", () => {
    expect(codeOf(() => readEarlierReleases(utf8('{"documentVersion":2}'))).code).toBe("newer-version");
    expect(codeOf(() => readBundle([utf8('{"policyVersion":2}')])).code).toBe("newer-version");
  });
});
