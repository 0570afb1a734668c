import { isInstant, msOfInstant } from "../../encoding/instant.ts";
import { Failure } from "../../failure.ts";
import type { Cells, Column } from "./table.ts";

// Rows are held until their group is written. As values they would live just long enough to be copied by every
// collection of garbage on the way and to die among what is old: a third of all that did. So they are held as the bytes
// that are written.

/** What is written of a value; null where there is none. */
type PlainValue = Uint8Array | bigint | null;

/** Rows of a table, column by column. */
export interface HeldRows {
  readonly length: number;
  add(cells: Cells): void;
  /** All values of a column, in the order of the rows. */
  valuesOf(column: number): PlainValue[];
  /** To be told once nothing is asked of it any more. */
  letGo(): void;
}

interface HeldColumn {
  add(value: Cells[number]): void;
  values(): PlainValue[];
  letGo(): void;
}

export function heldRows<Row>(columns: readonly Column<Row>[]): HeldRows {
  const held = columns.map(({ kind }) => heldColumn(kind));
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(cells) {
      length += 1;
      for (let at = 0; at < held.length; at += 1) held[at]?.add(cells[at]);
    },
    valuesOf(column) {
      const own = held[column];
      if (own === undefined) throw new Failure("internal", `A table has no column ${column}.`);
      return own.values();
    },
    letGo() {
      // The place that was taken first is let go last, so that the next table's first column has it again.
      for (const own of held.toReversed()) own.letGo();
    },
  };
}

function heldColumn(kind: Column<never>["kind"]): HeldColumn {
  switch (kind) {
    case "text":
      return heldTexts();
    case "number":
      return heldNumbers((value) => (typeof value === "number" ? value : Number.NaN));
    case "instant":
      return heldNumbers((value) => (isInstant(value) ? msOfInstant(value) : Number.NaN));
    default:
      return kind satisfies never;
  }
}

function heldTexts(): HeldColumn {
  const texts = growingText();
  /** Where each ends; of none the complement of where it would. */
  const ends: number[] = [];
  return {
    add(value) {
      if (value !== undefined) texts.append(String(value));
      ends.push(value === undefined ? ~texts.length : texts.length);
    },
    values() {
      const bytes = texts.bytes();
      let begin = 0;
      return ends.map((end) => {
        if (end < 0) return null;
        const value = bytes.subarray(begin, end);
        begin = end;
        return value;
      });
    },
    letGo: texts.letGo,
  };
}

function heldNumbers(numberOf: (value: Cells[number]) => number): HeldColumn {
  const numbers: number[] = [];
  return {
    add: (value) => void numbers.push(numberOf(value)),
    values: () => numbers.map((number) => (Number.isNaN(number) ? null : BigInt(number))),
    letGo: () => undefined,
  };
}

/** Text that grows, as UTF-8. */
export interface GrowingText {
  readonly length: number;
  append(text: string): void;
  /** All of it so far: a view, until it is let go. */
  bytes(): Uint8Array;
  /** Gives its place to the next one that grows. */
  letGo(): void;
}

const encoder = new TextEncoder();
// Places that have grown already: one after the other would be as much garbage again.
const places: Uint8Array<ArrayBuffer>[] = [];
const mostPlaces = 16;

export function growingText(): GrowingText {
  let place = places.pop() ?? new Uint8Array(64 * 1024);
  let used = 0;
  return {
    get length() {
      return used;
    },
    append(text) {
      // No character of UTF-16 takes more than three bytes.
      const most = used + text.length * 3;
      if (most > place.length) {
        const larger = new Uint8Array(Math.max(most, place.length * 2));
        larger.set(place.subarray(0, used));
        place = larger;
      }
      used += encoder.encodeInto(text, place.subarray(used)).written;
    },
    bytes: () => place.subarray(0, used),
    letGo() {
      if (places.length < mostPlaces) places.push(place);
      place = new Uint8Array();
      used = 0;
    },
  };
}
