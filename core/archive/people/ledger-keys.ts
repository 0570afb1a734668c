import type { Envelope } from "../../attestation/dsse.ts";
import {
  isVouchedFor,
  type KeyGeneration,
  type KeyRecord,
  type KeyRole,
  readKeyRecord,
  type VerifyByKey,
} from "../../attestation/key-record.ts";
import { fromBase64 } from "../../encoding/base64.ts";
import type { Instant } from "../../encoding/instant.ts";
import { isP256Key } from "../../encoding/p256-key.ts";
import { Failure } from "../../failure.ts";
import { formatVerifierKey, type NoteKey, parseVerifierKey } from "../../ledger/note-key.ts";
import { readPublicKeys } from "../pack/pack-keys.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

/** A key that the ledger names, and when its signatures count. */
export interface LedgerKey extends KeyGeneration {
  /** The entry that published it: what it signed before does not count, except for generation 1. */
  readonly index: number;
  /** What it signed from then on does not count. */
  readonly until?: Instant;
}

/** All keys of one role that the ledger names. */
export interface KeyHistory {
  /** By generation, from 1, without a gap. */
  readonly keys: readonly LedgerKey[];
  readonly problems: readonly { readonly index: number; readonly sentence: string }[];
}

/** Reads the keys of a role from the ledger's records, in the order of the log. */
export async function keyHistoryOf(
  role: KeyRole,
  records: readonly PromotionRecord[],
  attestationBase: string,
  verify: VerifyByKey,
): Promise<KeyHistory> {
  const keys: LedgerKey[] = [];
  const problems: { readonly index: number; readonly sentence: string }[] = [];
  for (const { index, record: fact } of records.filter(({ record }) => record.type === "key")) {
    const record = readOrWhy(fact);
    if (typeof record === "string") problems.push({ index, sentence: record });
    else if (record.role === role) {
      const sentence = await add(record, index);
      if (sentence !== undefined) problems.push({ index, sentence });
    }
  }
  return { keys, problems };

  async function add(record: KeyRecord, index: number): Promise<string | undefined> {
    const { generation, change } = record;
    const name = `the ${role} key ${generation}`;
    switch (change) {
      case "published": {
        const before = keys.at(-1);
        if (generation !== keys.length + 1) return `${name} is published out of turn, or twice.`;
        if (!isKeyOf(role, record.text)) return `What is published as ${name} is no such key.`;
        if (before !== undefined && !(await isVouchedFor(record, before, attestationBase, verify))) {
          return `${name} is published without the signature of the key before it.`;
        }
        const { text, keyid } = record;
        keys.push({ role, generation, text, keyid, index });
        return undefined;
      }
      case "retired": {
        const [key, successor] = [keys[generation - 1], keys[generation]];
        if (key?.keyid !== record.keyid || key.until !== undefined) return `${name} is retired out of turn, or twice.`;
        if (successor === undefined || !(await isVouchedFor(record, successor, attestationBase, verify))) {
          return `${name} is retired without the signature of its successor.`;
        }
        keys[generation - 1] = { ...key, until: record.until };
        return undefined;
      }
      default:
        return change satisfies never;
    }
  }
}

/**
 * The keys that a reader who trusts some of them may trust: those that are bound to one of these by signatures, however
 * many keys lie between. With nothing known beforehand, trust begins at the first.
 */
export function keysTrustedFrom(
  keys: readonly LedgerKey[],
  known: ReadonlySet<string> | undefined,
): readonly LedgerKey[] {
  // Each key after the first was vouched for by the one before it, and vouches for it when it takes its place.
  const first = keys.findIndex(({ keyid }) => known === undefined || known.has(keyid));
  if (first < 0) return [];
  let begin = first;
  while (begin > 0 && keys[begin - 1]?.until !== undefined) begin -= 1;
  return keys.slice(begin);
}

/** Why a signature of the key with this id does not count where it stands; `undefined` where it does. */
export function whyNotInForce(
  keys: readonly LedgerKey[],
  keyid: string,
  signed: { readonly index: number; readonly at: Instant | undefined },
): string | undefined {
  const key = keys.find((each) => each.keyid === keyid);
  if (key === undefined) return `It is signed with the key ${keyid}, which the ledger never published.`;
  const { role, generation, until } = key;
  if (generation > 1 && key.index >= signed.index) {
    return `It is signed with the ${role} key ${generation}, which was not published yet: that is entry ${key.index}.`;
  }
  if (until !== undefined && (signed.at === undefined || signed.at >= until)) {
    return `It is signed with the ${role} key ${generation}, which was retired at ${until}.`;
  }
  return undefined;
}

/** Throws `signature-invalid` where an envelope's key does not count where it stands. No history, no judgement. */
export function requireInForce(
  keys: readonly LedgerKey[],
  { signatures }: Envelope,
  signed: { readonly index: number; readonly at: Instant },
): void {
  for (const { keyid } of keys.length === 0 ? [] : signatures) {
    const why = whyNotInForce(keys, keyid, signed);
    if (why !== undefined) throw new Failure("signature-invalid", why);
  }
}

/** Whether a text is one key of a role, in the one spelling that it is named by. */
function isKeyOf(role: KeyRole, text: string): boolean {
  try {
    switch (role) {
      case "attestation":
        return readPublicKeys(text)[0]?.pem === text && isP256Key(spkiIn(text));
      case "checkpoint":
        return verifierKeyText(parseVerifierKey(text.trimEnd())) === text;
      default:
        return role satisfies never;
    }
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** The bytes between the lines of a key in PEM. */
function spkiIn(pem: string): Uint8Array {
  return fromBase64(pem.split("\n").slice(1, -2).join(""));
}

/** A note key as the text that it is published as. */
export function verifierKeyText(key: NoteKey): string {
  return `${formatVerifierKey(key)}\n`;
}

function readOrWhy(fact: PromotionRecord["record"]): KeyRecord | string {
  try {
    return readKeyRecord(fact);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
