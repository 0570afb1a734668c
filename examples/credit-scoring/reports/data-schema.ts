import { createHash } from "node:crypto";
import { type Dataset, labelColumn } from "../dataset.ts";
import { isProtectedColumn } from "../variants.ts";

type ColumnType = "flag" | "integer" | "number" | "category";

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly missing: number;
  readonly distinct: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly categories?: readonly string[];
  readonly constant: boolean;
  /** Says who a person is (sex, age, origin): never a feature, always measured for fairness. */
  readonly protected: boolean;
  readonly pii: boolean;
  /** Why a column counts as personal data. */
  readonly piiReason?: string;
}

/** What a value looks like that names or reaches one person. */
const identifying: readonly (readonly [string, RegExp])[] = [
  ["an e-mail address", /^[^@\s]+@[^@\s]+\.[^@\s]+$/],
  ["a telephone number", /^\+?\d[\d ()/-]{6,}\d$/],
  ["an IBAN", /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/],
  ["a card number", /^(\d{4}[ -]?){3}\d{4}$/],
  ["a social security number", /^\d{3}-\d{2}-\d{4}$/],
  ["an IP address", /^\d{1,3}(\.\d{1,3}){3}$/],
];
const identifyingNames =
  /^(.*[._])?(id|name|surname|first.?name|e?.?mail|phone|telephone|address|street|iban|ssn|birth.?date)$/i;

/**
 * Describes every column of the training data from its values, and holds them against the data set's own
 * description: types, ranges, no missing values, one category per question. Each column says whether it holds
 * personal data: by the look of its values, or by its name unless it only holds 0 and 1.
 */
export function dataSchema(dataset: Dataset): unknown {
  const columns = dataset.columns.map((name, index) =>
    describe(
      name,
      dataset.fields.map((row) => row[index] ?? ""),
    ),
  );
  const violations = [...columnViolations(columns), ...questionViolations(dataset)];
  return {
    dataset: {
      name: "german-credit.csv",
      sha256: createHash("sha256").update(dataset.bytes).digest("hex"),
      rows: dataset.fields.length,
      columns: columns.length,
    },
    valid: violations.length === 0,
    violations,
    pii: { found: columns.some((column) => column.pii), columns: columns.filter((c) => c.pii).map((c) => c.name) },
    columns,
  };
}

function describe(name: string, fields: readonly string[]): Column {
  const present = fields.filter((field) => field !== "");
  const distinct = new Set(present);
  const type = typeOf(present);
  const reason = piiReason(name, type, present);
  const numbers = type === "category" ? [] : present.map(Number);
  return {
    name,
    type,
    missing: fields.length - present.length,
    distinct: distinct.size,
    ...(numbers.length > 0 ? { minimum: Math.min(...numbers), maximum: Math.max(...numbers) } : {}),
    ...(type === "category" ? { categories: [...distinct].toSorted() } : {}),
    constant: distinct.size < 2,
    protected: isProtectedColumn(name),
    pii: reason !== undefined,
    ...(reason === undefined ? {} : { piiReason: reason }),
  };
}

function typeOf(fields: readonly string[]): ColumnType {
  if (fields.every((field) => field === "0" || field === "1")) return "flag";
  if (fields.every((field) => /^-?\d+$/.test(field))) return "integer";
  return fields.every((field) => Number.isFinite(Number(field))) ? "number" : "category";
}

function piiReason(name: string, type: ColumnType, fields: readonly string[]): string | undefined {
  for (const [what, pattern] of identifying) {
    if (fields.some((field) => pattern.test(field))) return `a value looks like ${what}`;
  }
  if (type !== "flag" && identifyingNames.test(name)) return "the column's name says so";
  const everyValueItsOwn = new Set(fields).size === fields.length && fields.length > 1;
  if (type === "category" && everyValueItsOwn) return "no two rows share a value: it could identify a person";
  return undefined;
}

/** Ranges that the data set's description gives; flags and the label need none. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  Duration: [1, 120],
  Amount: [1, 100_000],
  InstallmentRatePercentage: [1, 4],
  ResidenceDuration: [1, 4],
  Age: [18, 120],
  NumberExistingCredits: [1, 4],
  NumberPeopleMaintenance: [1, 2],
};

function columnViolations(columns: readonly Column[]): readonly string[] {
  return columns.flatMap((column) => {
    const range = ranges[column.name];
    const wanted: ColumnType = column.name === labelColumn ? "category" : range === undefined ? "flag" : "integer";
    const below = range !== undefined && (column.minimum ?? range[0]) < range[0];
    const above = range !== undefined && (column.maximum ?? range[1]) > range[1];
    return [
      ...(column.missing > 0 ? [`${column.name}: ${column.missing} values are missing`] : []),
      ...(column.type === wanted ? [] : [`${column.name}: is ${column.type}, not ${wanted}`]),
      ...(below || above ? [`${column.name}: leaves the range ${range?.join(" to ")}`] : []),
      ...(column.name === labelColumn && column.distinct !== 2 ? [`${labelColumn}: has not exactly two classes`] : []),
    ];
  });
}

/** The 0/1 columns of one question must have exactly one 1 in every row. */
function questionViolations(dataset: Dataset): readonly string[] {
  const questions = Map.groupBy(
    dataset.columns.map((name, index) => ({ name, index })).filter(({ name }) => name.includes(".")),
    ({ name }) => name.split(".")[0],
  );
  return [...questions].flatMap(([question, columns]) => {
    const wrong = dataset.fields.filter((row) => columns.filter(({ index }) => row[index] === "1").length !== 1).length;
    return wrong === 0 ? [] : [`${question}: ${wrong} rows do not have exactly one category`];
  });
}
