import { createHash, randomBytes } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";

import { logIn } from "../../../local/cognito/login-robot.ts";
import { startOidcProvider } from "../../../local/cognito/oidc-provider.ts";
import { writePeople } from "../../../local/people.ts";
import { ada, grace, peopleFileIn } from "../people-fixture.ts";
import { scratchDirectory } from "../recorded-calls.ts";

const portal = {
  clientId: "portal",
  name: "Countersign",
  kind: "browser",
  redirectUris: ["http://localhost:4173/callback"],
  logoutUris: ["http://localhost:4173/"],
} as const;
const cli = {
  clientId: "cli",
  name: "countersign CLI",
  kind: "native",
  redirectUris: ["http://127.0.0.1/callback"],
  logoutUris: [],
} as const;

async function open(directory = scratchDirectory()) {
  const peopleFile = peopleFileIn(directory);
  const provider = await startOidcProvider({ directory, peopleFile, userPoolId: "us-east-1_local" });
  let running = true;
  const close = async () => {
    if (running) await provider.close();
    running = false;
  };
  onTestFinished(close);
  provider.setClient(portal);
  provider.setClient(cli);
  const discovery = await fetch(`${provider.issuer}/.well-known/openid-configuration`);
  const metadata = (await discovery.json()) as Record<string, string>;
  return { provider, metadata, directory, peopleFile, close, issuer: provider.issuer };
}
type Opened = Awaited<ReturnType<typeof open>>;

/** A request for a login, with the secret that redeems its code. */
function authorization({ metadata }: Opened, more: Record<string, string | undefined> = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const parameters = {
    client_id: "portal",
    redirect_uri: "http://localhost:4173/callback",
    response_type: "code",
    scope: "openid email profile",
    state: "state-1",
    nonce: "challenge-of-this-decision",
    prompt: "login",
    max_age: "0",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...more,
  };
  const url = new URL(metadata["authorization_endpoint"] ?? "");
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return { verifier, parameters, authorizationUrl: url.href };
}

async function redeem({ metadata }: Opened, callback: string, asked: ReturnType<typeof authorization>) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: asked.parameters.client_id,
    redirect_uri: asked.parameters.redirect_uri,
    code: new URL(callback).searchParams.get("code") ?? "",
    code_verifier: asked.verifier,
  });
  // A browser says where its page comes from; the CLI is no page.
  const headers = asked.parameters.client_id === "portal" ? { origin: "http://localhost:4173" } : {};
  const response = await fetch(metadata["token_endpoint"] ?? "", { method: "POST", body, headers });
  return { response, tokens: (await response.json()) as Record<string, string> };
}

async function idTokenOf(opened: Opened, more: Record<string, string | undefined> = {}, person = ada) {
  const asked = authorization(opened, more);
  const callback = await logIn({ ...asked, username: person.username, password: person.password });
  const { response, tokens } = await redeem(opened, callback, asked);
  const jwks = (await (await fetch(opened.metadata["jwks_uri"] ?? "")).json()) as JSONWebKeySet;
  const { payload, protectedHeader } = await jwtVerify(tokens["id_token"] ?? "", createLocalJWKSet(jwks), {
    issuer: opened.issuer,
    audience: asked.parameters.client_id,
  });
  return { callback: new URL(callback), payload, protectedHeader, response };
}

/** A browser that keeps its cookies and goes one step at a time. */
function browser(opened: Opened) {
  const cookies = new Map<string, string>();
  const visit = async (url: string, form?: URLSearchParams) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const method = form === undefined ? {} : { method: "POST", body: form };
    const response = await fetch(url, { redirect: "manual", headers: { cookie }, ...method });
    for (const each of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      cookies.set(name, value);
    }
    return { response, to: new URL(response.headers.get("location") ?? "about:blank", url) };
  };
  const signIn = async () => {
    const page = await visit(authorization(opened).authorizationUrl);
    const form = new URLSearchParams({ username: "ada", password: ada.password });
    const resume = await visit(page.to.href, form);
    return (await visit(resume.to.href)).to;
  };
  return { visit, signIn };
}

