/** A column of a flat table: text, whole numbers, or instants. */
export interface Column<Row> {
  readonly name: string;
  readonly kind: "text" | "number" | "instant";
  /** `undefined` where the row has no value. An instant is given as RFC 3339 text. */
  readonly of: (row: Row) => string | number | undefined;
}

/** A table whose rows are read as they are needed, and again for each form that it is written in. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: () => AsyncIterable<Row>;
}

/** A row's values in the order of its columns. */
export type Cells = readonly (string | number | undefined)[];

export function cellsOf<Row>(columns: readonly Column<Row>[], row: Row): Cells {
  return columns.map((column) => cellOf(column, row));
}

/** A row's value; what is of another kind than its column says is none. */
function cellOf<Row>({ kind, of }: Column<Row>, row: Row): string | number | undefined {
  const value = of(row);
  if (value === undefined) return undefined;
  return (kind === "number") === (typeof value === "number") ? value : undefined;
}
