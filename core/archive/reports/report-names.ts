import type { Json } from "../../encoding/canonical-json.ts";
import { objectIn, textIn } from "../documents/json-member.ts";
import type { ReportPage } from "./report-page.ts";

/** A person by name where something in the pack tells it, and by subject beside it; by subject alone where nothing does. */
export type PersonNames = (identity: Json, name?: string) => string;

/** Names as ID tokens of this promotion have them, else as the people.yaml that it was judged by. */
export function personNames({ records, names, people }: ReportPage): PersonNames {
  // Of most promotions nobody is told but whoever signed, each by their own token.
  let byToken: ReadonlyMap<string, string> | undefined;
  return (identity, own) => {
    const subject = textIn(identity, "subject");
    const name = own ?? inTokens(identity) ?? inFile(identity);
    return name === undefined ? subject : `${name} (${subject})`;
  };

  function inTokens(identity: Json): string | undefined {
    byToken ??= new Map(
      records.flatMap(({ index, record: { body } }) => {
        const name = names.get(index);
        const person = objectIn(body, "reviewer") ?? objectIn(body, "lender");
        return name === undefined ? [] : [[keyOf(person), name] as const];
      }),
    );
    return byToken.get(keyOf(identity));
  }

  function inFile(identity: Json): string | undefined {
    const [issuer, subject] = [textIn(identity, "issuer"), textIn(identity, "subject")];
    return people.find(({ identities }) =>
      identities.some((each) => each.issuer === issuer && each.subject === subject),
    )?.name;
  }
}

function keyOf(identity: Json): string {
  return JSON.stringify([textIn(identity, "issuer"), textIn(identity, "subject")]);
}
