import { describe, expect, it } from "vitest";
import { lineChanges } from "../../core/policy/line-changes.ts";
import { changeParts } from "../../portal/src/review/changed-lines.ts";

const former = "rules:\n  - modelType: a\n    expiresAfter: 10d\n";

describe("what changes in the policies, as the page shows it", () => {
  it("keeps the lines of a file together, as they stand in it", () => {
    const told = lineChanges("matrix.yaml", former, former.replace("10d", "12d"));
    expect(changeParts(["New: a sentence.", "No longer: another.", ...told])).toEqual([
      { kind: "sentences", texts: ["New: a sentence.", "No longer: another."] },
      {
        kind: "lines",
        file: "matrix.yaml",
        lines: [
          { became: "stays", text: "rules:" },
          { became: "stays", text: "  - modelType: a" },
          { became: "gone", text: "    expiresAfter: 10d" },
          { became: "new", text: "    expiresAfter: 12d" },
        ],
      },
    ]);
  });

  it("begins anew with another file, and says sentences where they stand between", () => {
    const parts = changeParts(["a.yaml: + x", "b.yaml: + x", "b.yaml: blank lines, and nothing else.", "b.yaml: + y"]);
    expect(parts.map((part) => (part.kind === "lines" ? part.file : part.texts))).toEqual([
      "a.yaml",
      "b.yaml",
      ["b.yaml: blank lines, and nothing else."],
      "b.yaml",
    ]);
  });

  it("leaves out nothing, whatever a line says", () => {
    const odd = [
      "a.yaml: + b.yaml: − x",
      "a.yaml: + ",
      "a.yaml: +x",
      "a.yaml: ± x",
      "New: a.yaml: + x",
      "a.yaml: + c\u2028d",
    ];
    const again = changeParts(odd).flatMap((part) =>
      part.kind === "sentences"
        ? part.texts
        : part.lines.map(({ became, text }) => `${part.file}: ${{ gone: "−", new: "+", stays: "…" }[became]} ${text}`),
    );
    expect(again).toEqual(odd);
  });
});
