import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type ClientMetadata, type Configuration, errors, interactionPolicy, Provider } from "oidc-provider";

import { Failure } from "../../core/failure.ts";
import type { LocalService } from "../aws/aws-call.ts";
import { pageHeaders } from "../html-page.ts";
import { listenOnLoopback, readBody } from "../loopback-server.ts";
import { type People, type Person, peopleIn } from "../people.ts";
import { signingKeyAt } from "../signing-key.ts";
import { loginPage, logoutPage, messagePage } from "./login-page.ts";
import { OidcStorage } from "./oidc-storage.ts";

/** A public client (no secret; PKCE is required of all). */
export interface OidcClient {
  readonly clientId: string;
  /** What the login page calls it. */
  readonly name: string;
  /** `native`: a loopback address without a port allows every port (RFC 8252 section 7.3). */
  readonly kind: "browser" | "native";
  readonly redirectUris: readonly string[];
  readonly logoutUris: readonly string[];
}

export interface OidcProviderOptions {
  /** Folder for the signing key, sessions and grants. */
  readonly directory: string;
  /** JSON file of people, see `peopleIn`. */
  readonly peopleFile: string;
  readonly userPoolId: string;
  /** The issuer's address has the port in it: give the same one at every start. */
  readonly port?: number;
}

export interface LocalOidcProvider extends LocalService {
  /** `http://localhost:PORT/<userPoolId>`, as Cognito's ProviderURL ends in the pool's id. */
  readonly issuer: string;
  /** Makes a client known, or known anew. */
  setClient(client: OidcClient): void;
}

const scopes = ["openid", "email", "profile"];

/**
 * Starts the certified `oidc-provider` with the paths, claims and keys of a Cognito user pool. `auth_time` is in
 * every ID token; `prompt=login`, `max_age` and `nonce` are honoured. Somebody removed from the file of people or
 * disabled in it gets no further token.
 */
export async function startOidcProvider(options: OidcProviderOptions): Promise<LocalOidcProvider> {
  const { directory, userPoolId } = options;
  if (!/^[\w-]+$/.test(userPoolId)) throw new Failure("invalid-request", `${userPoolId} is no id of a user pool.`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const people = peopleIn(options.peopleFile);
  const clients = new Map<string, ClientMetadata>();
  let answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async (_request, response) => {
    response.writeHead(503).end();
  };
  const server = await listenOnLoopback((request, response) => answer(request, response), options.port);
  const issuer = `http://localhost:${server.port}/${userPoolId}`;
  const provider = new Provider(issuer, configuration(directory, `/${userPoolId}`, people, clients));
  answer = answering(provider, `/${userPoolId}`, people);
  return {
    url: server.url,
    close: server.close,
    issuer,
    setClient: (client) => void clients.set(client.clientId, metadata(client)),
  };
}

function configuration(
  directory: string,
  mount: string,
  people: People,
  clients: ReadonlyMap<string, ClientMetadata>,
): Configuration {
  const storage = new OidcStorage(join(directory, "sessions"), Date.now);
  const signingKey = signingKeyAt(join(directory, "signing-key.json"));
  const policy = interactionPolicy.base();
  // The clients are the organisation's own: nobody is asked whether they may know who signed in.
  policy.remove("consent");
  return {
    adapter: (model: string) => {
      const adapter = storage.adapterFor(model);
      return model === "Client" ? { ...adapter, find: async (id) => clients.get(id) } : adapter;
    },
    jwks: { keys: [signingKey.privateJwk] },
    cookies: { keys: [cookieKey(join(directory, "cookie-key"))] },
    pkce: { required: () => true },
    responseTypes: ["code"],
    scopes,
    claims: {
      openid: ["sub", "amr", "cognito:groups", "cognito:username", "token_use"],
      email: ["email", "email_verified"],
      profile: ["name"],
    },
    // Cognito puts every claim into the ID token; so the sign-off ceremony can rely on it.
    conformIdTokenClaims: false,
    findAccount: (_context, subject) => {
      const person = people.bySubject(subject);
      if (person?.enabled !== true) return undefined;
      return { accountId: subject, claims: (use) => claimsOf(person, use) };
    },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(scopes.join(" "));
      await grant.save();
      return grant;
    },
    interactions: { policy, url: (_context, interaction) => `${mount}/login/${interaction.uid}` },
    clientBasedCORS: (_context, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    routes: {
      authorization: "/oauth2/authorize",
      token: "/oauth2/token",
      userinfo: "/oauth2/userInfo",
      revocation: "/oauth2/revoke",
      end_session: "/logout",
      jwks: "/.well-known/jwks.json",
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          const target = originsOf(context.oidc.params?.["post_logout_redirect_uri"]);
          context.set(pageHeaders(["'self'", ...target]) as Record<string, string>);
          context.body = logoutPage(form);
        },
        postLogoutSuccessSource: (context) => {
          context.set(pageHeaders() as Record<string, string>);
          context.body = messagePage("Signed out", "You are signed out. You can close this window.");
        },
      },
    },
    renderError: (context, out) => {
      context.set(pageHeaders() as Record<string, string>);
      context.body = messagePage("That did not work", out.error_description ?? out.error);
    },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 28_800, IdToken: 3600, Interaction: 3600, Session: 28_800 },
  };
}

