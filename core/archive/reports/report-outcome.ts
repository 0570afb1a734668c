import { type LedgerRecord, saysDeployed } from "../../promotion/fact.ts";
import { listIn, objectIn, textIn } from "../documents/json-member.ts";
import { standingOf } from "../documents/outcome.ts";
import { escaped, moment } from "./html-page.ts";

type Records = readonly { readonly index: number; readonly record: LedgerRecord }[];

/** What a promotion came to, by what its records are and say that verification reads: never by their sentences, which it does not. */
export function outcome(records: Records, undecided = "Not decided."): string {
  const last = standingOf(records);
  const place = records.findIndex(({ record }) => record === last?.record);
  const since = records.slice(place + 1);
  const lent = since.findLast(({ record }) => record.type === "loan");
  if (lent !== undefined) {
    const until = moment(textIn(lent.record.body, "until"));
    return headline("bad", `On loan until ${until} (UTC), not approved. Ledger entry ${lent.index}.`);
  }
  if (last === undefined) return headline("", undecided);
  const told = `${last.word} ${moment(last.record.at)} (UTC). Ledger entry ${records[place]?.index ?? ""}.`;
  const reopened = since.find(({ record }) => record.type === "stage-opened");
  if (reopened !== undefined) return headline("bad", `${told} In review again. Ledger entry ${reopened.index}.`);
  return headline(saysDeployed(last.record) ? "good" : "bad", told);
}

function headline(tone: "good" | "bad" | "", text: string): string {
  return `<p class="${tone === "" ? "outcome" : `outcome ${tone}`}">${escaped(text)}</p>`;
}

/** Who lent which seats, until when and what for, and what came of it. */
export function loanText(records: Records): string {
  const requests = records.filter(({ record }) => record.type === "loan-requested").length;
  const told = records.flatMap(({ index, record }) => {
    const text = ofLoan(record);
    return text === undefined ? [] : [`Ledger entry ${index}: ${text}`];
  });
  if (told.length > 0) return told.join(" ");
  return requests === 0 ? "Nobody asked for a loan." : `A loan was asked for (${requests}), and none was made.`;
}

function ofLoan({ type, body, at }: LedgerRecord): string | undefined {
  switch (type) {
    case "loan": {
      const lenders = listIn(body, "lenders").map(
        (each) => `${textIn(objectIn(each, "person"), "subject")} as ${textIn(each, "role")}`,
      );
      return `lent by ${lenders.join(" and ")} until ${moment(textIn(body, "until"))} (UTC), for '${textIn(body, "incident")}'.`;
    }
    case "loan-ratified":
      return `ratified ${moment(at)} (UTC).`;
    case "loan-ended":
      return `over ${moment(at)} (UTC).`;
    case "loan-taken-back":
      return `taken back ${moment(at)} (UTC).`;
    default:
      return undefined;
  }
}
