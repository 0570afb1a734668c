import { JwtVerifier } from "aws-jwt-verify";
import { JwtExpiredError, JwtInvalidAudienceError } from "aws-jwt-verify/error";
import { clockSkewSeconds, readToken } from "../../core/attestation/id-token.ts";
import { Failure } from "../../core/failure.ts";
import { keySetCache } from "./key-sets.ts";
import { verified } from "./reviewer-tokens.ts";

/** A CI system whose tokens are trusted to say which pipeline is asking. */
export interface MachineIssuer {
  /** The name by which policies/machines.yaml means it. */
  readonly name: string;
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

/** A verified machine token's claims, and the issuer's name. */
export interface VerifiedMachine {
  readonly issuerName: string;
  readonly issuer: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whether a token claims to come from one of these machine issuers; nothing about it is verified. */
export function claimsMachineIssuer(issuers: readonly MachineIssuer[], token: string): boolean {
  const { iss } = readToken(token).claims;
  return issuers.some((each) => each.issuer === iss);
}

/** Verifies tokens of CI systems. Throws `token-invalid`, `token-expired` or `unavailable`. */
export function machineTokens(issuers: readonly MachineIssuer[]) {
  const cache = keySetCache();
  const verifiers = new Map(
    issuers.map((each) => [
      each.issuer,
      {
        issuer: each,
        verifier: JwtVerifier.create(
          {
            issuer: each.issuer,
            audience: each.audience,
            jwksUri: each.jwksUri,
            // Of when it begins (`nbf`): a cluster's tokens do as they are issued, by its own clock. Its end is looked at below.
            graceSeconds: clockSkewSeconds,
          },
          { jwksCache: cache },
        ),
      },
    ]),
  );
  return async (token: string): Promise<VerifiedMachine> => {
    const { iss } = readToken(token).claims;
    const found = typeof iss === "string" ? verifiers.get(iss) : undefined;
    if (found === undefined)
      throw new Failure("token-invalid", "The token comes from a CI system that is not trusted here.");
    const claims = await verified(inWordsForPipelines(found.verifier.verify(token), found.issuer));
    return { issuerName: found.issuer.name, issuer: found.issuer.issuer, claims };
  };
}

/**
 * Who writes a pipeline is told which of its settings does not fit. The signature is looked at before audience and end
 * are, so nobody but the CI system's own jobs learns what is expected of them.
 */
async function inWordsForPipelines(
  verification: Promise<{ readonly exp?: number }>,
  { audience }: MachineIssuer,
): Promise<object> {
  try {
    const claims = await verification;
    if (claims.exp !== undefined && claims.exp * 1000 <= Date.now()) throw expired();
    return claims;
  } catch (cause) {
    if (cause instanceof JwtExpiredError) throw expired(cause);
    if (cause instanceof JwtInvalidAudienceError) {
      throw new Failure("token-invalid", `The CI job's token is for another audience; ask for one for '${audience}'.`, {
        cause,
      });
    }
    throw cause;
  }
}

function expired(cause?: unknown): Failure {
  return new Failure("token-expired", "The CI job's token has expired; ask the CI system for a new one.", { cause });
}
