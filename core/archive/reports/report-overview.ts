import { objectIn, textIn } from "../documents/json-member.ts";
import { servedOf } from "../documents/served-when.ts";
import { askedNames } from "./report-decisions.ts";
import type { Records, ReportPage, Rows } from "./report-page.ts";

/** A moment within a sentence. */
type Moment = (at: string) => string;

/**
 * The first table of a report: what was asked for, by whom, and where it came to. Rows about nothing are left out.
 *
 * @param shown what a version has behind whoever was asked, and `last` behind what ran
 */
export function overviewRows(
  { promotion, records, manifest, model }: ReportPage,
  moment: Moment,
  { shown = [], last }: { readonly shown?: Rows; readonly last: Rows },
): Rows {
  const target = objectIn(manifest, "target");
  const requester = objectIn(manifest, "requester");
  const source = objectIn(objectIn(manifest, "lineage"), "source");
  const request = records.find(({ record }) => record.type === "request")?.record;
  // They change with the policies; the rules below are those that it was judged by last.
  const judged = records.findLast(({ record }) => record.type === "gates")?.record;
  return [
    ["Promotion", promotion],
    ["Freeze digest", textIn(request?.body ?? null, "freezeDigest")],
    ["Requirements", textIn((judged ?? request)?.body ?? null, "requirements")],
    ["Model type", textIn(model, "type")],
    ["Target", joined(", ", textIn(target, "name"), textIn(target, "endpoint"))],
    ["Requested by", joined(" at ", textIn(requester, "subject"), textIn(requester, "issuer"))],
    ["Source", joined(" ", textIn(source, "repository"), textIn(source, "commit"))],
    ["To be decided before", moment(textIn(request?.body ?? null, "expiresAt"))],
    ["Asked to sign", askedNames(records).join(", ")],
    ...shown,
    ["In production", productionText(records, moment)],
    ...last,
  ].filter(([, text]) => text !== "");
}

/** Texts behind one another; those that are empty are none. */
export function joined(separator: string, ...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join(separator);
}

/** From when until when it ran, as far as its own records tell. */
function productionText(records: Records, moment: Moment): string {
  const { startedAt, servedFrom, goneAt } = servedOf(records);
  if (startedAt === undefined) return "";
  const findings = records.filter(({ record: { type } }) => type === "intruder-found");
  const missing = findings.filter(({ record }) => record.body["kind"] === "missing").length;
  const found = findings.length - missing;
  return [
    servedFrom === undefined
      ? `Its deployment was started at ${moment(startedAt)} and never finished.`
      : `It served from ${moment(servedFrom)} on; its deployment was started at ${moment(startedAt)}.`,
    goneAt === undefined
      ? "Nothing here took it back: it served until the next release there, or does still."
      : `It was taken back at ${moment(goneAt)}.`,
    ...(found === 0 ? [] : [`Something else was found in its place (${found}): see intruder-found below.`]),
    ...(missing === 0
      ? []
      : [`It was found to be gone (${missing}), though nothing here had taken it back: see intruder-found below.`]),
  ].join(" ");
}
