import { canonicalJson } from "../../core/encoding/canonical-json.ts";

/** Significant digits of every fraction that is written: enough for any reader, too few for rounding noise. */
const digits = 12;

/** A fraction as it is written. Whole numbers stay as they are. */
export function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(digits));
}

/**
 * JSON that is the same, byte for byte, for the same values: members sorted as in RFC 8785, numbers rounded to 12
 * significant digits, two spaces of indentation, a newline at the end. Throws for NaN and infinities.
 */
export function reportJson(value: unknown): string {
  const plain: unknown = JSON.parse(canonicalJson(value), (_, member) =>
    typeof member === "number" ? rounded(member) : member,
  );
  return `${JSON.stringify(plain, null, 2)}\n`;
}
