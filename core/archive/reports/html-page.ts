/** A column of a table for people. */
export interface Head {
  readonly title: string;
  /** Digests and ids: in a face of fixed width, and broken anywhere rather than running over the edge. */
  readonly code?: true;
  /** What came of something, in one word: shown in its colour, and in weight for whoever sees none. */
  readonly outcome?: true;
}

// On paper a page is A4; what is printed is to fit one, so everything is set smaller than on a screen.
const style = `*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:68rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.8rem 0 .3rem;padding-bottom:.2rem;border-bottom:2px solid #0b57a4}
.about{margin:0 0 .3rem;color:#57606a}.about b{color:#0b57a4}
.outcome{font-size:1.1rem;margin:.3rem 0 1rem;padding:.4rem .7rem;border-left:.3rem solid #555;background:#f3f3f3}
.good{border-color:#1a7f37}.bad{border-color:#b3261e}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #ccc;overflow-wrap:anywhere}
th{white-space:nowrap;font-weight:600}tbody th{width:22%}thead th{color:#57606a;font-size:.875em}
td.passed{color:#11652d}td.failed,td.missing{color:#a3180f;font-weight:700}
td.code,code{font:.85em/1.5 ui-monospace,monospace}
td.short{white-space:nowrap;overflow-wrap:normal}
@media screen and (max-width:45rem){thead{display:none}tr{display:block;padding:.4rem 0;border-bottom:1px solid #ccc}
td,th{display:block;padding:0;border:0}td.short{white-space:normal}td[data-is]::before{content:attr(data-is) ": ";font-weight:600}}
@page{size:A4;margin:10mm}
@media print{body{font-size:7pt;line-height:1.2;margin:0;padding:0;max-width:none}h1{font-size:12pt}h2{font-size:8pt;margin:1.7mm 0 .3mm;padding:0;border-width:1px;break-after:avoid}
.about{font-size:8pt}.outcome{font-size:9pt;margin:1mm 0 2mm;padding:1mm 2mm}th,td{padding:.15mm 2mm .15mm 0}tr{break-inside:avoid}}`;

/** A page by itself: no scripts, nothing loaded. `parts` are HTML. */
export function htmlPage(title: string, parts: readonly string[]): string {
  return (
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n` +
    `<meta name="viewport" content="width=device-width">\n<title>${escaped(title)}</title>\n` +
    `<style>\n${style}\n</style>\n</head>\n<body>\n${parts.filter((part) => part !== "").join("\n")}\n</body>\n</html>\n`
  );
}

/** A table under its heading; nothing where it has no rows. The first column of a table without heads is its head. */
export function htmlTable(title: string, heads: readonly Head[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const head = heads.some((each) => each.title !== "")
    ? `<thead><tr>${heads.map((each) => `<th scope="col">${escaped(each.title)}</th>`).join("")}</tr></thead>\n`
    : "";
  const columns = heads.map(columnOf);
  const body = rows.map((cells) => `<tr>${cells.map((text, at) => cellOf(text, columns[at], at)).join("")}</tr>`);
  return `<h2>${escaped(title)}</h2>\n<table>\n${head}<tbody>\n${body.join("\n")}\n</tbody>\n</table>`;
}

/** How the cells of a column begin: short ones and others. */
interface HtmlColumn {
  readonly isHead: boolean;
  readonly isOutcome: boolean;
  readonly short: string;
  readonly long: string;
}

function columnOf({ title, code, outcome }: Head): HtmlColumn {
  // On a narrow screen the heads are gone and each cell says what it is.
  const is = title === "" ? "" : ` data-is="${escaped(title)}"`;
  const [short, long] = code === true ? [' class="code short"', ' class="code"'] : [' class="short"', ""];
  return { isHead: title === "", isOutcome: outcome === true, short: `<td${short}${is}>`, long: `<td${long}${is}>` };
}

const outcomes: ReadonlySet<string> = new Set(["passed", "failed", "missing"]);

/** Names of rules and files are broken nowhere up to this. */
const longestShort = 32;

const nameless = columnOf({ title: "" });

function cellOf(text: string, column: HtmlColumn | undefined, at: number): string {
  if (column?.isHead === true && at === 0) return `<th scope="row">${escaped(text)}</th>`;
  const { short, long } = column ?? nameless;
  if (column?.isOutcome === true && outcomes.has(text)) return `${short.replace("short", `short ${text}`)}${text}</td>`;
  return `${text.length <= longestShort ? short : long}${escaped(text)}</td>`;
}

/** `2026-11-22T17:03:00.000Z` as people read it; what stands around it says UTC. */
export function moment(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)}`.trim();
}

/** The same with its zone, for sentences. */
export function utc(at: string): string {
  return at === "" ? "" : `${moment(at)} UTC`;
}

const unusual = /[^ !#-%(-;=?-~]/;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that stays text. Control characters and those that turn the direction of writing are shown by their number. */
export function escaped(text: string): string {
  // Most texts are plain, and looking costs a third of replacing (a control character may be in either).
  if (!unusual.test(text)) return text;
  return text
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? "")
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
      character === "\n" ? " " : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}
