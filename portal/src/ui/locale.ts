/**
 * How dates are written for a reader, in the language of the page: as in the reader's own kind of it, where that comes first among the
 * languages that their browser asks for; else as it is written where they are, whatever kind of it the browser adds by itself. Midnight
 * is 00:00 in Germany, and 12:00 AM where a deadline is then taken for noon.
 *
 * @param languages BCP 47, the best first; some browsers name the system's as it is, such as `en-US@posix`, which is none
 */
export function localeFor(languages: readonly string[], language: string): string {
  const tags = languages.filter(isLanguageTag);
  const own = tags.find((tag) => new Intl.Locale(tag).language === language);
  const [first] = tags;
  if (first === undefined || first === own) return own ?? language;
  const { region } = new Intl.Locale(first).maximize();
  if (region === undefined) return own ?? language;
  const there = `${language}-${region}`;
  const { locale } = new Intl.DateTimeFormat(there).resolvedOptions();
  return locale === there ? there : (own ?? language);
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
