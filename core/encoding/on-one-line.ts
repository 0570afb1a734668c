/**
 * A text with a space in the place of control characters, line separators and what turns the direction of writing: whatever it holds,
 * it begins no other line, redraws no terminal, and what stands behind it reads as it was written.
 */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
