import {
  AuthorizationResponseError,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  getValidatedIdTokenClaims,
  None,
  processAuthorizationCodeResponse,
  ResponseBodyError,
  validateAuthResponse,
} from "oauth4webapi";
import { askedOfSignIn } from "../../../core/attestation/sign-in-request.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import { Failure } from "../../../core/failure.ts";
import type { Service } from "../api/service.ts";
import type { PendingDeed } from "../deeds/record-deed.ts";
import { messages } from "../messages/catalogue.ts";
import { discoveredProvider, endpoint, requestTo } from "./identity-provider.ts";
import { keepPending, type PendingDecision, type PendingSignIn } from "./pending-sign-in.ts";
import { type Session, sessionOf } from "./session.ts";

/** Shorter than a challenge, which the service tells by: what signed a deed lets its bearer do nothing else. */
const sessionNonceLength = 22;

/** Why somebody signs in: to read on, or to make one decision, or one deed about a passkey, a delegation or a loan, theirs. */
export interface SignInPurpose {
  readonly returnTo: string;
  readonly decision?: PendingDecision;
  readonly deed?: PendingDeed;
  readonly loginHint?: string;
  /** Classes of sign-in that one is asked for, the best first; absent or empty where any will do. */
  readonly acr?: readonly string[];
  /** The name of whoever is signed in and asks for it. */
  readonly name?: string;
}

export type SignInOutcome =
  | { readonly kind: "signed-in"; readonly session: Session }
  | { readonly kind: "refused"; readonly sentence: string };

/**
 * Begins a sign-in with authorization code and PKCE (RFC 9700) and answers the address to go to. For a decision the
 * nonce is its challenge and the login a fresh one: the identity provider signs this very decision (design 3.3).
 * Throws where the identity provider cannot be reached.
 */
export async function beginSignIn(service: Service, purpose: SignInPurpose): Promise<URL> {
  const { server, client } = await discoveredProvider(service);
  const { decision, deed, returnTo } = purpose;
  const signed = decision?.statement ?? deed?.statement;
  const pending: PendingSignIn = {
    state: generateRandomState(),
    verifier: generateRandomCodeVerifier(),
    nonce: signed === undefined ? generateRandomNonce().slice(0, sessionNonceLength) : challengeOf(signed),
    returnTo,
    ...(decision === undefined ? {} : { decision }),
    ...(deed === undefined ? {} : { deed }),
    ...(signed === undefined || purpose.name === undefined ? {} : { preparedBy: purpose.name }),
  };
  const address = endpoint(server, "authorization_endpoint");
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri(),
    scope: "openid email profile",
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
    ...askedOfSignIn(signed === undefined ? "reading" : "signing"),
    ...(purpose.acr === undefined || purpose.acr.length === 0 ? {} : { acr_values: purpose.acr.join(" ") }),
    ...(purpose.loginHint === undefined ? {} : { login_hint: purpose.loginHint }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  keepPending(pending, sessionStorage);
  return address;
}

/** Finishes a sign-in that this tab began, with the parameters that came back. */
export async function finishSignIn(
  service: Service,
  pending: PendingSignIn,
  parameters: URLSearchParams,
): Promise<SignInOutcome> {
  try {
    return { kind: "signed-in", session: await exchanged(service, pending, parameters) };
  } catch (error) {
    return { kind: "refused", sentence: sentenceOf(error) };
  }
}

async function exchanged(service: Service, pending: PendingSignIn, parameters: URLSearchParams): Promise<Session> {
  const { server, client } = await discoveredProvider(service);
  const callback = validateAuthResponse(server, client, parameters, pending.state);
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    None(),
    callback,
    redirectUri(),
    pending.verifier,
    requestTo(endpoint(server, "token_endpoint")),
  );
  const tokens = await processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  const claims = getValidatedIdTokenClaims(tokens);
  if (tokens.id_token === undefined || claims === undefined) throw new TypeError("There is no ID token.");
  return sessionOf(tokens.id_token, claims, {
    issuer: service.settings.issuer,
    clientId: client.client_id,
    subjectClaim: service.settings.subjectClaim,
    nonce: pending.nonce,
    now: Date.now() + service.clockOffsetMs,
  });
}

/** The one address that the portal's client is registered with. */
function redirectUri(): string {
  return `${location.origin}/`;
}

function sentenceOf(error: unknown): string {
  if (error instanceof AuthorizationResponseError && error.error === "access_denied") return messages.signIn.cancelled;
  if (error instanceof Failure) return error.message;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return messages.signIn.refusedBecause(error.error_description ?? error.error);
  }
  return messages.signIn.failed;
}
