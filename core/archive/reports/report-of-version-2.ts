import type { Json } from "../../encoding/canonical-json.ts";
import { durationText } from "../../encoding/policy-file.ts";
import { listIn, numberIn, objectIn, textIn, textsIn } from "../documents/json-member.ts";
import { htmlTable, moment, utc } from "./html-page.ts";
import { decisionRows } from "./report-decisions.ts";
import { type PersonNames, personNames } from "./report-names.ts";
import { outcome } from "./report-outcome.ts";
import { overviewRows } from "./report-overview.ts";
import type { Edition, Records, ReportPage, Rows } from "./report-page.ts";
import { titleOf } from "./report-rules.ts";
import { type ToldVerdict, verdictRows, verdictsTold, verdictText } from "./report-verdicts.ts";

/** The report in packs of version 2: of each verdict it says whether it stands, and it names whoever lent. */
export function reportOfVersion2(page: ReportPage): Edition {
  const { records, signed, roles } = page;
  const nameOf = personNames(page);
  const verdicts = verdictsTold(page, nameOf);
  const lent = loanRows(page, nameOf);
  return {
    headline: outcome(records, undecidedText(records)),
    overview: overviewRows(page, utc, {
      last: [
        ["Break-glass", loanText(records)],
        ["Verdict", verdictText(verdicts, records)],
      ],
    }),
    decisions: decisionRows(records, signed, roles, (said, index, own) => {
      const place = objectIn(objectIn(said, "onBehalfOf"), "person");
      const person = nameOf(objectIn(said, "reviewer"), own ?? page.names.get(index));
      return place === null ? person : `${person}, in the place of ${nameOf(place)}`;
    }),
    besides: [
      htmlTable(
        "What the signatures rest on",
        [...heads("Ledger", "How they signed"), ...digests("Shown (SHA-256)", "Requirements (SHA-256)")],
        signatureRows(page),
      ),
      htmlTable(
        "The verdicts",
        [...heads("Ledger", "When (UTC)", "Result", "What became of it"), ...digests("SHA-256")],
        verdictRows(verdicts, records),
      ),
      htmlTable("The loan", heads("Ledger", "When (UTC)", "What", "Person", "For"), lent),
      htmlTable(
        "Questions and answers",
        heads("Ledger", "When (UTC)", "What", "Person", "In their words, signed by nobody"),
        questionRows(page, nameOf),
      ),
    ],
    nameOf: ({ index, record }) => nameOfVerdict(verdicts, index) ?? record.type,
    closing:
      "<p>What <code>countersign verify</code> could not check it says at its end; this page cannot. " +
      "This is version 2 of the page.</p>",
  };
}

function heads(...titles: readonly string[]) {
  return titles.map((title) => ({ title }));
}

function digests(...titles: readonly string[]) {
  return titles.map((title) => ({ title, code: true as const }));
}

function nameOfVerdict(verdicts: readonly ToldVerdict[], index: number): string | undefined {
  const gone = verdicts.find((each) => each.index === index)?.gone;
  return gone === undefined ? undefined : `verdict, taken away later (${gone.index})`;
}

/** Where it stands while nothing came of it yet. */
function undecidedText(records: Records): string {
  const last = records.findLast(({ record: { type } }) => stations.has(type));
  if (last === undefined) return "Not decided.";
  const { type, at, body } = last.record;
  return `${stationText(type, at, body)} Ledger entry ${last.index}.`;
}

const stations: ReadonlySet<string> = new Set([
  ...["stage-opened", "stage-decided", "seat-reopened", "held", "verdict", "deployment-started", "policy-activated"],
]);

function stationText(type: string, at: string, body: Json): string {
  switch (type) {
    case "deployment-started":
    case "policy-activated":
      return `Approved; what follows was begun ${utc(at)}, and nothing is told of its end.`;
    case "verdict":
      return "Approved and verified; its deployment was not begun.";
    case "held": {
      const until = textIn(body, "until");
      if (until === "") return "Approved; its deployment waits for something else.";
      return `Approved; the freeze window '${textIn(body, "window")}' held it until ${utc(until)}.`;
    }
    default:
      return "In review, not decided.";
  }
}

/** What those who signed were shown, by which requirements and how they signed: a row for all of whom it is the same. */
function signatureRows({ records, signed }: ReportPage): Rows {
  const statements = new Map(signed.map((each) => [each.index, each.predicate]));
  const grounds = new Map<string, { readonly indices: number[]; readonly ground: readonly string[] }>();
  for (const { index, record } of records) {
    const predicate = statements.get(index) ?? null;
    const person = objectIn(predicate, "reviewer") ?? objectIn(predicate, "lender");
    if (person === null) continue;
    const { body } = record;
    const methods = textsIn(objectIn(body, "signIn"), "amr");
    const by = `${objectIn(body, "passkey") === null ? "Sign-in" : "Passkey"}${methods === "" ? "" : ` (${methods})`}`;
    const ground = [
      `${by} at ${textIn(person, "issuer")}`,
      textIn(objectIn(predicate, "shown"), "sha256"),
      textIn(objectIn(predicate, "requirements"), "sha256"),
    ];
    const key = ground.join("\n");
    const same = grounds.get(key);
    if (same === undefined) grounds.set(key, { indices: [index], ground });
    else same.indices.push(index);
  }
  return [...grounds.values()].map(({ indices, ground }) => [indices.join(", "), ...ground]);
}

function loanText(records: Records): string {
  const has = (type: string) => records.filter(({ record }) => record.type === type).length;
  const requests = has("loan-requested");
  if (has("loan") > 0) return "It was lent, without everybody's approval: see the loan below.";
  return requests === 0 ? "Nobody asked for a loan." : `A loan was asked for (${requests}), and none was made.`;
}

/** Who asked for it, who confirmed and lent which seats, until when and what for, and what came of it. */
function loanRows({ records, roles }: ReportPage, nameOf: PersonNames): Rows {
  return records.flatMap(({ index, record: { type, at, body } }): Rows => {
    const row = (what: string, person = "", reason = "") => [[String(index), moment(at), what, person, reason]];
    const as = (person: Json, role: string) => `${nameOf(person)} as ${titleOf(role, roles)}`;
    switch (type) {
      case "loan-requested": {
        const asked = "confirms" in body ? "confirmed" : "asked for";
        const what = `${asked} (${durationText(numberIn(body, "seconds") ?? 0)})`;
        const reason = `'${textIn(body, "incident")}': ${textIn(body, "reason")}`;
        return row(what, as(objectIn(body, "lender"), textIn(body, "role")), reason);
      }
      case "loan": {
        const lenders = listIn(body, "lenders").map((each) => as(objectIn(each, "person"), textIn(each, "role")));
        return row(`lent until ${utc(textIn(body, "until"))}`, lenders.join(" and "), `'${textIn(body, "incident")}'`);
      }
      case "loan-running":
        return row("what was lent runs");
      case "loan-refused":
        return row("refused");
      case "loan-ratified":
        return row("ratified");
      case "loan-ended":
        return row("over");
      case "loan-taken-back":
        return row("taken back");
      case "loan-review-opened":
        return row("a review of it was opened");
      default:
        return [];
    }
  });
}

function questionRows({ records }: ReportPage, nameOf: PersonNames): Rows {
  return records.flatMap(({ index, record: { type, at, body } }) =>
    type === "question" || type === "answer"
      ? [[String(index), moment(at), type, nameOf(objectIn(body, "by")), textIn(body, "text")]]
      : [],
  );
}
