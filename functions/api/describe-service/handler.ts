import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import type { Answer } from "../http.ts";

export interface DescribeServicePorts {
  readonly settings: {
    readonly issuer: string;
    readonly portalClientId: string;
    readonly cliClientId: string;
    readonly attestationBase: string;
    readonly logOrigin: string;
  };
  readonly attestationKey: () => Promise<VerifyingKey>;
  readonly checkpointKey: () => Promise<Uint8Array>;
}

/** GET /v1/service: where to sign in, and the public keys that verify what this deployment signs. Public. */
export function describeService(ports: DescribeServicePorts) {
  return async (): Promise<Answer> => {
    const [attestation, checkpoint] = await Promise.all([ports.attestationKey(), ports.checkpointKey()]);
    return {
      status: 200,
      headers: { "cache-control": "public, max-age=60" },
      json: {
        ...ports.settings,
        keys: {
          attestation: { keyid: attestation.keyid, pem: attestation.pem },
          checkpoint: { ed25519: base64(checkpoint) },
        },
      },
    };
  };
}
