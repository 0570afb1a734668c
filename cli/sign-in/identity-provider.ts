import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  clockSkew,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";
import { Failure } from "../../core/failure.ts";
import { isLoopbackHttp, trustworthyAddress } from "../service/address.ts";
import type { Service } from "../service/service.ts";

/** The reviewers' identity provider and this command as its client. */
export interface IdentityProvider {
  readonly server: AuthorizationServer;
  readonly client: Client;
}

/** Asks the deployment's issuer where things are (OpenID Connect Discovery 1.0). Throws where it cannot be reached or trusted. */
export async function discoveredProvider({ settings, clockOffsetSeconds }: Service): Promise<IdentityProvider> {
  const issuer = trustworthyAddress(settings.issuer, "the identity provider");
  try {
    const response = await discoveryRequest(issuer, { algorithm: "oidc", ...requestTo(issuer) });
    return {
      server: await processDiscoveryResponse(issuer, response),
      client: { client_id: settings.cliClientId, [clockSkew]: clockOffsetSeconds },
    };
  } catch (cause) {
    throw new Failure("unavailable", `The identity provider at ${issuer.origin} does not say where to sign in.`, {
      cause,
    });
  }
}

/** An address that the provider's metadata must name, and that may be trusted. */
export function endpoint(server: AuthorizationServer, name: "authorization_endpoint" | "token_endpoint"): URL {
  return trustworthyAddress(server[name] ?? "", `the identity provider's ${name}`);
}

/** As long as the portal waits for the provider: one that says nothing keeps nobody waiting. */
const patienceMilliseconds = 20_000;

/**
 * How the library asks there. It takes plain http from nowhere, unless told: from this very machine it is as good as https.
 */
export function requestTo(address: URL): { readonly [allowInsecureRequests]?: boolean; readonly signal: AbortSignal } {
  return {
    ...(isLoopbackHttp(address) ? { [allowInsecureRequests]: true } : {}),
    signal: AbortSignal.timeout(patienceMilliseconds),
  };
}
