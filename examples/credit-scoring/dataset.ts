import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** One applicant: every numeric column by name, and whether the loan was repaid (`Class` = `Good`). */
export interface Applicant {
  readonly index: number;
  readonly values: ReadonlyMap<string, number>;
  readonly good: boolean;
}

export interface Dataset {
  readonly bytes: Uint8Array;
  readonly columns: readonly string[];
  /** Every field as it stands in the file, row by row, in the order of `columns`. */
  readonly fields: readonly (readonly string[])[];
  readonly applicants: readonly Applicant[];
}

export const labelColumn = "Class";

/** The committed copy of the German Credit data; see data/README.md for its origin and licence. */
export const datasetUrl = new URL("./data/german-credit.csv", import.meta.url);

/** Reads the data set. Throws when a line has another number of fields, a number is none, or a class is unknown. */
export function readDataset(url: URL = datasetUrl): Dataset {
  const bytes = readFileSync(url);
  const [header = "", ...lines] = bytes.toString("utf8").trimEnd().split(/\r?\n/);
  const columns = header.split(",").map(unquoted);
  const fields = lines.map((line, row) => {
    const found = line.split(",").map(unquoted);
    if (found.length !== columns.length)
      throw new Error(`Line ${row + 2} has ${found.length} fields, not ${columns.length}.`);
    return found;
  });
  return { bytes, columns, fields, applicants: fields.map((row, index) => applicantOf(columns, row, index)) };
}

let committed: Dataset | undefined;

/** The committed data set, read once a process: what is made of it again and again is made of the same object. */
export function committedDataset(): Dataset {
  committed ??= readDataset();
  return committed;
}

function applicantOf(columns: readonly string[], row: readonly string[], index: number): Applicant {
  const values = new Map<string, number>();
  let label: string | undefined;
  for (const [position, column] of columns.entries()) {
    const field = row[position] ?? "";
    if (column === labelColumn) label = field;
    else if (field === "" || !Number.isFinite(Number(field)))
      throw new Error(`Line ${index + 2}: ${column} is not a number.`);
    else values.set(column, Number(field));
  }
  if (label !== "Good" && label !== "Bad")
    throw new Error(`Line ${index + 2}: ${labelColumn} is neither Good nor Bad.`);
  return { index, values, good: label === "Good" };
}

// No field of this file holds a comma or a quote inside its quotes.
function unquoted(field: string): string {
  return field.replace(/^"(.*)"$/, "$1");
}

/** The applicant's value of `column`; throws for a column the data set does not have. */
export function columnValue(applicant: Applicant, column: string): number {
  const value = applicant.values.get(column);
  if (value === undefined) throw new Error(`The data set has no column ${column}.`);
  return value;
}

/** How rows are held out: a hash of seed and row index, so that the split depends on nothing else. */
export const split = { seed: "german-credit/1", testFraction: 0.3 } as const;

/** Uniform in [0, 1) from SHA-256 of `seed:index`. */
export function seededFraction(seed: string, index: number): number {
  return createHash("sha256").update(`${seed}:${index}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** Training and held-out rows, each in the order of the file. */
export function splitApplicants(applicants: readonly Applicant[]): { train: Applicant[]; test: Applicant[] } {
  const isTest = (applicant: Applicant) => seededFraction(split.seed, applicant.index) < split.testFraction;
  return { train: applicants.filter((one) => !isTest(one)), test: applicants.filter(isTest) };
}
