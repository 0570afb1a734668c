import type { SubjectClaim } from "../../core/attestation/id-token.ts";
import type { SignIns } from "../../core/attestation/installations-in-force.ts";

/** Whose ID tokens count here: those that the reviewers' identity provider issues to the portal and to the command line. */
export function reviewerSignIns(env: {
  readonly OIDC_ISSUER: string;
  readonly OIDC_SUBJECT_CLAIM: SubjectClaim;
  readonly PORTAL_CLIENT_ID: string;
  readonly CLI_CLIENT_ID: string;
}): SignIns {
  return {
    issuer: env.OIDC_ISSUER,
    audiences: [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID],
    subjectClaim: env.OIDC_SUBJECT_CLAIM,
  };
}
