import { loadPeople } from "../../approval/loading/load-people.ts";
import { policyModelType } from "../../approval/matrix.ts";
import type { Person } from "../../approval/people.ts";
import type { Json } from "../../encoding/canonical-json.ts";
import { type Generations, madeBy } from "../../encoding/generation.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { Attachment, LedgerRecord } from "../../promotion/fact.ts";
import { freezeManifestName } from "../../promotion/freeze-manifest.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { hasNumber, listIn, objectIn, textIn } from "../documents/json-member.ts";
import { standingOf } from "../documents/outcome.ts";
import type { PackVersion } from "../documents/pack-version.ts";
import { wasJudged } from "../documents/was-judged.ts";
import { escaped, htmlPage, htmlTable, moment } from "./html-page.ts";
import type { SignedStatement } from "./report-decisions.ts";
import { reportOfVersion1 } from "./report-of-version-1.ts";
import { reportOfVersion2 } from "./report-of-version-2.ts";
import type { Edition, Records, ReportPage } from "./report-page.ts";
import { handsRows, rulesRows } from "./report-rules.ts";

export interface ReportInput {
  readonly promotion: PromotionId;
  readonly records: Records;
  readonly signed: readonly SignedStatement[];
  /** Names as the ID tokens of records have them, by ledger entries: those of whoever lent, and of whom a sign-off was kept. */
  readonly names?: ReadonlyMap<number, string>;
  /** A JSON document by its digest; `undefined` where it is not at hand. */
  readonly read: (sha256: Sha256) => Promise<Json | undefined>;
  /** A text by its digest; `undefined` where it is not at hand. */
  readonly readText: (sha256: Sha256) => Promise<string | undefined>;
}

/** Recorded for completeness; on the page they would only hide what was decided. */
const unlisted: readonly LedgerRecord["type"][] = [
  "notification-queued",
  "notification-sent",
  "notification-delivered",
  "link-opened",
  "export-requested",
  "export",
];

/** What the page says otherwise in packs of which version. */
const editions: Generations<(page: ReportPage) => Edition> = new Map([
  [1, reportOfVersion1],
  [2, reportOfVersion2],
]);

/**
 * One page about a promotion for people, on paper too: what came of it, who decided in which seat, what the gates found,
 * what runs, and where in the ledger each of it stands. Every text from the records is escaped.
 */
export async function promotionReport(
  { promotion, records, signed, names = new Map(), read, readText }: ReportInput,
  version: PackVersion,
): Promise<string> {
  // Of the records alone whose documents verification holds against what was decided: any other may bring one of that name.
  const frozen = records.filter(({ record }) => record.type === "freeze");
  const judged = records.filter(({ record }) => wasJudged(record));
  const manifest = await documentOf(frozen, freezeManifestName, read);
  const gates = await documentOf(judged, "gate-report.json", read);
  const requirements = await documentOf(judged, "requirements.json", read);
  const people = await linkedPeople(judged, readText);
  const roles = objectIn(requirements, "roles");
  const model = objectIn(manifest, "model") ?? objectIn(records[0]?.record.body ?? null, "model");
  const title = titleOf(model, textIn(objectIn(manifest, "target"), "name")) ?? promotion;
  const listed = records.filter(({ record }) => !unlisted.includes(record.type));
  const edition = madeBy(
    "The pack",
    version,
    editions,
  )({
    ...{ promotion, records, signed, names, manifest, model, roles, people },
  });
  return htmlPage(title, [
    '<p class="about"><b>Countersign</b> · what was decided about a candidate, and by whom</p>',
    `<h1>${escaped(title)}</h1>`,
    edition.headline,
    whyBlocked(records, gates),
    htmlTable("The promotion", [{ title: "" }, { title: "" }], edition.overview),
    htmlTable(
      "Who decided",
      ["Ledger", "When (UTC)", "Decision", "Seat", "Person", "Reason"].map((each) => ({ title: each })),
      edition.decisions,
    ),
    nobodyDecided(records),
    ...edition.besides,
    rulesTable(requirements),
    htmlTable("Who had a hand in it", [{ title: "" }, { title: "" }], handsRows(manifest, startedBy(records), people)),
    ...filesTables(manifest),
    ...started(records),
    gatesTable(gates),
    htmlTable(
      "What was recorded",
      [{ title: "Ledger" }, { title: "When (UTC)" }, { title: "What" }, { title: "In the service's own words" }],
      listed.map((each) => [String(each.index), moment(each.record.at), edition.nameOf(each), each.record.summary]),
    ),
    `<p>Not listed: ${records.length - listed.length} records of letters, opened links and exports. This page is derived ` +
      "from the records beside it; they, and not this page, are the evidence. <code>countersign verify</code> checks both, " +
      "but not whether the service's own words are true.</p>",
    edition.closing,
  ]);
}

/** What it is about; a change of the policies has a title of its own for a version. */
function titleOf(model: Json, target: string): string | undefined {
  const version = textIn(model, "version");
  if (textIn(model, "type") === policyModelType) return `Change of policies '${version}'`;
  const named = `${textIn(model, "name")} ${version}`.trim();
  return named === "" ? undefined : `${named}${target === "" ? "" : ` for ${target}`}`;
}

