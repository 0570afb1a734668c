import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type CustomFetchOptions,
  clockSkew,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";
import type { Service } from "../api/service.ts";
import { isLoopbackHttp, isTrustworthy } from "./trustworthy.ts";

/** The reviewers' identity provider and the portal as its client. */
export interface IdentityProvider {
  readonly server: AuthorizationServer;
  readonly client: Client;
}

const timeoutMs = 20_000;
/** Before each further try, in milliseconds. */
const pausesMs = [500, 2_000] as const;

/** Asks the issuer where things are (OpenID Connect Discovery 1.0). Throws where it cannot be reached or trusted. */
export async function discoveredProvider({ settings, clockOffsetMs }: Service): Promise<IdentityProvider> {
  const issuer = new URL(settings.issuer);
  const response = await discoveryRequest(issuer, { algorithm: "oidc", ...requestTo(issuer) });
  return {
    server: await processDiscoveryResponse(issuer, response),
    client: { client_id: settings.portalClientId, [clockSkew]: Math.round(clockOffsetMs / 1000) },
  };
}

/** An address that the provider's metadata must name, and that may be trusted. Throws where it is not there or not so. */
export function endpoint(server: AuthorizationServer, name: "authorization_endpoint" | "token_endpoint"): URL {
  const address = new URL(server[name] ?? "");
  if (!isTrustworthy(address)) throw new TypeError(`The identity provider's ${name} is not to be trusted.`);
  return address;
}

/**
 * How to ask the provider: not for ever, since the reader waits. The library takes plain http from nowhere, unless told:
 * from this very machine it is as good as https.
 */
export function requestTo(address: URL): {
  readonly signal: AbortSignal;
  readonly [customFetch]: typeof reached;
  readonly [allowInsecureRequests]?: boolean;
} {
  return {
    signal: AbortSignal.timeout(timeoutMs),
    [customFetch]: reached,
    ...(isLoopbackHttp(address) ? { [allowInsecureRequests]: true } : {}),
  };
}

/** How the identity provider is told of a sign-out: by an address to go to, or one to send a form to. */
export interface SignOutRequest {
  readonly address: URL;
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * How to have somebody who signs out forgotten by the identity provider too; `undefined` where it names no place for that.
 * No token is in an address, where it would be kept.
 */
export function signOutRequest(
  { server, client }: IdentityProvider,
  returnTo: string,
  idToken?: string,
): SignOutRequest | undefined {
  if (server.end_session_endpoint === undefined) return undefined;
  const address = new URL(server.end_session_endpoint);
  if (!isTrustworthy(address)) return undefined;
  // Cognito has a name of its own for it:
  // https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
  const cognito = /^cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(new URL(server.issuer).hostname);
  const told = { client_id: client.client_id, [cognito ? "logout_uri" : "post_logout_redirect_uri"]: returnTo };
  if (idToken !== undefined && wantsToken(address)) return { address, form: { ...told, id_token_hint: idToken } };
  for (const [name, value] of Object.entries(told)) address.searchParams.set(name, value);
  return { address };
}

/**
 * Okta forgets nobody whose ID token it is not shown, and answers an error page; by its address, as organisations have it under
 * names of their own: https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/OrgAS/. A form is as good as an address to every
 * provider (https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout), and is in no history.
 */
function wantsToken({ pathname }: URL): boolean {
  return /^\/oauth2\/([A-Za-z0-9]+\/)?v1\/logout$/.test(pathname);
}

/** Goes there with the page. */
export function goToSignOut({ address, form }: SignOutRequest): void {
  if (form === undefined) {
    location.assign(address);
    return;
  }
  const sent = document.createElement("form");
  sent.method = "post";
  sent.action = address.href;
  for (const [name, value] of Object.entries(form)) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    sent.append(field);
  }
  document.body.append(sent);
  sent.submit();
  sent.remove();
}

/**
 * As `fetch`, and again where the provider was not reached or has too much to do for a moment: what was signed would be lost
 * by it. A code that it has used already is refused then, as what it answered is gone.
 */
async function reached(
  url: string,
  { body, ...options }: CustomFetchOptions<string, URLSearchParams | undefined>,
): Promise<Response> {
  const request = body === undefined ? options : { ...options, body };
  for (const pauseMs of pausesMs) {
    const response = await fetch(url, request).catch((error: unknown) => {
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    if (response !== undefined && response.status !== 429 && response.status < 500) return response;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return await fetch(url, request);
}
