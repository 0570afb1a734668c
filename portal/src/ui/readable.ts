/**
 * A text that others wrote, for reading as it is: what would change the order or the look of the text around it is
 * written as an escape, so that the eye does not read another text than there is.
 */
export function withVisibleMarks(text: string): string {
  return text.replaceAll(/[\p{Cf}\u2028\u2029\u007f-\u009f]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/**
 * A sentence with words in it that others wrote: what would turn the direction of all that comes behind it, where they end
 * or not, is shown by its number, as in reports. The sentence may be what somebody is about to sign.
 */
export function withoutTurns(text: string): string {
  return text.replaceAll(
    /[\u202a-\u202e\u2066-\u2069]/g,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase()}]`,
  );
}
