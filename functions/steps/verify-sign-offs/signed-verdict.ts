import { type Envelope, type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { envelopeDigest, type RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { awaitsLoanVerdict } from "./lenders.ts";

export interface SignedVerdictPorts {
  readonly attestationBase: string;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

/** Signs a verdict over what it rests on, and keeps it. `standing`: the signatures as they count, without passkeys that fell. */
export async function signedVerdict(
  promotion: Promotion,
  result: "PASSED" | "FAILED",
  {
    counted,
    lenders,
    standing,
  }: {
    readonly counted: readonly RecordedSignOff[];
    readonly lenders: readonly RecordedLoan[];
    readonly standing: readonly Pick<SignOff, "id" | "passkey">[];
  },
  at: Instant,
  ports: SignedVerdictPorts,
): Promise<Sha256> {
  const withPasskey = new Set(standing.filter(({ passkey }) => passkey !== undefined).map(({ id }) => id));
  const restedOn = (id: Sha256, envelope: Envelope) => ({
    id,
    envelope: envelopeDigest(envelope),
    passkey: withPasskey.has(id),
  });
  const verdict = verdictOf({
    attestationBase: ports.attestationBase,
    freezeDigest: promotion.freezeDigest,
    target: promotion.manifest.target,
    requirements: promotion.requirements.sha256,
    signOffs: counted.map(({ signOff, envelope }) => ({
      ...restedOn(signOff.id, envelope),
      conditions: signOff.conditions,
    })),
    ...(awaitsLoanVerdict(promotion)
      ? { lenders: lenders.map(({ signature, envelope }) => restedOn(signature.id, envelope)) }
      : {}),
    result,
    at,
  });
  const { keyid } = await ports.verifyingKey();
  const envelope = await signEnvelope(statementBytes(verdict), keyid, ports.sign);
  return ports.blobs.put(canonicalJsonBytes(envelope), "application/vnd.in-toto+json");
}
