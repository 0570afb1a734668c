import * as v from "valibot";
import { base64, fromBase64 } from "../encoding/base64.ts";
import { utf8 } from "../encoding/bytes.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { isSha256, type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "../promotion/fact.ts";
import { type Envelope, inTotoPayloadType, pae } from "./dsse.ts";
import { statementType } from "./statement.ts";

/** What a published key is for. Review links are MACed: their key has no public half, and is never published. */
export type KeyRole = (typeof keyRoles)[number];
export const keyRoles = ["attestation", "checkpoint"] as const;

/** One generation of the keys of a role. Generation 1 is where trust begins; each later one is vouched for by the one before. */
export interface KeyGeneration {
  readonly role: KeyRole;
  readonly generation: number;
  /** SPKI in PEM for attestations, a note verifier key for checkpoints; with its final newline. */
  readonly text: string;
  /** Hex SHA-256 of the text. For attestations it is the DSSE `keyid`. */
  readonly keyid: Sha256;
}

export function keyGeneration(role: KeyRole, generation: number, text: string): KeyGeneration {
  return { role, generation, text, keyid: sha256Hex(utf8(text)) };
}

/** That a key may be used from here on, or that it signs nothing from an instant on. */
export type KeyChange =
  | { readonly change: "published" }
  | { readonly change: "retired" /** Excluding this instant. */; readonly until: Instant };

/** A key's record in the ledger. */
export type KeyRecord = KeyGeneration & KeyChange & { readonly voucher?: Envelope };

/** Signs whole bytes, by the key with this id: ECDSA over their SHA-256, or Ed25519, as its role has it. */
export interface Voucher {
  readonly keyid: Sha256;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

/** Whether a signature over `message` is by the key. */
export type VerifyByKey = (
  key: KeyGeneration,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/**
 * The record of a change. Who vouches for it is another key of the same role: for a new key the one before it, for a
 * retired one its successor. So a reader who knows any one of them can follow the trust to all others.
 */
export async function keyFact(
  key: KeyGeneration,
  change: KeyChange,
  at: Instant,
  attestationBase: string,
  voucher: Voucher | undefined,
): Promise<Fact> {
  return keyFactWith(
    key,
    change,
    at,
    voucher === undefined ? undefined : await vouch(keyStatement(key, change, attestationBase), voucher),
  );
}

/** The record of a change that this envelope vouches for; of the first key of a role nothing does. */
export function keyFactWith(key: KeyGeneration, change: KeyChange, at: Instant, voucher: Envelope | undefined): Fact {
  const { role, generation, keyid, text } = key;
  const name = `${role} key ${generation}`;
  return {
    id: keyFactId(key, change),
    type: "key",
    at,
    summary:
      change.change === "published"
        ? `The ${name} was published (${keyid}).`
        : `The ${name} signs nothing from ${change.until} on.`,
    body: { ...change, role, generation, keyid, key: text, voucher: voucher === undefined ? null : { ...voucher } },
    attachments: [],
  };
}

export function keyFactId(
  { role, generation }: Pick<KeyGeneration, "role" | "generation">,
  { change }: Pick<KeyChange, "change">,
) {
  return `installation/key/${role}/${generation}/${change}`;
}

const text = v.pipe(v.string(), v.maxLength(4000));
const common = {
  role: v.picklist(["attestation", "checkpoint"]),
  generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  keyid: v.custom<Sha256>(isSha256),
  key: text,
  voucher: v.nullable(
    v.strictObject({
      payloadType: text,
      payload: v.pipe(v.string(), v.maxLength(20_000)),
      signatures: v.array(v.strictObject({ keyid: text, sig: text })),
    }),
  ),
};
const schema = v.variant("change", [
  v.strictObject({ ...common, change: v.literal("published") }),
  v.strictObject({ ...common, change: v.literal("retired"), until: v.custom<Instant>(isInstant) }),
]);

/** Reads a record of type `key`. Throws `pack-invalid`; the voucher's signature is as yet unchecked. */
export function readKeyRecord({ id, body }: Pick<Fact, "id" | "body">): KeyRecord {
  const result = v.safeParse(schema, body);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(id, `its '${v.getDotPath(issue) ?? "form"}' is not that of a key's record`);
  }
  const { voucher, key, ...rest } = result.output;
  const record = { ...rest, text: key };
  if (sha256Hex(utf8(key)) !== record.keyid) throw invalid(id, "its key does not have the id that it is named by");
  if (keyFactId(record, record) !== id) throw invalid(id, "it is recorded under the id of another");
  if (voucher !== null && record.generation === 1 && record.change === "published")
    throw invalid(id, "it is the first of its role, for which no other vouches");
  return voucher === null ? record : { ...record, voucher };
}

/** Whether `by` has signed what a record says. */
export async function isVouchedFor(
  record: KeyRecord,
  by: KeyGeneration,
  attestationBase: string,
  verify: VerifyByKey,
): Promise<boolean> {
  const [signature, ...others] = record.voucher?.signatures ?? [];
  if (record.voucher === undefined || signature?.keyid !== by.keyid || others.length > 0) return false;
  const payload = keyStatement(record, record, attestationBase);
  // Rebuilt, not parsed: the one thing that can have been signed is what the record says.
  if (record.voucher.payloadType !== inTotoPayloadType || record.voucher.payload !== base64(payload)) return false;
  const bytes = signatureBytes(signature.sig);
  return bytes !== undefined && (await verify(by, pae(inTotoPayloadType, payload), bytes));
}

/** The in-toto statement about a key: its one subject is the key's text. */
function keyStatement({ role, generation, keyid }: KeyGeneration, change: KeyChange, attestationBase: string) {
  return canonicalJsonBytes({
    _type: statementType,
    subject: [{ name: `${role}-key-${generation}`, digest: { sha256: keyid } }],
    predicateType: `${attestationBase}/attestation/key/v1`,
    predicate: {
      role,
      generation,
      ...(change.change === "published" ? { change: "published" } : { change: "retired", until: change.until }),
    },
  });
}

async function vouch(payload: Uint8Array, { keyid, sign }: Voucher): Promise<Envelope> {
  const sig = base64(await sign(pae(inTotoPayloadType, payload)));
  return { payloadType: inTotoPayloadType, payload: base64(payload), signatures: [{ keyid, sig }] };
}

function signatureBytes(sig: string): Uint8Array | undefined {
  try {
    return fromBase64(sig);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function invalid(id: string, why: string): Failure {
  return new Failure("pack-invalid", `The record '${id}' cannot be taken: ${why}.`);
}
