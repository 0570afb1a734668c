import { type LedgerRecord, saysDeployed } from "../../promotion/fact.ts";
import { listIn, objectIn, textIn } from "../documents/json-member.ts";
import { standingOf } from "../documents/outcome.ts";
import { moment, utc } from "./html-page.ts";
import type { PersonNames } from "./report-names.ts";
import type { PlacedRecord, Records, ReportPage, Rows } from "./report-page.ts";

/** A verdict, and what took it away again; nothing where it stands. */
export interface ToldVerdict extends PlacedRecord {
  readonly ofLoan: boolean;
  readonly gone?: PlacedRecord & {
    readonly why: string;
    /** Who signed what fell with it, and why that fell. */
    readonly fell: string;
  };
}

/** Every verdict in the order of the log. At most one stands of those that rest on everybody, and one of a loan. */
export function verdictsTold({ records }: Pick<ReportPage, "records">, nameOf: PersonNames): readonly ToldVerdict[] {
  const told: ToldVerdict[] = [];
  let lent = false;
  for (const each of records) {
    const { type, body } = each.record;
    const takeAway = (ofLoan: boolean, why: string, fell = "") => {
      const at = told.findLastIndex((verdict) => verdict.ofLoan === ofLoan && verdict.gone === undefined);
      const verdict = told[at];
      if (verdict !== undefined) told[at] = { ...verdict, gone: { ...each, why, fell } };
    };
    switch (type) {
      case "verdict": {
        const ofLoan = body["loan"] === true;
        takeAway(ofLoan, "everything was verified again");
        told.push({ ...each, ofLoan });
        break;
      }
      case "loan":
        lent = true;
        break;
      case "loan-ratified":
      case "loan-ended":
        lent = false;
        takeAway(true, type === "loan-ended" ? "the loan was over" : "the loan was ratified, on a verdict of its own");
        break;
      case "held": {
        // In a freeze window what was verified before is verified again afterwards; what is lent does not wait.
        const until = textIn(body, "until");
        const window = `the freeze window '${textIn(body, "window")}'`;
        if (until !== "" && !lent)
          takeAway(
            false,
            `${window} held it until ${utc(until)}, and what was signed had to be verified again after that`,
          );
        break;
      }
      case "seat-reopened":
        if (!("kept" in body)) takeAway(false, whyReopened(body), fallenText(body));
        break;
      default:
    }
  }
  return told;

  function fallenText(body: LedgerRecord["body"]): string {
    const reviewers = new Map(records.map(({ record }) => [record.body["signOff"], objectIn(record.body, "reviewer")]));
    const fallen = listIn(body, "fallen");
    return fallen
      .map((each) => ` ${nameOf(reviewers.get(textIn(each, "signOff")) ?? null)} ${textIn(each, "why")}.`)
      .join("");
  }
}

/** What a report of version 1 does not say of the verdict that it shows: that it was taken away, and by which record; mostly nothing. */
export function shownThoughGone(records: ReportPage["records"]): string | undefined {
  const last = verdictsTold({ records }, () => "").at(-1);
  return last?.record.body["result"] === "PASSED" ? last.gone?.record.id : undefined;
}

function whyReopened(body: LedgerRecord["body"]): string {
  if ("from" in body) {
    return body["from"] === body["to"]
      ? "the promotion went back to its gates"
      : "the requirements changed, and the promotion went back to its gates";
  }
  return "breach" in body ? "its release was taken back" : "a signature that it rested on fell";
}

/** The verdict that stands: that of a loan only where there is no other. */
function standing(verdicts: readonly ToldVerdict[]): ToldVerdict | undefined {
  const all = verdicts.filter(({ gone }) => gone === undefined);
  return all.findLast(({ ofLoan }) => !ofLoan) ?? all.at(-1);
}

/** The verdict in a line; none that was taken away is told as one. */
export function verdictText(verdicts: readonly ToldVerdict[], records: Records): string {
  const verdict = standing(verdicts);
  if (verdict !== undefined)
    return `${resultOf(verdict)}, ${utc(verdict.record.at)}, ledger entry ${verdict.index}.${cameOfIt(verdict, records)}`;
  const gone = verdicts.at(-1)?.gone;
  return gone === undefined
    ? "None was signed."
    : `None stands: the last was taken away ${utc(gone.record.at)} (ledger entry ${gone.index}), since ${gone.why}.`;
}

/** A row for each, with what became of it. */
export function verdictRows(verdicts: readonly ToldVerdict[], records: Records): Rows {
  return verdicts.map((verdict) => {
    const { index, record, gone } = verdict;
    const became =
      gone === undefined
        ? `It stands.${cameOfIt(verdict, records)}`
        : `Taken away ${utc(gone.record.at)} (ledger entry ${gone.index}), since ${gone.why}.${gone.fell}`;
    const exception = objectIn(record.body, "exception");
    const within =
      exception === null
        ? ""
        : `Signed within the freeze window '${textIn(exception, "window")}', by an exception ('${textIn(exception, "reason")}'). `;
    const digest = record.attachments.find(({ name }) => name === "verdict.dsse.json")?.sha256 ?? "";
    return [String(index), moment(record.at), resultOf(verdict), `${within}${became}`, digest];
  });
}

function resultOf({ record, ofLoan }: ToldVerdict): string {
  return `${textIn(record.body, "result")}${ofLoan ? " of a loan" : ""}`;
}

const beginnings: ReadonlySet<LedgerRecord["type"]> = new Set(["deployment-started", "policy-activated", "deployed"]);

/** What came of it after a verdict that stands, where that is not that it runs. */
function cameOfIt({ index, record }: ToldVerdict, records: Records): string {
  const since = records.filter((each) => each.index > index);
  const end = record.body["result"] === "PASSED" ? standingOf(since) : undefined;
  if (end === undefined || saysDeployed(end.record)) return "";
  const place = since.find((each) => each.record === end.record)?.index ?? "";
  const begun = since.some((each) => beginnings.has(each.record.type)) ? "What" : "Nothing";
  return ` ${begun} was begun under it: ${end.word} ${utc(end.record.at)} (ledger entry ${place}).`;
}