function startedBy(records: Records): Json {
  return objectIn(records.find(({ record }) => record.type === "request")?.record.body ?? null, "startedBy");
}

/** What was begun, each time: the bytes and the image that the record of a deployment names. */
function started(records: Records): readonly string[] {
  const rows = records
    .filter(({ record }) => record.type === "deployment-started")
    .map(({ index, record }) => {
      const { body, at } = record;
      return [String(index), moment(at), textIn(objectIn(body, "model"), "sha256"), textIn(body, "image")];
    });
  if (rows.length === 0) return [];
  const heads = [
    { title: "Ledger" },
    { title: "When (UTC)" },
    { title: "Model", code: true },
    { title: "Image", code: true },
  ] as const;
  return [htmlTable("What was started", heads, rows)];
}

/**
 * What is made of a document, once for several promotions in turn that rest on it: a document that was read before is
 * the same value again.
 */
function onceInTurn<Document, Made>(make: (document: Document) => Made): (document: Document) => Made {
  let latest: { readonly document: Document; readonly made: Made } | undefined;
  return (document) => {
    if (latest?.document !== document) latest = { document, made: make(document) };
    return latest.made;
  };
}

const gatesTable = onceInTurn((gates: Json) =>
  htmlTable(
    "The gates",
    [{ title: "Rule" }, { title: "Status", outcome: true }, { title: "Finding" }],
    findings(gates),
  ),
);

const rulesTable = onceInTurn((requirements: Json) =>
  htmlTable("The rules", [{ title: "" }, { title: "" }], rulesRows(requirements)),
);

const filesTables = onceInTurn((manifest: Json) => [
  htmlTable("What was frozen", fileHeads("Role"), files(manifest, "artifacts", "role")),
  htmlTable("The evidence", fileHeads("Kind"), files(manifest, "evidence", "kind")),
]);

function fileHeads(kind: string) {
  return [{ title: "File" }, { title: kind }, { title: "SHA-256", code: true }] as const;
}

function files(manifest: Json, list: string, kind: string): readonly (readonly string[])[] {
  return listIn(manifest, list).map((file) => [textIn(file, "name"), textIn(file, kind), textIn(file, "sha256")]);
}

/** Each rule that measured something or did not pass; the others, which only look whether something is there, by name. */
function findings(gates: Json): readonly (readonly string[])[] {
  const all = listIn(gates, "findings");
  const isShown = (each: Json) => textIn(each, "status") !== "passed" || hasNumber(each, "observed");
  const others = all.filter((each) => !isShown(each)).map((each) => textIn(each, "rule"));
  const shown = all
    .filter(isShown)
    .map((each) => [textIn(each, "rule"), textIn(each, "status"), textIn(each, "sentence")]);
  return others.length === 0 ? shown : [...shown, [`${others.length} others`, "passed", others.join(", ")]];
}

/** What the gates found against it, where they are what it was stopped by last. */
function whyBlocked(records: Records, gates: Json): string {
  const last = standingOf(records)?.record;
  if (last?.type !== "blocked" || !wasJudged(last)) return "";
  const against = listIn(gates, "findings").filter(
    (each) => textIn(each, "status") !== "passed" && textIn(each, "dryRunUntil") === "",
  );
  const sentences = against.map((each) => `<li>${escaped(textIn(each, "sentence"))}</li>`);
  return sentences.length === 0 ? "" : `<p>The gates stopped it:</p>\n<ul>\n${sentences.join("\n")}\n</ul>`;
}

/** Said rather than left out: that nobody signed answers who did. */
function nobodyDecided(records: Records): string {
  const has = (...types: readonly LedgerRecord["type"][]) => records.some(({ record }) => types.includes(record.type));
  if (has("sign-off", "sign-off-kept")) return "";
  return `<h2>Who decided</h2>\n<p>${has("stage-opened") ? "Nobody signed." : "Nobody was asked to sign."}</p>`;
}

/** Who is whom by the people.yaml that it was judged by last; nobody where that is not at hand, such as in a pack without personal data. */
async function linkedPeople(records: Records, readText: ReportInput["readText"]): Promise<readonly Person[]> {
  const attachment = attachmentOf(records, "people.yaml");
  const text = attachment === undefined ? undefined : await readText(attachment.sha256);
  return text === undefined ? [] : peopleIn(text);
}

const peopleIn = onceInTurn((text: string): readonly Person[] => {
  const loaded = loadPeople(text, "archived");
  return loaded.kind === "loaded" ? loaded.value : [];
});

function attachmentOf(records: Records, name: string): Attachment | undefined {
  return records.flatMap(({ record }) => record.attachments).findLast((each) => each.name === name);
}

/** The newest document of that name; null where there is none. */
async function documentOf(records: Records, name: string, read: ReportInput["read"]): Promise<Json> {
  const attachment = attachmentOf(records, name);
  return attachment === undefined ? null : ((await read(attachment.sha256)) ?? null);
}
