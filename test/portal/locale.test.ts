import { expect, it } from "vitest";
import { localeFor } from "../../portal/src/ui/locale.ts";

it.each([
  ["their own English, where they ask for it first", ["en-GB", "en", "de"], "en-GB"],
  ["their own English, wherever they are", ["en-US", "en", "de-DE"], "en-US"],
  [
    "English as it is written where they are, and not the kind that the browser adds",
    ["de-DE", "de", "en-US", "en"],
    "en-DE",
  ],
  ["English as it is written where their language is spoken most", ["nl"], "en-NL"],
  ["the English that they name, where none is written in their country", ["pt-BR", "en-IE"], "en-IE"],
  ["the English that they name, where their language is spoken nowhere", ["tlh", "en-IE"], "en-IE"],
  ["English, where nothing is known of them", [], "en"],
  ["English, where what the browser names is no language", ["en-US@posix"], "en"],
])("dates are written in %s", (_, languages, locale) => {
  expect(localeFor(languages, "en")).toBe(locale);
});

it("a deadline at midnight is nowhere taken for noon by somebody who asks for German", () => {
  const midnight = new Date("2026-12-09T23:00:00.000Z");
  const day = { day: "numeric", month: "short", year: "numeric" } as const;
  const time = { hour: "numeric", minute: "2-digit", timeZoneName: "short", timeZone: "Europe/Berlin" } as const;
  const text = new Intl.DateTimeFormat(localeFor(["de-DE", "en-US"], "en"), { ...day, ...time }).format(midnight);
  expect(text).toBe("10 Dec 2026, 00:00 CET");
});
