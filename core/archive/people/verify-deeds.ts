import { type Envelope, openEnvelope, parseKeptEnvelope } from "../../attestation/dsse.ts";
import { addressIn, type Jwks } from "../../attestation/id-token.ts";
import { fromUtf8 } from "../../encoding/bytes.ts";
import { sameJson } from "../../encoding/canonical-json.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { Identity } from "../../promotion/identity.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { attempt } from "../history/promotion-history.ts";
import type { PackFinding, PackFindingCode, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { type SignInsThen, signInsThen } from "./installations.ts";
import { requireInForce } from "./ledger-keys.ts";
import { keysFor } from "./sign-in-keys.ts";
import { type AttestationTrust, noteSignIn, readJwks } from "./verify-sign-offs.ts";

// What people do about something of theirs, a passkey or a delegation: each deed is signed like a decision, done once, and
// all but the first are about what the first one made.

/** What is trusted before any passkey or delegation is known. */
export type TrustBeforePeople = Omit<AttestationTrust, "passkeys" | "delegations">;

/** A deed as it was recorded: what is common to all kinds. */
export interface RecordedDeed {
  readonly id: Sha256;
  readonly deed: string;
  readonly person: Identity;
  readonly personName: string;
  readonly groups: readonly string[];
  readonly recordedAt: Instant;
  readonly envelope: Envelope;
  /** Empty where it was left out. */
  readonly idToken: string;
  readonly jwks: Jwks;
}

/** A deed that held. */
export interface HeldDeed<Recorded extends RecordedDeed> {
  readonly recorded: Recorded;
  readonly index: number;
  /** As the token has it; empty where it names none or was left out. */
  readonly address: string;
  /** What cannot be told yet: of its sign-in, and of where it was done. */
  readonly soon: readonly string[];
}

/** A record taken apart: what its documents say, of which only the envelope's signature was checked. */
interface DeedProof {
  readonly payload: Uint8Array;
  readonly signed: Pick<RecordedDeed, "recordedAt" | "envelope" | "idToken" | "jwks">;
  readonly document: (name: string) => Promise<Uint8Array>;
}

/** How the deeds of one kind are read and verified. */
export interface DeedKind<Recorded extends RecordedDeed> {
  readonly code: PackFindingCode;
  readonly envelopeName: string;
  readonly isOf: (record: PromotionRecord["record"]) => boolean;
  /** The deed that a record tells; throws where record and statement do not fit. */
  readonly read: (record: PromotionRecord["record"], proof: DeedProof) => Promise<Recorded>;
  /** The id under which a record of it stands. */
  readonly recordId: (recorded: Recorded) => string;
  readonly verify: (recorded: Recorded, attestationBase: string, trust: TrustBeforePeople & SignInsThen) => void;
  readonly verifyWithoutToken: (recorded: Recorded, attestationBase: string, trust: TrustBeforePeople) => void;
  /** The deed that makes what the others are about, and what is said where they do not fit it. */
  readonly first: { readonly deed: Recorded["deed"]; readonly missing: string; readonly otherwise: string };
  /** What a deed says that it is about: the same in each. */
  readonly about: (recorded: Recorded) => unknown;
  /** Throws where it cannot have been done then; what cannot be told yet of that. */
  readonly requirePlace?: (recorded: Recorded, index: number) => string | undefined;
  /** Throws where two deeds must not be by the same person. */
  readonly refuse?: (held: HeldDeed<Recorded>, first: HeldDeed<Recorded>) => void;
  readonly untold: (count: number) => string;
}

export interface DeedsVerification<Recorded extends RecordedDeed> {
  /** What made them before what was done about them, and else in the order of the log. */
  readonly held: readonly HeldDeed<Recorded>[];
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
}

/** Verifies deeds from their documents. What does not hold is a finding, and counts as if it had never been done. */
export async function verifyDeeds<Recorded extends RecordedDeed>(
  kind: DeedKind<Recorded>,
  records: readonly PromotionRecord[],
  read: ReadDocument,
  leftOut: ReadonlySet<Sha256>,
  trust: TrustBeforePeople,
): Promise<DeedsVerification<Recorded>> {
  const findings: PackFinding[] = [];
  const found = (code: PackFindingCode, path: string, sentence: string) => void findings.push({ code, path, sentence });
  const held: HeldDeed<Recorded>[] = [];
  const own = records.filter(({ record }) => kind.isOf(record));
  // What made them first: where the archive gave that up for a day, the log has it behind what was done about it since.
  const isFirst = ({ record }: PromotionRecord) => record.id.endsWith(`/${kind.first.deed}`);
  for (const each of own.toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)))) {
    await attempt(kind.code, recordPath(each.index), found, async () => {
      const deed = await verifiedDeed(kind, each, read, leftOut, trust);
      requireFits(kind, deed, held);
      held.push(deed);
    });
  }
  const untold = held.filter(({ recorded }) => recorded.idToken === "").length;
  const sentences = [...(untold === 0 ? [] : [kind.untold(untold)]), ...held.flatMap(({ soon }) => soon)];
  return { held, findings, unchecked: sentences.map((sentence) => ({ sentence })) };
}

