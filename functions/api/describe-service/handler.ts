import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { SubjectClaim } from "../../../core/attestation/id-token.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { Failure } from "../../../core/failure.ts";
import type { Answer } from "../http.ts";

export interface DescribeServicePorts {
  readonly settings: {
    readonly issuer: string;
    readonly portalClientId: string;
    readonly cliClientId: string;
    readonly attestationBase: string;
    readonly logOrigin: string;
    /** What the log tells of the installation too, for whoever keeps it from elsewhere than a pack. */
    readonly audiences: readonly string[];
    readonly subjectClaim: SubjectClaim;
    readonly passkeys: { readonly rpId: string; readonly origins: readonly string[] };
  };
  /** The one in use first. */
  readonly attestationKeys: () => Promise<readonly VerifyingKey[]>;
  readonly checkpointKeys: () => Promise<readonly Uint8Array[]>;
}

/**
 * GET /v1/service: where to sign in, and what verification of this deployment's packs is held against: the public keys,
 * and whose sign-ins and passkeys count. Public; kept by an auditor, it is what `countersign verify --service` takes.
 */
export function describeService(ports: DescribeServicePorts) {
  return async (): Promise<Answer> => {
    const [[attestation, ...otherAttestations], [checkpoint, ...otherCheckpoints]] = await Promise.all([
      ports.attestationKeys(),
      ports.checkpointKeys(),
    ]);
    if (attestation === undefined || checkpoint === undefined)
      throw new Failure("internal", "The service has no keys.");
    return {
      status: 200,
      headers: { "cache-control": "public, max-age=60" },
      json: {
        ...ports.settings,
        keys: {
          attestation: {
            keyid: attestation.keyid,
            pem: attestation.pem,
            others: otherAttestations.map(({ keyid, pem }) => ({ keyid, pem })),
          },
          checkpoint: {
            ed25519: base64(checkpoint),
            others: otherCheckpoints.map((key) => ({ ed25519: base64(key) })),
          },
        },
      },
    };
  };
}
