import type { Envelope } from "../attestation/dsse.ts";
import { utf8 } from "../encoding/bytes.ts";
import type { Json } from "../encoding/canonical-json.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import { freezeManifestName } from "../promotion/freeze-manifest.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { listIn, objectIn, textIn } from "./json-member.ts";
import { outcomeOf } from "./outcome.ts";

/** A signed statement of a promotion, and the ledger entry that names it. */
export interface SignedStatement {
  readonly index: number;
  readonly envelope: Envelope;
  /** As signed, unverified. */
  readonly predicate: Json;
}

export interface ReportInput {
  readonly promotion: PromotionId;
  readonly records: readonly { readonly index: number; readonly record: LedgerRecord }[];
  readonly signed: readonly SignedStatement[];
  /** A JSON document by its digest; `undefined` where it is not at hand. */
  readonly read: (sha256: Sha256) => Promise<Json | undefined>;
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccc}
code{font-size:.85em;overflow-wrap:anywhere}@media print{body{margin:0}}`;

/**
 * One page about a promotion for people: what was asked, what the gates found, who decided what, and everything that
 * was recorded. No scripts, nothing loaded; every text from the records is escaped.
 */
export async function promotionReport({ promotion, records, signed, read }: ReportInput): Promise<Uint8Array> {
  const manifest = await documentOf(records, freezeManifestName, read);
  const gates = await documentOf(records, "gate-report.json", read);
  const model = objectIn(manifest, "model") ?? objectIn(records[0]?.record.body ?? null, "model");
  const title = `${textIn(model, "name")} ${textIn(model, "version")}`.trim();
  const last = outcomeOf(records);
  const parts = [
    `<h1>${escaped(title === "" ? promotion : title)}</h1>`,
    `<p>${escaped(last === undefined ? "Not decided." : `${last.word}: ${last.record.summary}`)}</p>`,
    table("The promotion", ["", ""], overview(promotion, manifest, model)),
    table("What runs", ["File", "Role", "SHA-256"], files(manifest, "artifacts", "role")),
    table("The evidence", ["File", "Kind", "SHA-256"], files(manifest, "evidence", "kind")),
    table("The gates", ["Rule", "Status", "Finding"], findings(gates)),
    table("Who decided", ["Ledger", "Decision", "Roles", "Reviewer", "Reason"], decisions(records, signed)),
    table(
      "Everything that was recorded",
      ["Ledger", "When (UTC)", "What", ""],
      records.map(({ index, record }) => [String(index), record.at, record.type, record.summary]),
    ),
    "<p>This page is derived from the records beside it; they, and not this page, are the evidence. " +
      "<code>countersign verify</code> checks both.</p>",
  ];
  return utf8(
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n` +
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n` +
      `<meta name="viewport" content="width=device-width">\n<title>${escaped(title === "" ? promotion : title)}</title>\n` +
      `<style>\n${style}\n</style>\n</head>\n<body>\n${parts.filter((part) => part !== "").join("\n")}\n</body>\n</html>\n`,
  );
}

function overview(promotion: PromotionId, manifest: Json, model: Json): readonly (readonly string[])[] {
  const target = objectIn(manifest, "target");
  const requester = objectIn(manifest, "requester");
  const source = objectIn(objectIn(manifest, "lineage"), "source");
  return [
    ["Promotion", promotion],
    ["Model type", textIn(model, "type")],
    ["Target", [textIn(target, "name"), textIn(target, "endpoint")].filter((text) => text !== "").join(", ")],
    [
      "Requested by",
      [textIn(requester, "subject"), textIn(requester, "issuer")].filter((text) => text !== "").join(" at "),
    ],
    ["Source", [textIn(source, "repository"), textIn(source, "commit")].filter((text) => text !== "").join(" ")],
  ].filter(([, text]) => text !== "");
}

function files(manifest: Json, list: string, kind: string): readonly (readonly string[])[] {
  return listIn(manifest, list).map((file) => [textIn(file, "name"), textIn(file, kind), textIn(file, "sha256")]);
}

function findings(gates: Json): readonly (readonly string[])[] {
  return listIn(gates, "findings").map((each) => [
    textIn(each, "rule"),
    textIn(each, "status"),
    textIn(each, "sentence"),
  ]);
}

function decisions(
  records: ReportInput["records"],
  signed: readonly SignedStatement[],
): readonly (readonly string[])[] {
  return signed.flatMap(({ index, predicate }) => {
    const record = records.find((each) => each.index === index)?.record;
    if (record?.type !== "sign-off") return [];
    const roles = listIn(predicate, "roles").filter((role) => typeof role === "string");
    const reviewer = textIn(objectIn(predicate, "reviewer"), "subject");
    return [[String(index), textIn(predicate, "result"), roles.join(", "), reviewer, textIn(predicate, "reason")]];
  });
}

/** The newest document of that name; null where there is none. */
async function documentOf(records: ReportInput["records"], name: string, read: ReportInput["read"]): Promise<Json> {
  const attachment = records.flatMap(({ record }) => record.attachments).findLast((each) => each.name === name);
  return attachment === undefined ? null : ((await read(attachment.sha256)) ?? null);
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[], tag: "th" | "td") =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  const head = heads.some((text) => text !== "") ? `<thead>${line(heads, "th")}</thead>\n` : "";
  return `<h2>${escaped(title)}</h2>\n<table>\n${head}<tbody>\n${rows.map((cells) => line(cells, "td")).join("\n")}\n</tbody>\n</table>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that stays text. Control characters and those that turn the direction of writing are shown by their number. */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? "")
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
      character === "\n" ? " " : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}
