import type { Instant } from "../encoding/instant.ts";
import type { Fact } from "../promotion/fact.ts";
import { type KeyRole, readKeyRecord } from "./key-record.ts";

/** A key that the service holds: its id, and which generation of its role it is. */
interface HeldKey {
  readonly keyid: string;
  readonly generation: number;
}

/**
 * Those of the keys whose signatures of the instant `at` count, by the facts about keys: published by then, and not
 * retired. The first generation counts from the beginning, since the ledger began with it.
 */
export function keysInForce<Key extends HeldKey>(
  keys: readonly Key[],
  role: KeyRole,
  facts: readonly Fact[],
  at: Instant,
): readonly Key[] {
  const records = facts
    .filter(({ type }) => type === "key")
    .map((fact) => ({ at: fact.at, record: readKeyRecord(fact) }))
    .filter(({ record }) => record.role === role);
  return keys.filter(({ keyid, generation }) => {
    const own = records.filter(({ record }) => record.keyid === keyid);
    const published = own.some((each) => each.record.change === "published" && each.at <= at);
    const retired = own.some(({ record }) => record.change === "retired" && record.until <= at);
    return (generation === 1 || published) && !retired;
  });
}
