import * as v from "valibot";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { listsName, listsVersion, tellsOfSignOffs } from "../../promotion/lists-apart.ts";
import { documentReader } from "../documents/json-document.ts";

// As in a body.
const text = v.pipe(v.string(), v.maxLength(4000));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const signOff = v.custom<Sha256>(isSha256);

const readLists = documentReader({
  name: listsName,
  member: listsVersion,
  form: v.strictObject({
    [listsVersion]: v.literal(1),
    kept: v.exactOptional(v.array(v.strictObject({ signOff, stage: count, roles: v.array(text), review: count }))),
    fallen: v.exactOptional(v.array(v.strictObject({ signOff, why: text }))),
  }),
});

/** Whether such lists may lie beside a record: beside most there are none, and nothing is waited for. */
export function hasListsBeside(record: LedgerRecord): boolean {
  return listsOf(record) !== undefined;
}

/**
 * A record with the lists of what becomes of sign-offs, where they were too long for it and lie beside it. Throws `pack-invalid`
 * where they are not in their form, or the record says some of it as well.
 */
export async function withListsBeside(
  record: LedgerRecord,
  read: (sha256: Sha256) => Promise<Uint8Array | undefined>,
): Promise<LedgerRecord> {
  const named = listsOf(record);
  const bytes = named === undefined ? undefined : await read(named.sha256);
  if (bytes === undefined) return record;
  const { [listsVersion]: _, ...lists } = readLists(bytes);
  if (Object.keys(lists).some((name) => name in record.body))
    throw new Failure("pack-invalid", `'${record.id}' says what becomes of sign-offs, and so does its ${listsName}.`);
  return { ...record, body: { ...record.body, ...lists } };
}

function listsOf(record: LedgerRecord): LedgerRecord["attachments"][number] | undefined {
  return tellsOfSignOffs(record) ? record.attachments.find(({ name }) => name === listsName) : undefined;
}
