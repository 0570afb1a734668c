/**
 * Text from elsewhere as part of one line: without control and direction characters it cannot redraw the terminal, and
 * it has at most `longest` characters.
 */
export function oneLine(text: string, longest = 500): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).toWellFormed()}…`;
}

/**
 * A value as JSON in which nothing moves the cursor, nor turns the direction of writing: what would is written as an escape, which
 * is the same JSON. JSON itself asks that of the first 32 characters alone.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(/[\p{Cf}\u2028\u2029\u007f-\u009f]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** `2026-11-22 17:03:00 UTC` */
export function timeText(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}
