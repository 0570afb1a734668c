import {
  AuthorizationResponseError,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomState,
  getValidatedIdTokenClaims,
  None,
  processAuthorizationCodeResponse,
  ResponseBodyError,
  validateAuthResponse,
} from "oauth4webapi";
import { checkReviewerClaims, type ReviewerClaims } from "../../core/attestation/id-token.ts";
import { askedOfSignIn } from "../../core/attestation/sign-in-request.ts";
import { base64url } from "../../core/encoding/base64.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Service } from "../service/service.ts";
import type { Surroundings } from "../surroundings.ts";
import { oneLine } from "../terminal-text.ts";
import { discoveredProvider, endpoint, type IdentityProvider, requestTo } from "./identity-provider.ts";
import { type LoopbackRedirect, listenForRedirect, redirectPorts } from "./loopback-redirect.ts";

/** How the person is brought to the sign-in page. */
export interface SignInOptions {
  /** Instead of the ports that the deployment registers. */
  readonly port?: number;
  /** Open the browser; otherwise the address is only printed. */
  readonly open: boolean;
  /** Somebody says that a person signs in, even in a CI job. */
  readonly signIn?: boolean;
}

/** What a sign-in is for: reading, or making one decision the person's own. */
export type SignInPurpose =
  | { readonly kind: "reading" }
  /** The identity provider signs `challenge`, after a login that is newer than `issuedAt` (design 3.3). */
  | {
      readonly kind: "decision";
      readonly challenge: string;
      readonly issuedAt: Instant;
      readonly loginHint?: string;
      /** Classes of sign-in that one is asked for; empty where any will do. */
      readonly acr: readonly string[];
    };

/** Somebody who signed in. The token is in memory only. */
export interface SignedIn {
  readonly idToken: string;
  readonly reviewer: ReviewerClaims;
  /** For the identity provider to propose when the same person signs in again. */
  readonly loginHint?: string;
}

/**
 * Signs a person in with their own browser: authorization code with PKCE, answered to a loopback address (RFC 8252).
 * Throws `unauthenticated` with what the identity provider said where it comes to nothing.
 */
export async function signIn(
  service: Service,
  purpose: SignInPurpose,
  options: SignInOptions,
  surroundings: Surroundings,
): Promise<SignedIn> {
  if (surroundings.environment["CI"] && !surroundings.attended && options.signIn !== true)
    throw new Failure(
      "unauthenticated",
      "This is a CI job (CI is set), and nobody is at a terminal to sign in: a person runs this command.",
    );
  const provider = await discoveredProvider(service);
  const redirect = await listenForRedirect(options.port === undefined ? redirectPorts : [options.port]);
  try {
    const attempt: Attempt = {
      state: generateRandomState(),
      verifier: generateRandomCodeVerifier(),
      // Shorter than a challenge, which the service tells by: what signed a deed lets its bearer do nothing else.
      nonce: purpose.kind === "decision" ? purpose.challenge : base64url(surroundings.random(16)),
    };
    const address = await authorizationAddress(provider, redirect.uri, attempt, purpose);
    const why =
      purpose.kind === "decision" ? "To sign this decision, sign in once more" : "To sign in, open this address";
    surroundings.note(`${why}:\n  ${address.href}`);
    if (options.open) surroundings.openBrowser(address);
    const parameters = await redirect.parameters(attempt.state);
    return await exchanged(service, provider, { redirect, attempt, purpose, parameters });
  } catch (error) {
    throw error instanceof Failure
      ? refusal(error)
      : new Failure("unauthenticated", sentenceOf(error), { cause: error });
  } finally {
    redirect.close();
  }
}

interface Attempt {
  readonly state: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
  readonly nonce: string;
}

async function authorizationAddress(
  { server, client }: IdentityProvider,
  redirectUri: string,
  attempt: Attempt,
  purpose: SignInPurpose,
): Promise<URL> {
  const address = endpoint(server, "authorization_endpoint");
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: "openid email profile",
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: "S256",
    ...askedOfSignIn(purpose.kind === "decision" ? "signing" : "reading"),
    ...(purpose.kind === "decision" && purpose.acr.length > 0 ? { acr_values: purpose.acr.join(" ") } : {}),
    ...(purpose.kind === "decision" && purpose.loginHint !== undefined ? { login_hint: purpose.loginHint } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address;
}

async function exchanged(
  service: Service,
  { server, client }: IdentityProvider,
  flow: {
    readonly redirect: LoopbackRedirect;
    readonly attempt: Attempt;
    readonly purpose: SignInPurpose;
    readonly parameters: URLSearchParams;
  },
): Promise<SignedIn> {
  const { redirect, attempt, purpose } = flow;
  const callback = validateAuthResponse(server, client, flow.parameters, attempt.state);
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    None(),
    callback,
    redirect.uri,
    attempt.verifier,
    requestTo(endpoint(server, "token_endpoint")),
  );
  const tokens = await processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
  });
  const claims = getValidatedIdTokenClaims(tokens);
  if (tokens.id_token === undefined || claims === undefined) throw new TypeError("There is no ID token.");
  const reviewer = checkReviewerClaims(claims, {
    issuer: service.settings.issuer,
    audiences: [client.client_id],
    subjectClaim: service.settings.subjectClaim,
    nonce: attempt.nonce,
    now: service.now(),
    ...(purpose.kind === "decision" ? { authenticatedAfter: purpose.issuedAt } : {}),
  });
  const { email } = claims;
  return { idToken: tokens.id_token, reviewer, ...(typeof email === "string" ? { loginHint: email } : {}) };
}

/** A provider that lets somebody in by the session that the browser has does so again, however often they try. */
function refusal(failure: Failure): Failure {
  if (failure.code !== "not-fresh") return failure;
  const next = "Sign out at the identity provider in that browser, and try again; nothing was sent.";
  return new Failure("not-fresh", `${failure.message} ${next}`, { cause: failure });
}

function sentenceOf(error: unknown): string {
  if (error instanceof AuthorizationResponseError && error.error === "access_denied") {
    return "The sign-in was cancelled; nothing was decided.";
  }
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return `The identity provider refused the sign-in: ${oneLine(error.error_description ?? error.error, 200)}.`;
  }
  return "The sign-in failed; nothing was decided. Please try again.";
}
