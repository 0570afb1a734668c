import {
  type Envelope,
  openEnvelope,
  parseEnvelope,
  type VerifyingKey,
  type VerifySignature,
} from "../attestation/dsse.ts";
import { delegationEnvelopeName } from "../attestation/recorded-delegation.ts";
import { passkeyEnvelopeName } from "../attestation/recorded-passkey.ts";
import type { Json } from "../encoding/canonical-json.ts";
import { addSeconds, type Instant, isInstant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { FactType } from "../promotion/fact.ts";
import { jsonOf, readJson } from "./documents/json-document.ts";
import { listIn, objectIn, textIn } from "./documents/json-member.ts";
import { missesForSeconds } from "./pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import { manifestPath } from "./pack/pack-layout.ts";
import { envelopeNames, type PromotionRecord, type ReadDocument } from "./pack/promotion-file.ts";

// What was never recorded leaves no gap. But whoever signs is answered with the envelope that the service signed over it: it
// has said that it recorded this, and whoever kept the answer can hold the log against it.

/** An envelope that somebody was given, and kept. */
export interface KeptReceipt {
  /** Where it was kept, for people. */
  readonly name: string;
  readonly envelope: Envelope;
}

/** Every envelope in an answer of the service, wherever in it that stands. Throws `pack-invalid` naming a file that has none. */
export function readReceipts(name: string, bytes: Uint8Array): readonly KeptReceipt[] {
  const found = new Map<string, KeptReceipt>();
  for (const value of envelopesIn(readJson(name, bytes))) {
    const envelope = parseEnvelope(value);
    const { payload, signatures } = envelope;
    found.set(JSON.stringify([payload, signatures.map(({ keyid, sig }) => [keyid, sig])]), { name, envelope });
  }
  if (found.size === 0)
    throw new Failure(
      "pack-invalid",
      `${name} is no receipt: it holds no signed envelope, such as the service answers with once something was signed.`,
    );
  return [...found.values()];
}

function* envelopesIn(value: Json): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  if ("payloadType" in value && "signatures" in value) yield value;
  else if ("dsseEnvelope" in value) yield ofBundle(value);
  else for (const each of Object.values(value)) yield* envelopesIn(each);
}

/** The envelope of a Sigstore bundle, whose signature is by the key that its hint names. */
function ofBundle(bundle: Json): Json {
  const envelope = objectIn(bundle, "dsseEnvelope");
  const keyid = textIn(objectIn(objectIn(bundle, "verificationMaterial"), "publicKey"), "hint");
  const signatures = listIn(envelope, "signatures").map((each) => ({ keyid, sig: textIn(each, "sig") }));
  return { payload: textIn(envelope, "payload"), payloadType: textIn(envelope, "payloadType"), signatures };
}

/** What receipts are held against. */
export interface ReceiptsAgainst {
  readonly keys: readonly VerifyingKey[];
  readonly verify: VerifySignature;
  /** Whether the pack has all of the log. */
  readonly whole: boolean;
  /** As late as the log goes on. */
  readonly goesTo: Instant | undefined;
  /** Of all promotions of a candidate, by the beginning of their ids; where none is given, about passkeys and delegations. */
  readonly recordsOf: (candidate: string | undefined) => Promise<readonly PromotionRecord[]>;
  readonly read: ReadDocument;
}

/** Holds the log against what the service said that it recorded. `told`: what it has, a sentence each. */
export async function recheckReceipts(
  receipts: readonly KeptReceipt[],
  { keys, verify, whole, goesTo, recordsOf, read }: ReceiptsAgainst,
): Promise<{
  readonly told: readonly string[];
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
}> {
  const inLog: string[] = [];
  const findings: PackFinding[] = [];
  const unchecked: Unchecked[] = [];
  for (const { name, envelope } of receipts) {
    const said = saidBy(envelope, keys, verify);
    if (typeof said === "string") {
      unchecked.push({ sentence: `${name}: what is in it ${said}.` });
      continue;
    }
    const { what, kind, signedAt, candidate } = said;
    const record = await recordWith(envelope, kind, await recordsOf(candidate), read);
    if (record !== undefined) {
      inLog.push(`${name}: the log has ${what} of ${signedAt}, as entry ${record.index}.`);
      continue;
    }
    const told = `the service answered that it had recorded ${what} of ${signedAt}`;
    if (whole && goesTo !== undefined && goesTo >= addSeconds(signedAt, missesForSeconds))
      findings.push({
        code: "record-missing",
        path: manifestPath,
        sentence: `${name}: ${told}, and the log, which goes on until ${goesTo}, does not tell of it.`,
      });
    else
      unchecked.push({
        sentence: `${name}: ${told}, and ${whole ? "the log, which may have it later, does not go on for long enough" : "this part of the log does not have it"}.`,
      });
  }
  return { told: inLog, findings, unchecked };
}

