import { textIn } from "../documents/json-member.ts";
import { moment } from "./html-page.ts";
import { decisionRows, shownDigests } from "./report-decisions.ts";
import { loanText, outcome } from "./report-outcome.ts";
import { joined, overviewRows } from "./report-overview.ts";
import type { Edition, Records, ReportPage } from "./report-page.ts";

/**
 * The report in packs of version 1: of several verdicts it shows the last, though that was taken away again, and of
 * whoever lent their subject alone. Packs that people hold have it so.
 */
export function reportOfVersion1(page: ReportPage): Edition {
  const { records, signed, roles } = page;
  return {
    headline: outcome(records),
    overview: overviewRows(page, moment, {
      shown: [["Shown to signers", shownDigests(signed).join(", ")]],
      last: [
        ["Break-glass", loanText(records)],
        ["Verdict", verdictText(records)],
      ],
    }),
    decisions: decisionRows(records, signed, roles),
    besides: [],
    nameOf: ({ record }) => record.type,
    closing: "",
  };
}

function verdictText(records: Records): string {
  const verdict = records.findLast(({ record }) => record.type === "verdict");
  if (verdict === undefined) return "";
  const { body, at, attachments } = verdict.record;
  return joined(
    ", ",
    `${textIn(body, "result")}${body["loan"] === true ? " of a loan" : ""}`,
    moment(at),
    `ledger entry ${verdict.index}`,
    attachments.find(({ name }) => name === "verdict.dsse.json")?.sha256 ?? "",
  );
}