async function verifiedDeed<Recorded extends RecordedDeed>(
  kind: DeedKind<Recorded>,
  { record, index }: PromotionRecord,
  read: ReadDocument,
  leftOut: ReadonlySet<Sha256>,
  trust: TrustBeforePeople,
): Promise<HeldDeed<Recorded>> {
  const document = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(attachmentNamed(record, name).sha256);
    if (bytes === undefined) throw new Failure("pack-invalid", `Its ${name} is not in the pack.`);
    return bytes;
  };
  const envelope = parseKeptEnvelope(readCanonicalJson(kind.envelopeName, await document(kind.envelopeName)));
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const withoutToken = leftOut.has(attachmentNamed(record, "id-token.jwt").sha256);
  const idToken = withoutToken ? "" : fromUtf8(await document("id-token.jwt"));
  const archived = await document("jwks.json");
  const keys = keysFor(idToken, () => readJwks(readCanonicalJson("jwks.json", archived)), trust.jwks);
  const recorded = await kind.read(record, {
    payload,
    signed: { recordedAt: record.at, envelope, idToken, jwks: keys.jwks },
    document,
  });
  if (record.id !== kind.recordId(recorded))
    throw new Failure("statement-mismatch", "It is recorded under another id than its own.");
  const placed = kind.requirePlace?.(recorded, index);
  if (withoutToken) {
    kind.verifyWithoutToken(recorded, trust.attestationBase, trust);
    return { recorded, index, address: "", soon: placed === undefined ? [] : [placed] };
  }
  const { untold, ...signIns } = signInsThen(trust, recorded.person, { index, at: record.at }, idToken);
  kind.verify(recorded, trust.attestationBase, { ...trust, ...signIns });
  noteSignIn(trust, record, { index, issuer: signIns.issuer, idToken, ...keys });
  const soon = [untold, placed].filter((each) => each !== undefined);
  return { recorded, index, address: addressIn(idToken), soon };
}

/** Each deed is done once; all but the first are about what was made before, as it was made. */
function requireFits<Recorded extends RecordedDeed>(
  { first, about, refuse }: DeedKind<Recorded>,
  deed: HeldDeed<Recorded>,
  earlier: readonly HeldDeed<Recorded>[],
): void {
  const { recorded } = deed;
  const same = earlier.filter((each) => each.recorded.id === recorded.id);
  if (same.some((each) => each.recorded.deed === recorded.deed))
    throw new Failure("conflict", "It was recorded before: each is done once.");
  if (recorded.deed === first.deed) return;
  // What was held first of it is what made it: nothing else would have been.
  const [made] = same;
  if (made === undefined || made.recorded.recordedAt > recorded.recordedAt)
    throw new Failure("conflict", first.missing);
  if (!sameJson(about(made.recorded), about(recorded))) throw new Failure("statement-mismatch", first.otherwise);
  refuse?.(deed, made);
}