/** The records that bring what is signed as their own envelope: whatever else hangs beside one, nobody looks at. */
interface Kind {
  readonly types: readonly FactType[];
  readonly envelope: string | undefined;
}

/** By the end of its predicate type. */
const kinds: Readonly<Record<string, Kind>> = {
  "sign-off": { types: ["sign-off"], envelope: envelopeNames["sign-off"] },
  loan: { types: ["loan-requested"], envelope: envelopeNames["loan-requested"] },
  delegation: { types: ["delegated", "delegation-revoked"], envelope: delegationEnvelopeName },
  passkey: { types: ["passkey-enrolled", "passkey-confirmed", "passkey-revoked"], envelope: passkeyEnvelopeName },
  verification_summary: { types: ["verdict"], envelope: envelopeNames.verdict },
};

/**
 * The record that brings what was signed, if one does. Of one statement there may be several envelopes that verify: anybody can make another
 * signature of one (n − s), and put more beside it.
 */
async function recordWith(
  { payload, payloadType }: Envelope,
  { types, envelope }: Kind,
  records: readonly PromotionRecord[],
  read: ReadDocument,
): Promise<PromotionRecord | undefined> {
  for (const each of records) {
    const { record } = each;
    const own = types.includes(record.type) ? record.attachments.find(({ name }) => name === envelope) : undefined;
    const bytes = own === undefined ? undefined : await read(own.sha256);
    const json = bytes === undefined ? undefined : jsonOf(bytes);
    if (json?.kind !== "value") continue;
    if (textIn(json.value, "payload") === payload && textIn(json.value, "payloadType") === payloadType) return each;
  }
  return undefined;
}

interface Said {
  readonly what: string;
  readonly kind: Kind;
  readonly signedAt: Instant;
  /** How the ids of all promotions of its candidate begin. */
  readonly candidate?: string;
}

/** What an envelope says, where a key of the log signed it; otherwise why it says nothing, in words that follow `what is in it`. */
function saidBy(envelope: Envelope, keys: readonly VerifyingKey[], verify: VerifySignature): Said | string {
  const payload = payloadOf(envelope, keys, verify);
  if (payload === undefined) return "was signed by no key that counts here";
  const json = jsonOf(payload);
  const statement = json.kind === "value" ? json.value : null;
  const predicate = objectIn(statement, "predicate");
  const name = /\/([a-z_-]+)\/v\d+$/.exec(textIn(statement, "predicateType"))?.[1] ?? "";
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  const signedAt = [textIn(predicate, "issuedAt"), textIn(predicate, "timeVerified")].find(isInstant);
  if (kind === undefined || signedAt === undefined) return "is nothing that the service answers whoever signed";
  const [subject = null] = listIn(statement, "subject");
  const frozen = textIn(objectIn(subject, "digest"), "sha256");
  const ofCandidate = name !== "delegation" && name !== "passkey";
  return {
    what: name === "verification_summary" ? "a verdict" : `a ${name}`,
    kind,
    signedAt,
    ...(ofCandidate ? { candidate: `p-${frozen.slice(0, 32)}-` } : {}),
  };
}

/** What a key of the log signed; `undefined` where none did. */
function payloadOf(envelope: Envelope, keys: readonly VerifyingKey[], verify: VerifySignature): Uint8Array | undefined {
  try {
    return openEnvelope(envelope, keys, verify);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
}
