import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Dataset, readDataset } from "../../../../examples/credit-scoring/dataset.ts";
import { dataSchema } from "../../../../examples/credit-scoring/reports/data-schema.ts";

const german = readDataset();

/** The data set with one column's fields replaced, row by row. */
function withColumn(name: string, field: (row: number, was: string) => string): Dataset {
  const index = german.columns.indexOf(name);
  return {
    ...german,
    fields: german.fields.map((row, number) => row.with(index, field(number, row[index] ?? ""))),
  };
}

describe("the data schema report", () => {
  it("finds the German Credit data as it is described, without personal data", () => {
    expect(dataSchema(german)).toMatchObject({
      valid: true,
      violations: [],
      pii: { found: false, columns: [] },
      dataset: { rows: 1000, columns: 62 },
    });
  });

  it("marks what says who a person is as protected, not as personal data", () => {
    const { columns } = dataSchema(german) as { columns: { name: string; protected: boolean; pii: boolean }[] };
    expect(columns.filter((column) => column.protected).map((column) => column.name)).toEqual([
      "Age",
      "ForeignWorker",
      "Personal.Male.Divorced.Seperated",
      "Personal.Female.NotSingle",
      "Personal.Male.Single",
      "Personal.Male.Married.Widowed",
      "Personal.Female.Single",
    ]);
    expect(columns.some((column) => column.pii)).toBe(false);
  });

  it("flags a column with one e-mail address in it", () => {
    const report = dataSchema(withColumn("Telephone", (row, was) => (row === 3 ? "someone@mail.example" : was)));
    expect(report).toMatchObject({ pii: { found: true, columns: ["Telephone"] } });
  });

  it("flags the telephone column once it holds numbers", () => {
    expect(dataSchema(withColumn("Telephone", (row) => `49301234${String(row).padStart(4, "0")}`))).toMatchObject({
      pii: { columns: ["Telephone"] },
    });
  });

  it.each([
    ["a missing value", withColumn("Amount", (row, was) => (row === 0 ? "" : was)), "Amount: 1 values are missing"],
    ["a child", withColumn("Age", (row, was) => (row === 0 ? "12" : was)), "Age: leaves the range 18 to 120"],
    ["words", withColumn("Duration", () => "long"), "Duration: is category, not integer"],
    [
      "two answers to one question",
      withColumn("Housing.Rent", () => "1"),
      "Housing: 821 rows do not have exactly one category",
    ],
  ])("reports %s as a violation", (_, dataset, violation) => {
    const report = dataSchema(dataset) as { valid: boolean; violations: string[] };
    expect(report.valid).toBe(false);
    expect(report.violations).toContain(violation);
  });
});

describe("reading the data", () => {
  function fileWith(text: string): URL {
    const folder = mkdtempSync(join(tmpdir(), "credit-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "data.csv");
    writeFileSync(path, text);
    return pathToFileURL(path);
  }

  it.each([
    ["a short line", "Age,Class\n30\n", "Line 2 has 1 fields, not 2."],
    ["a word for a number", 'Age,Class\nold,"Good"\n', "Line 2: Age is not a number."],
    ["an unknown class", 'Age,Class\n30,"Fair"\n', "Line 2: Class is neither Good nor Bad."],
  ])("refuses %s", (_, text, message) => {
    expect(() => readDataset(fileWith(text))).toThrow(message);
  });
});
