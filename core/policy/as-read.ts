/** Letters that read as no other and stand in a line from left to right: of Latin, kana, ideographs and Hangul syllables. */
const always =
  /^[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0130\u0132-\u0137\u0139-\u0148\u014a-\u017e\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]$/u;
/** What may be taken for a character of ASCII beside such: signs, dashes, quotation marks, arrows, Greek and Cyrillic. */
const apart =
  /^[\u00a1-\u00ac\u00ae-\u00bf\u00d7\u00f7\u0391-\u03a1\u03a3-\u03a9\u03ac-\u03ce\u0401\u0410-\u044f\u0451\u2010-\u2027\u2030-\u203a\u20ac\u2190-\u22ff]$/u;
/** Of Greek and Cyrillic those that look like no Latin letter. */
const unmistakable = /[ΓΔΘΛΞΠΣΦΨΩδζθλξπςφψωБГДЖЗИЙЛПФЦЧШЩЪЫЬЭЮЯбвгджзийлмнптфцчшщъыьэюя]/u;
const greekOrCyrillic = /[\u0370-\u052f]/u;

/**
 * A text as those who sign for it read it: what does not show, or may be taken for something else, is written `\u{…}` by its code
 * point, so that two texts which differ never read the same. Characters are named one by one and not by their properties, which
 * a later version of Unicode may give to others: what was signed is told again by whoever verifies.
 */
export function asRead(text: string): string {
  const end = text.length - (/ +$/.exec(text)?.[0].length ?? 0);
  return text.slice(0, end).split(" ").map(word).join(" ") + escaped(" ").repeat(text.length - end);
}

function word(text: string): string {
  const ascii = /[0-9A-Za-z@]/.test(text);
  const isApart = !ascii && (unmistakable.test(text) || !greekOrCyrillic.test(text));
  // Of an address one letter decides whose it is.
  const isAddress = text.includes("@");
  const isShown = (character: string) =>
    isAscii(character) || (!isAddress && always.test(character)) || (isApart && apart.test(character));
  const read = (part: string) => [...part].map((each) => (isShown(each) ? each : escaped(each))).join("");
  // What only looks like an escape is none.
  return text
    .split("\\u{")
    .map(read)
    .join(`${escaped("\\")}u{`);
}

function isAscii(character: string): boolean {
  return character >= "!" && character <= "~";
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
