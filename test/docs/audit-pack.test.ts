import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { promotionsForm, recordsForm, signOffsForm } from "../../core/archive/pack/pack-tables.ts";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = textOf("docs/audit-pack.md");
const said = page.slice(page.indexOf("## What `verify` says"), page.indexOf("## Is what ran what was signed?"));

/** The words of a union in a source. */
const wordsOf = (path: string): readonly string[] =>
  [...textOf(path).matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, word = ""]) => word);

it("every code that verification can answer is told, each once", () => {
  const codes = [...wordsOf("core/archive/pack/pack-findings.ts"), ...wordsOf("core/ledger/log-findings.ts")];
  expect(codes.length).toBeGreaterThan(40);
  const table = said.slice(said.indexOf("| codes |"), said.indexOf("**What could not be checked**"));
  const told = [...table.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code = ""]) => code);
  const codeLike = told.filter((word) => codes.includes(word));
  expect(codeLike.toSorted()).toEqual(codes.toSorted());
});

it("every member of what --json prints is told", () => {
  const source = textOf("core/archive/pack-verification.ts");
  const result = source.slice(source.indexOf("export interface PackVerification {"));
  const members = [...result.matchAll(/^ {2,4}readonly (\w+)\??:/gm)].map(([, member = ""]) => member);
  expect(members).toContain("unchecked");
  for (const member of members) expect(said, member).toContain(`\`${member}\``);
});

it.each([recordsForm, promotionsForm, signOffsForm])(
  "Athena is told every column of the table $name",
  ({ name, columns }) => {
    const types = { text: "string", number: "bigint", instant: "timestamp" };
    const [, told = ""] =
      new RegExp(`EXTERNAL TABLE countersign_${name.replace("-", "_")} \\(([^)]+)\\)[^;]+/parquet/${name}/';`).exec(
        page,
      ) ?? [];
    expect(told.replaceAll("`", "").trim().split(/,\s*/)).toEqual(
      columns.map((column) => `${column.name.toLowerCase()} ${types[column.kind]}`),
    );
  },
);
