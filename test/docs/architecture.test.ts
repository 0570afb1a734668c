import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { functions, witnessFunctions } from "../../infra/functions.ts";
import { steps } from "../../statemachine/contract.ts";

const page = readFileSync("docs/architecture.md", "utf8");

describe("docs/architecture.md", () => {
  it("says of every function what wakes it and what it may do", () => {
    const rows = Object.keys(functions).filter((name) => !page.includes(`\n| ${name} | `));
    expect(rows).toEqual([]);
    expect(Object.keys(witnessFunctions).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it("names every variable of a function's environment, and no other", () => {
    const entries = Object.values({ ...functions, ...witnessFunctions }).flatMap(({ environment }) =>
      Object.keys(environment.entries),
    );
    const named = new Set(
      [...page.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|WITNESSES)`/g)].map(([, name]) => name ?? ""),
    );
    expect(entries.filter((name) => !named.has(name))).toEqual([]);
    expect([...named].filter((name) => !entries.includes(name))).toEqual([]);
  });

  it("names every step of the machine", () => {
    expect(Object.keys(steps).filter((name) => !page.includes(`| steps/${name}`))).toEqual([]);
  });
});
