import type { Requirements } from "../../../core/approval/requirements.ts";
import type { VerifyingKey, VerifySignature } from "../../../core/attestation/dsse.ts";
import type { VerifyJws } from "../../../core/attestation/id-token.ts";
import type { Installation } from "../../../core/attestation/installation-record.ts";
import { signInsUnder, whyNotMadeUnder } from "../../../core/attestation/installations-in-force.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { passkeysOf } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import type { CeremonyTrust } from "../../../core/attestation/verify-ceremony.ts";
import { verifyRecordedDelegationDeed } from "../../../core/attestation/verify-delegation.ts";
import { verifyRecordedLoan } from "../../../core/attestation/verify-loan.ts";
import { verifyRecordedPasskeyDeed } from "../../../core/attestation/verify-passkey.ts";
import { type SignOffTrust, verifyRecordedSignOff } from "../../../core/attestation/verify-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { type DelegationDeeds, deedsBehind } from "../../people/delegations.ts";
import type { PasskeyDeeds } from "../../people/standing-passkeys.ts";

export interface SignOffCheckPorts {
  readonly attestationBase: string;
  /** The settings under which something may have been recorded at an instant. */
  readonly installations: (at: Instant) => Promise<readonly Installation[]>;
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly passkeys: PasskeyDeeds;
  readonly delegations: DelegationDeeds;
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
}

/** Throws what is wrong with a recorded sign-off, verified from its raw bytes against the stage that it was given in. */
export function signOffCheck(ports: SignOffCheckPorts) {
  return async (recorded: RecordedSignOff, promotion: Promotion, requirements: Requirements): Promise<void> => {
    const { stage: index } = recorded.signOff;
    const stage = requirements.rule.stages[index];
    if (stage === undefined)
      throw new Failure("statement-mismatch", "A sign-off names a stage that the rule does not have.");
    const context = { ...signOffContextOf(promotion, ports.attestationBase), stage: { index, name: stage.name } };
    // Whether it allowed this sign-off is for the approval rules; that its delegator gave it, for this.
    for (const deed of await deedsBehind([recorded.signOff], ports.delegations)) {
      const trust = await trustFor(ports, deed.person, deed);
      aboutDelegation(recorded, () => verifyRecordedDelegationDeed(deed, ports.attestationBase, trust));
    }
    verifyRecordedSignOff(recorded, context, await trustFor(ports, recorded.signOff.reviewer, recorded.signOff));
  };
}

/** What is wrong is told as of the delegation: by itself it reads as if it were of the sign-off. */
function aboutDelegation({ signOff: { reviewerName } }: RecordedSignOff, verify: () => void): void {
  try {
    verify();
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const sentence = `The delegation under which ${reviewerName} signed does not hold: ${cause.message}`;
    throw new Failure(cause.code, sentence, { cause });
  }
}

/** Throws what is wrong with a lender's signature, verified from its raw bytes. */
export function lenderCheck(ports: Omit<SignOffCheckPorts, "delegations">) {
  return async (recorded: RecordedLoan, promotion: Promotion): Promise<void> => {
    const { stage: _, ...context } = signOffContextOf(promotion, ports.attestationBase);
    verifyRecordedLoan(recorded, context, await trustFor(ports, recorded.signature.reviewer, recorded.signature));
  };
}

/**
 * What a signature is held against, with the passkey that it names, verified as well. All of it by the settings in force
 * when it was recorded: a portal's client that was replaced since, or an address that the portal left, takes nothing from
 * what was signed there, which verification of a pack counts as well.
 */
async function trustFor(
  ports: Omit<SignOffCheckPorts, "delegations">,
  person: Identity,
  { passkey: use, recordedAt }: Pick<SignOff, "passkey" | "recordedAt">,
): Promise<SignOffTrust> {
  const [passkey] = use === undefined ? [] : passkeysOf(await ports.passkeys.deeds(use.id));
  const { enrolled, confirmed, revoked } = passkey ?? {};
  for (const deed of [enrolled, confirmed, revoked])
    if (deed !== undefined)
      verifyRecordedPasskeyDeed(deed, ports.attestationBase, await trustAt(ports, deed.person, deed.recordedAt));
  if (enrolled !== undefined) {
    const why = whyNotMadeUnder(await ports.installations(enrolled.recordedAt), enrolled.passkey);
    if (why !== undefined) throw new Failure("passkey-invalid", why);
  }
  return { ...(await trustAt(ports, person, recordedAt)), ...(passkey === undefined ? {} : { passkey }) };
}

async function trustAt(
  ports: Omit<SignOffCheckPorts, "delegations">,
  person: Identity,
  at: Instant,
): Promise<CeremonyTrust> {
  return {
    keys: await ports.verifyingKeys(at),
    verifySignature: ports.verifySignature,
    verifyJws: ports.verifyJws,
    ...signInsUnder(await ports.installations(at), person),
  };
}
