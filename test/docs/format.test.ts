import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { factTypes } from "../../core/promotion/fact.ts";
import { artifactRoles, evidenceKinds } from "../../core/promotion/freeze-manifest.ts";

const page = readFileSync("docs/format.md", "utf8");

/** The types of records that the page names; `-sent` after `notification-queued` stands for `notification-sent`. */
function typesNamed(): readonly string[] {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => {
    const [first = "", ...others] = [...(row.split("|")[1] ?? "").matchAll(/`([a-z-]+)`/g)].map(
      ([, name]) => name ?? "",
    );
    const stem = first.slice(0, first.indexOf("-"));
    return [first, ...others.map((name) => (name.startsWith("-") ? `${stem}${name}` : name))];
  });
}

describe("docs/format.md", () => {
  it("names every type of record", () => {
    const named = typesNamed();
    expect(factTypes.filter((type) => !named.includes(type))).toEqual([]);
  });

  it("names what artifacts and evidence can be", () => {
    expect([...artifactRoles, ...evidenceKinds].filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
  });
});
