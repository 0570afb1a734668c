/**
 * Text that is at most `most` UTF-16 code units long and can be written as canonical JSON, which refuses half of a
 * surrogate pair: none is left where the cut goes, nor anywhere else.
 */
export function cutText(text: string, most: number): string {
  const whole = text.toWellFormed();
  return whole.length <= most ? whole : whole.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}
