import type { Requirements } from "../../../core/approval/requirements.ts";
import type { VerifyingKey, VerifySignature } from "../../../core/attestation/dsse.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { type VerifyJws, verifyRecordedSignOff } from "../../../core/attestation/verify-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";

export interface SignOffCheckPorts {
  readonly attestationBase: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
}

/** Throws what is wrong with a recorded sign-off, verified from its raw bytes against the stage that it was given in. */
export function signOffCheck(ports: SignOffCheckPorts) {
  return async (recorded: RecordedSignOff, promotion: Promotion, requirements: Requirements): Promise<void> => {
    const { stage: index } = recorded.signOff;
    const stage = requirements.rule.stages[index];
    if (stage === undefined)
      throw new Failure("statement-mismatch", `A sign-off names stage ${index}, which the rule does not have.`);
    const context = { ...signOffContextOf(promotion, ports.attestationBase), stage: { index, name: stage.name } };
    verifyRecordedSignOff(recorded, context, {
      keys: await ports.verifyingKeys(recorded.signOff.recordedAt),
      verifySignature: ports.verifySignature,
      verifyJws: ports.verifyJws,
      issuer: ports.issuer,
      audiences: ports.audiences,
    });
  };
}
