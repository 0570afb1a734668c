import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

// `path` "name", "name": how the page names the tests that show something.
const citation = /`(?<path>test\/[^`]+)`\s+(?<names>"[^"]+"(?:,\s+"[^"]+")*)/g;

const page = readFileSync("docs/threat-model.md", "utf8");
const cited = [...page.matchAll(citation)].flatMap(({ groups }) =>
  [...(groups?.["names"] ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => ({
    path: groups?.["path"] ?? "",
    // Names are broken into lines like the text around them.
    name: (name ?? "").replace(/\s+/g, " "),
  })),
);

/** Whether a file has a test, or a case of one, by this name. */
function hasTest(source: string, name: string): boolean {
  const literal = JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?:\\b(?:it|describe)(?:\\.each\\b[^]*?\\))?\\(|\\[)\\s*${literal}`).test(source);
}

describe("docs/threat-model.md", () => {
  it("says of what stops whom which test shows it", () => {
    expect(cited.length).toBeGreaterThan(80);
  });

  it("names tests that there are", () => {
    const lost = cited.filter(({ path, name }) => !existsSync(path) || !hasTest(readFileSync(path, "utf8"), name));
    expect(lost).toEqual([]);
  });

  it("names no file of tests without a test of it", () => {
    const files = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path);
    expect(files.filter((path) => !cited.some((each) => each.path === path))).toEqual([]);
  });
});
