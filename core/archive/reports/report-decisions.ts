import type { Envelope } from "../../attestation/dsse.ts";
import type { Json } from "../../encoding/canonical-json.ts";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { listIn, numberIn, objectIn, textIn, textsIn } from "../documents/json-member.ts";
import { moment } from "./html-page.ts";
import { titleOf } from "./report-rules.ts";

/** What a report says of those who decided, and of those who were asked to. */

/** A signed statement of a promotion, and the ledger entry that names it. */
export interface SignedStatement {
  readonly index: number;
  readonly envelope: Envelope;
  /** As signed, unverified. */
  readonly predicate: Json;
  /** The reviewer's name, as the ID token says it; absent where the token is not at hand. */
  readonly name?: string;
}

type Records = readonly { readonly index: number; readonly record: LedgerRecord }[];

/** A row for each sign-off in the order of the log; also for those that were given for an earlier candidate and kept. */
export function decisionRows(
  records: Records,
  signed: readonly SignedStatement[],
  roles: Json = null,
  personText: (said: Json, index: number, name?: string) => string = personBySubject,
): readonly (readonly string[])[] {
  const seats = seatsBySignOff(records, roles);
  const titlesOf = (listed: string): string =>
    listed
      .split(", ")
      .map((role) => titleOf(role, roles))
      .join(", ");
  const statements = new Map(signed.map((statement) => [statement.index, statement]));
  return records.flatMap(({ index, record }) => {
    const { type, at, body } = record;
    const statement = statements.get(index);
    if (type === "sign-off-kept") {
      const kept = titlesOf(textsIn(objectIn(body, "kept"), "roles"));
      const from = `Kept of ${textIn(body, "from")}.`;
      const reason = [textIn(body, "reason"), from].filter((text) => text !== "").join(" ");
      const seat = seatOf(seats, body["signOff"], kept);
      const decision = `${textIn(body, "result")} (kept)`;
      return [[String(index), moment(textIn(body, "recordedAt")), decision, seat, personText(body, index), reason]];
    }
    if (type !== "sign-off" || statement === undefined) return [];
    const { predicate, name } = statement;
    const seat = seatOf(seats, body["signOff"], titlesOf(textsIn(predicate, "roles")));
    const [result, reason] = [textIn(predicate, "result"), textIn(predicate, "reason")];
    const decision = objectIn(predicate, "conditions") === null ? result : `${result} under conditions`;
    return [[String(index), moment(at), decision, seat, personText(predicate, index, name), reason]];
  });
}

/** Everybody whom a letter or message asked to sign, each once and no room; nobody where those records were left out. */
export function askedNames(records: Records): readonly string[] {
  const asked = records.filter(
    ({ record: { type, body } }) =>
      type === "notification-sent" && textIn(body, "purpose") === "asked" && "reviewer" in body,
  );
  return [...new Set(asked.map(({ record }) => textIn(record.body, "name")).filter((name) => name !== ""))];
}

/** Digests of what was shown to those who signed, each once. */
export function shownDigests(signed: readonly SignedStatement[]): readonly string[] {
  const digests = signed.map(({ predicate }) => textIn(objectIn(predicate, "shown"), "sha256"));
  return [...new Set(digests.filter((digest) => digest !== ""))];
}

/** As reports of version 1 have it: by name where the sign-off's own token tells it, and whoever it is for by subject. */
function personBySubject(said: Json, _index: number, name?: string): string {
  const subject = textIn(objectIn(said, "reviewer"), "subject");
  const place = textIn(objectIn(objectIn(said, "onBehalfOf"), "person"), "subject");
  const person = name === undefined ? subject : `${name} (${subject})`;
  return place === "" ? person : `${person}, in the place of ${place}`;
}

function seatOf(seats: ReadonlyMap<Sha256, string>, signOff: Json | undefined, roles: string): string {
  return (isSha256(signOff) ? seats.get(signOff) : undefined) ?? `none (as ${roles})`;
}

/** Which seat each sign-off came to fill, in the stages that were decided, and where it lost that again. */
function seatsBySignOff(records: Records, roles: Json): ReadonlyMap<Sha256, string> {
  const seats = new Map<Sha256, string>();
  const stages = new Map<number | undefined, string>();
  for (const { index, record } of records) {
    if (record.type === "stage-opened") stages.set(numberIn(record.body, "stage"), textIn(record.body, "name"));
    if (record.type === "seat-reopened")
      for (const fallen of listIn(record.body, "fallen")) {
        const signOff = textIn(fallen, "signOff");
        if (isSha256(signOff))
          seats.set(signOff, `${seats.get(signOff) ?? "none"}, until it fell (ledger entry ${index})`);
      }
    if (record.type !== "stage-decided") continue;
    const stage = stages.get(numberIn(record.body, "stage")) ?? "";
    for (const seat of listIn(record.body, "seats")) {
      const signOff = textIn(seat, "signOff");
      if (isSha256(signOff)) seats.set(signOff, `${titleOf(textIn(seat, "role"), roles)} in '${stage}'`);
    }
  }
  return seats;
}
