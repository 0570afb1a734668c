import { describe, expect, it } from "vitest";
import { onOneLine } from "../../../core/encoding/on-one-line.ts";

describe("a text on one line", () => {
  it.each([
    ["a line's end", "Anna\r\nBcc: x@example.com", "Anna Bcc: x@example.com"],
    ["what a terminal obeys", "Anna\u001b[2K", "Anna [2K"],
    ["separators of lines and paragraphs", "Anna\u2028Berg\u2029", "Anna Berg "],
    ["an override of the direction and its end", "Anna \u202egrebA\u202c", "Anna  grebA "],
    ["isolates", "\u2066Anna\u2069", " Anna "],
  ])("has a space for %s", (_, text, line) => {
    expect(onOneLine(text)).toBe(line);
  });

  it("keeps names as they are written, in whatever script", () => {
    for (const name of ["Zoë O'Neil", "محمد", "👩‍🔬 Ada", "a\u200db"]) expect(onOneLine(name)).toBe(name);
  });
});