describe("a login", () => {
  it("ends in an ID token over the nonce, fresh, with the person's groups", async () => {
    const opened = await open();
    const before = Math.floor(Date.now() / 1000);
    const { callback, payload, protectedHeader, response } = await idTokenOf(opened);
    expect(callback.searchParams.get("state")).toBe("state-1");
    expect(protectedHeader.alg).toBe("RS256");
    expect(payload).toMatchObject({
      sub: ada.subject,
      nonce: "challenge-of-this-decision",
      "cognito:groups": ada.groups,
      "cognito:username": "ada",
      token_use: "id",
      email: ada.email,
      name: ada.name,
      amr: ["pwd"],
    });
    expect(payload["auth_time"]).toBeGreaterThanOrEqual(before);
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:4173");
  });

  it("works for the CLI on any loopback port", async () => {
    const opened = await open();
    const redirect = "http://127.0.0.1:49152/callback";
    const { callback, payload } = await idTokenOf(opened, { client_id: "cli", redirect_uri: redirect });
    expect(callback.origin).toBe("http://127.0.0.1:49152");
    expect(payload.aud).toBe("cli");
  });

  it("has auth_time even when nobody asks for it", async () => {
    const { payload } = await idTokenOf(await open(), { prompt: undefined, max_age: undefined });
    expect(payload["auth_time"]).toEqual(expect.any(Number));
  });

  it("is refused with a wrong password, and for a disabled person", async () => {
    const opened = await open();
    const { authorizationUrl } = authorization(opened);
    const wrong = logIn({ authorizationUrl, username: "ada", password: "wrong" });
    await expect(wrong).rejects.toMatchObject({ code: "unauthenticated" });
    writePeople(opened.peopleFile, [{ ...ada, enabled: false }, grace]);
    const disabled = logIn({ authorizationUrl, username: "ada", password: ada.password });
    await expect(disabled).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("gives no token to somebody who is disabled between login and redemption", async () => {
    const opened = await open();
    const asked = authorization(opened);
    const callback = await logIn({ ...asked, username: "ada", password: ada.password });
    writePeople(opened.peopleFile, [{ ...ada, enabled: false }, grace]);
    const { response, tokens } = await redeem(opened, callback, asked);
    expect(response.status).toBe(400);
    expect(tokens["error"]).toBe("invalid_grant");
  });

  it("sees at once that somebody has left a group", async () => {
    const opened = await open();
    writePeople(opened.peopleFile, [{ ...ada, groups: ["sre"] }, grace]);
    const { payload } = await idTokenOf(opened);
    expect(payload["cognito:groups"]).toEqual(["sre"]);
  });

  it("is refused without PKCE, to an unknown address, and with another verifier", async () => {
    const opened = await open();
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    const login = { username: "ada", password: ada.password };
    const withoutPkce = await logIn({ ...authorization(opened, bare), ...login });
    expect(new URL(withoutPkce).searchParams.get("error")).toBe("invalid_request");
    const foreign = authorization(opened, { redirect_uri: "http://localhost:9/callback" });
    await expect(logIn({ ...foreign, ...login })).rejects.toThrow("redirect_uri");
    const asked = authorization(opened);
    const callback = await logIn({ ...asked, ...login });
    const { tokens } = await redeem(opened, callback, { ...asked, verifier: "x".repeat(43) });
    expect(tokens["error"]).toBe("invalid_grant");
  });

  it("keeps keys over a restart, so that old tokens still verify", async () => {
    const first = await open();
    const { protectedHeader } = await idTokenOf(first);
    await first.close();
    const second = await open(first.directory);
    expect((await idTokenOf(second)).protectedHeader.kid).toBe(protectedHeader.kid);
  });

  it("asks again in the same browser when a fresh login is asked for, and not otherwise", async () => {
    const opened = await open();
    const { visit, signIn } = browser(opened);
    const plain = { prompt: undefined, max_age: undefined };
    expect((await signIn()).searchParams.has("code")).toBe(true);
    const again = await visit(authorization(opened, plain).authorizationUrl);
    expect(again.to.searchParams.has("code")).toBe(true);
    for (const fresh of [{ max_age: undefined }, { prompt: undefined }]) {
      const asked = await visit(authorization(opened, fresh).authorizationUrl);
      expect(asked.to.pathname).toMatch(/\/login\//);
    }
  });
});

describe("the login page", () => {
  it("stands under a strict policy, names the client and escapes the people", async () => {
    const opened = await open();
    const start = await fetch(authorization(opened).authorizationUrl, { redirect: "manual" });
    const page = new URL(start.headers.get("location") ?? "", opened.issuer);
    const cookie = start.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; ");
    const response = await fetch(page, { headers: { cookie } });
    const html = await response.text();
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://localhost:4173;");
    expect(html).toContain("Sign in to Countersign");
    expect(html).toContain("Grace &lt;Hopper&gt;");
    expect(html).toContain('<label for="password">');
    expect((await fetch(page)).status).toBe(400);
  });
});

describe("the server", () => {
  it("tells where everything is, under the pool's issuer", async () => {
    const { metadata, issuer } = await open();
    expect(metadata).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      token_endpoint: `${issuer}/oauth2/token`,
      end_session_endpoint: `${issuer}/logout`,
    });
  });

  it("asks before it signs somebody out, by Cognito's parameter too", async () => {
    const opened = await open();
    const { visit, signIn } = browser(opened);
    await signIn();
    const logout = (to: string) => `${opened.issuer}/logout?client_id=portal&logout_uri=${encodeURIComponent(to)}`;
    const { response } = await visit(logout("http://localhost:4173/"));
    const page = await response.text();
    expect(page).toContain("Sign out?");
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const done = await visit(`${opened.issuer}/logout/confirm`, new URLSearchParams({ xsrf, logout: "yes" }));
    expect(done.to.href).toBe("http://localhost:4173/");
    expect((await visit(logout("http://evil.test/"))).response.status).toBe(400);
  });

  it("does not answer under a name that is not this machine's", async () => {
    const { provider } = await open();
    const { request } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      const rebound = request(`${provider.url}/`, { headers: { host: "evil.test" } }, (response) =>
        resolve(response.statusCode),
      );
      rebound.on("error", reject).end();
    });
    expect(status).toBe(421);
  });
});
