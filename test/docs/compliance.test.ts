import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { factTypes } from "../../core/promotion/fact.ts";

const page = readFileSync("docs/compliance.md", "utf8");
const rows = page
  .slice(0, page.indexOf("\n## "))
  .split("\n")
  .filter((line) => line.startsWith("| "));

/** What the answers to an auditor's questions name; `notification-*` stands for each that begins so. */
const named = new Set(rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)));
const isNamed = (type: string) => named.has(type) || [...named].some((name) => name === `${type.split("-")[0]}-*`);

/** How it was carried out: nobody's question. */
const others: readonly string[] = ["held", "staged", "traffic-shifted", "rollback", "clean-up"];

describe("docs/compliance.md", () => {
  it("answers an auditor's question by every type of record, or says nothing of it on purpose", () => {
    expect(factTypes.filter((type) => !isNamed(type) && !others.includes(type))).toEqual([]);
    expect(others.filter((type) => isNamed(type))).toEqual([]);
  });

  it("names only files that are described", () => {
    const format = ["format", "audit-pack"].map((name) => readFileSync(`docs/${name}.md`, "utf8")).join("");
    expect([...named].filter((name) => /^[a-z-]+\.(?:json|wasm|csv)$/.test(name) && !format.includes(name))).toEqual(
      [],
    );
  });
});
