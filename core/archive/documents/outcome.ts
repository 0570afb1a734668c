import type { LedgerRecord } from "../../promotion/fact.ts";

/** Records that say what a promotion came to, in a word. */
const outcomes: Readonly<Partial<Record<LedgerRecord["type"], string>>> = {
  deployed: "Deployed",
  "loan-ratified": "Deployed",
  "loan-ended": "Expired",
  "rolled-back": "Rolled back",
  blocked: "Blocked",
  rejected: "Rejected",
  expired: "Expired",
  withdrawn: "Withdrawn",
  superseded: "Superseded",
  failed: "Failed",
};

/** What a promotion came to last, and the record that says so; `undefined` where nothing was decided yet. */
export function outcomeOf(
  records: readonly { readonly record: LedgerRecord }[],
): { readonly word: string; readonly record: LedgerRecord } | undefined {
  const last = records.findLast(({ record }) => record.type in outcomes)?.record;
  const inForce = last?.type === "deployed" && records.some(({ record }) => record.type === "policy-activated");
  // Policies run nowhere.
  const word = last === undefined ? undefined : inForce ? "Put in force" : outcomes[last.type];
  return last === undefined || word === undefined ? undefined : { word, record: last };
}

/** The same for people: they are also told what the last verification refused, and what was done about what had been deployed. */
export function standingOf(records: readonly { readonly record: LedgerRecord }[]): ReturnType<typeof outcomeOf> {
  const last = outcomeOf(records);
  const since = records.findLast(({ record }) => besides(record) !== undefined)?.record;
  const word = since === undefined ? undefined : besides(since);
  if (since === undefined || word === undefined || (last !== undefined && last.record.at > since.at)) return last;
  return { word, record: since };
}

function besides({ id, type, body }: LedgerRecord): string | undefined {
  switch (type) {
    case "verdict":
      return body["result"] === "FAILED" ? "Blocked" : undefined;
    case "drift":
      // A further report, about what is restricted already, stands beside the history and changes nothing.
      return /\/\d+$/.test(id) ? "Restricted" : undefined;
    case "remedy":
      if (body["state"] !== "done") return undefined;
      return body["remedy"] === "previous" ? "Rolled back" : "Restricted";
    default:
      return undefined;
  }
}
