/** What became of a line of a file: gone, new, or there as before, with what changed below it. */
export type Became = "gone" | "new" | "stays";

/** One piece of what changes: a sentence, or the lines of one file that follow each other. */
export type ChangePart =
  | { readonly kind: "sentences"; readonly texts: readonly string[] }
  | {
      readonly kind: "lines";
      readonly file: string;
      readonly lines: readonly { readonly became: Became; readonly text: string }[];
    };

/** The sign that says it, where the change is written and where it is shown. */
export const signOf: Readonly<Record<Became, string>> = { gone: "−", new: "+", stays: "…" };
const becameBySign = new Map(Object.entries(signOf).map(([became, sign]) => [sign, became as Became]));

/**
 * What changes, in the order in which it is signed, with the lines of a file together under its name: `name: ± line`, as
 * `lineChanges` of core/policy writes them. What is not of that form is a sentence, and nothing is left out.
 */
export function changeParts(sentences: readonly string[]): readonly ChangePart[] {
  const parts: ChangePart[] = [];
  for (const sentence of sentences) {
    const [, file, sign = "", text] = /^([\w./-]+): ([−+…]) (.*)$/su.exec(sentence) ?? [];
    const became = becameBySign.get(sign);
    const last = parts.at(-1);
    if (file === undefined || text === undefined || became === undefined) {
      if (last?.kind === "sentences") parts.splice(-1, 1, { ...last, texts: [...last.texts, sentence] });
      else parts.push({ kind: "sentences", texts: [sentence] });
    } else if (last?.kind === "lines" && last.file === file)
      parts.splice(-1, 1, { ...last, lines: [...last.lines, { became, text }] });
    else parts.push({ kind: "lines", file, lines: [{ became, text }] });
  }
  return parts;
}
