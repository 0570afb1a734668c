import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../core/encoding/bytes.ts";
import { evidenceReaders } from "../../core/gates/readers/registry.ts";

const guide = readFileSync("docs/gates.md", "utf8");
const blocks = [...guide.matchAll(/^```json plain ([a-z-]+)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = "", text = ""]) => [kind, text] as const,
);
const plain = evidenceReaders.filter(({ format }) => format === "plain");

describe("docs/gates.md", () => {
  it.each(blocks)("shows %s in plain JSON as it is read, with every member", (kind, text) => {
    const reading = plain.find((reader) => reader.kind === kind)?.read(utf8(text), "document.json");
    if (reading?.kind !== "read") throw new Error(JSON.stringify(reading));
    const { gaps = [], ...facts } = reading.facts;
    expect(gaps).toEqual([]);
    const read = Object.entries(facts).filter(([, readings]) => !Array.isArray(readings) || readings.length > 0);
    expect(read.map(([name]) => name)).toEqual(Object.keys(facts));
  });

  it("says of every kind that has a plain format what is read of it", () => {
    const told = [
      ...guide.matchAll(
        /^\| ((?:`[a-z-]+`(?:, )?)+) \| [^|]*`(?:metrics|facets|globalImportance|violations|counts)`/gm,
      ),
    ].flatMap(([, kinds = ""]) => kinds.split(", ").map((kind) => kind.slice(1, -1)));
    // These two have a sentence of their own, or are made by the service.
    const others = ["model-card", "policy-check"];
    expect([...told, ...others].toSorted()).toEqual(plain.map(({ kind }) => kind as string).toSorted());
  });
});
