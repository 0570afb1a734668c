import { describe, expect, it } from "vitest";
import { escaped, htmlPage, htmlTable } from "../../../../core/archive/reports/html-page.ts";

describe("text on a page", () => {
  it("stays as it is where it is plain", () => {
    const plain = " !#$%()*+,-./0123456789:;=?@ABC[]^_`abc{|}~";
    expect(escaped(plain)).toBe(plain);
    expect(escaped("")).toBe("");
    expect(escaped("für 日本")).toBe("für 日本");
  });

  it.each([
    ["&", "&amp;"],
    ["<", "&lt;"],
    [">", "&gt;"],
    ['"', "&quot;"],
    ["'", "&#39;"],
    ["\n", " "],
    ["\r", "[U+000D]"],
    ["\u0000", "[U+0000]"],
    ["\u007f", "[U+007F]"],
    ["\u061c", "[U+061C]"],
    ["\u202e", "[U+202E]"],
    ["\u2066", "[U+2066]"],
    ["\u200f", "[U+200F]"],
  ])("shows %j as text: %s", (character, text) => {
    expect(escaped(`a${character}b${character}`)).toBe(`a${text}b${text}`);
  });
});

describe("a table", () => {
  it("is nothing without rows", () => {
    expect(htmlTable("Empty", [{ title: "A" }], [])).toBe("");
  });

  it("has heads, and cells that say what they are, short and of fixed width where they are", () => {
    const long = "x".repeat(33);
    expect(
      htmlTable(
        "T & U",
        [{ title: "A" }, { title: "<B>", code: true }],
        [
          ["1", long],
          [long, "2"],
        ],
      ),
    ).toBe(
      [
        "<h2>T &amp; U</h2>",
        "<table>",
        '<thead><tr><th scope="col">A</th><th scope="col">&lt;B&gt;</th></tr></thead>',
        "<tbody>",
        `<tr><td class="short" data-is="A">1</td><td class="code" data-is="&lt;B&gt;">${long}</td></tr>`,
        `<tr><td data-is="A">${long}</td><td class="code short" data-is="&lt;B&gt;">2</td></tr>`,
        "</tbody>",
        "</table>",
      ].join("\n"),
    );
    expect(htmlTable("T", [{ title: "A" }], [["x".repeat(32)]])).toContain('class="short"');
  });

  it("shows what came of something in its colour, and no other word", () => {
    const rows = htmlTable("T", [{ title: "A", outcome: true }], [["failed"], ["passed"], ["on trial"]]);
    expect([...rows.matchAll(/<td class="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      "short failed",
      "short passed",
      "short",
    ]);
  });

  it("without heads takes its first column for them", () => {
    expect(htmlTable("T", [{ title: "" }, { title: "" }], [["Name", "Ada", "more"]])).toBe(
      '<h2>T</h2>\n<table>\n<tbody>\n<tr><th scope="row">Name</th><td class="short">Ada</td><td class="short">more</td></tr>\n</tbody>\n</table>',
    );
  });
});

it("a page loads nothing, is titled as text, and leaves out parts that are empty", () => {
  const page = htmlPage("<T>", ["<p>a</p>", "", "<p>b</p>"]);
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n/);
  expect(page).toContain(
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
  );
  expect(page).toContain("<title>&lt;T&gt;</title>");
  expect(page).toMatch(/<body>\n<p>a<\/p>\n<p>b<\/p>\n<\/body>\n<\/html>\n$/);
  expect(page).toContain("@page{size:A4;margin:10mm}");
});
