import type { Installation } from "../../../core/attestation/installation-record.ts";

/** What an installation is, as its log begins with it. */
export const installation: Installation = {
  issuer: "https://login.example/pool",
  audiences: ["portal-client", "cli-client"],
  subjectClaim: "sub",
  passkeys: { rpId: "sign.example", origins: ["https://sign.example"] },
  attestationBase: "https://countersign.example",
  logOrigin: "log.example/1",
};