function answering(provider: Provider, mount: string, people: People) {
  const library = provider.callback();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? "/";
    if (!url.startsWith(`${mount}/`)) {
      response.writeHead(404, { "content-type": "text/plain" }).end("There is no user pool here.\n");
      return;
    }
    const { pathname } = new URL(url, "http://localhost");
    if (pathname.startsWith(`${mount}/login/`)) return interact(provider, people, request, response);
    // Cognito's own name for the parameter: https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    const asLibrary =
      pathname === `${mount}/logout` ? url.replace(/([?&])logout_uri=/, "$1post_logout_redirect_uri=") : url;
    // The library finds out from `originalUrl` under which path it is mounted.
    Object.assign(request, { originalUrl: asLibrary, url: asLibrary.slice(mount.length) });
    await library(request, response);
  };
}

/** Shows the login page and takes its form. The library's cookie ties both to the browser that began. */
async function interact(provider: Provider, people: People, request: IncomingMessage, response: ServerResponse) {
  const { params, uid } = await provider.interactionDetails(request, response).catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return { params: undefined, uid: "" };
    throw error;
  });
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (params === undefined || !path.split("/").includes(uid)) {
    const text = "This sign-in has expired or was begun in another browser. Please go back and start again.";
    response.writeHead(400, pageHeaders()).end(messagePage("Sign-in expired", text));
    return;
  }
  const client = await provider.Client.find(String(params["client_id"]));
  const show = (status: number, chosen: unknown, problem?: string) => {
    const everybody = people.everybody();
    const page = {
      action: path,
      clientName: client?.clientName ?? "an unnamed application",
      people: everybody,
      chosen: everybody.find((person) => person.username === chosen || person.email === chosen)?.username,
      problem,
    };
    // Browsers hold redirects after the form against this policy too.
    const targets = ["'self'", ...originsOf(params["redirect_uri"])];
    response.writeHead(status, pageHeaders(targets)).end(loginPage(page));
  };
  if (request.method === "GET") return show(200, params["login_hint"]);
  if (request.method !== "POST") return void response.writeHead(405, { allow: "GET, POST" }).end();
  if (path.endsWith("/abort")) {
    const refusal = { error: "access_denied", error_description: "The person cancelled the sign-in." };
    return provider.interactionFinished(request, response, refusal);
  }
  const form = new URLSearchParams((await readBody(request, 16 * 1024))?.toString("utf8"));
  const person = people.byUsername(form.get("username") ?? "");
  if (person?.enabled !== true || !samePassword(form.get("password") ?? "", person.password)) {
    return show(403, form.get("username"), "That password does not belong to this person.");
  }
  // RFC 8176: how the person was authenticated.
  await provider.interactionFinished(request, response, { login: { accountId: person.subject, amr: ["pwd"] } });
}

function claimsOf(person: Person, use: string): { readonly sub: string; readonly [claim: string]: unknown } {
  return {
    sub: person.subject,
    "cognito:groups": [...person.groups],
    "cognito:username": person.username,
    ...(use === "id_token" ? { token_use: "id" } : {}),
    email: person.email,
    email_verified: true,
    name: person.name,
  };
}

function metadata(client: OidcClient): ClientMetadata {
  return {
    client_id: client.clientId,
    client_name: client.name,
    application_type: client.kind === "native" ? "native" : "web",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.logoutUris],
    require_auth_time: true,
    id_token_signed_response_alg: "RS256",
  };
}

function cookieKey(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return readFileSync(path, "utf8");
}

function samePassword(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function originsOf(uri: unknown): readonly string[] {
  return typeof uri === "string" && URL.canParse(uri) ? [new URL(uri).origin] : [];
}
