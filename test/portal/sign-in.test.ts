import { describe, expect, it } from "vitest";
import { clockOffset } from "../../portal/src/api/service.ts";
import { routeOf } from "../../portal/src/routes.ts";
import { arrivalAt } from "../../portal/src/session/arrival.ts";
import { signOutRequest } from "../../portal/src/session/identity-provider.ts";
import { keepPending, type PendingSignIn, takePending } from "../../portal/src/session/pending-sign-in.ts";
import { isTrustworthy } from "../../portal/src/session/trustworthy.ts";

/** What a tab keeps, as far as it is used here. */
function tabStorage(): Storage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
    clear: () => entries.clear(),
  };
}

const pending: PendingSignIn = { state: "state-1", verifier: "v", nonce: "n", returnTo: "#/promotions/p-1" };
const id = `p-${"a".repeat(32)}-1`;

describe("a sign-in that was begun", () => {
  it("is finished once", () => {
    const storage = tabStorage();
    keepPending(pending, storage);
    expect(takePending("state-1", storage)).toEqual(pending);
    expect(takePending("state-1", storage)).toBeUndefined();
  });

  it.each([
    ["another state", "state-2"],
    ["no state", null],
  ])("is not finished by an answer with %s, nor after it", (_, state) => {
    const storage = tabStorage();
    keepPending(pending, storage);
    expect(takePending(state, storage)).toBeUndefined();
    expect(takePending("state-1", storage)).toBeUndefined();
  });

  it("is not finished by a link with a code in another tab, and the code leaves the address", () => {
    const replaced: string[] = [];
    const arrival = arrivalAt(new URL("https://portal.example/?code=c&state=s"), tabStorage(), (to) =>
      replaced.push(to),
    );
    expect(arrival?.pending).toBeUndefined();
    expect(replaced).toEqual(["#/"]);
  });

  it("leads back to where it was begun", () => {
    const storage = tabStorage();
    keepPending(pending, storage);
    const replaced: string[] = [];
    const address = new URL("https://portal.example/?code=c&state=state-1");
    expect(arrivalAt(address, storage, (to) => replaced.push(to))?.pending).toEqual(pending);
    expect(replaced).toEqual(["#/promotions/p-1"]);
  });

  it("is not touched by an address without an answer in it", () => {
    const storage = tabStorage();
    keepPending(pending, storage);
    const address = new URL(`https://portal.example/#/promotions/${id}`);
    expect(arrivalAt(address, storage, () => expect.unreachable())).toBeUndefined();
    expect(takePending("state-1", storage)).toEqual(pending);
  });
});

describe("where an identity provider may be", () => {
  it.each([
    ["https://login.example/pool", true],
    ["http://localhost:4000/pool", true],
    ["http://127.0.0.1:4000", true],
    ["http://[::1]:4000", true],
    ["http://login.example", false],
    ["http://localhost.example.com", false],
    ["http://127.0.0.1.example.com", false],
    ["ftp://localhost", false],
  ])("%s: %s", (address, trusted) => {
    expect(isTrustworthy(new URL(address))).toBe(trusted);
  });

  const signedOutAt = (issuer: string, path = "/logout", idToken?: string) => {
    const provider = {
      server: { issuer, end_session_endpoint: `${new URL(issuer).origin}${path}` },
      client: { client_id: "portal" },
    };
    return signOutRequest(provider, "https://portal.example/", idToken);
  };

  it("is told of a sign-out in the way that it understands, without any token", () => {
    const standard = signedOutAt("https://login.example/pool", "/logout", "e30.e30.AA");
    expect(standard?.form).toBeUndefined();
    expect([...(standard?.address.searchParams ?? [])]).toEqual([
      ["client_id", "portal"],
      ["post_logout_redirect_uri", "https://portal.example/"],
    ]);
    const cognito = signedOutAt("https://cognito-idp.eu-west-1.amazonaws.com/p", "/logout", "e30.e30.AA");
    expect(cognito?.address.searchParams.get("logout_uri")).toBe("https://portal.example/");
    const lookalike = signedOutAt("https://cognito-idp.eu-west-1.amazonaws.com.example.org/p");
    expect(lookalike?.address.searchParams.has("logout_uri")).toBe(false);
  });

  // https://github.com/mogenius/renovate-operator/issues/691
  it.each(["/oauth2/v1/logout", "/oauth2/aus9o8wzkhckw9TLa0h7z/v1/logout"])(
    "is shown the token by a form where it forgets nobody without, at %s as Okta has it, and never by an address",
    (path) => {
      const shown = signedOutAt("https://login.bank.example", path, "e30.e30.AA");
      expect(shown?.address.href).toBe(`https://login.bank.example${path}`);
      expect(shown?.form).toEqual({
        client_id: "portal",
        post_logout_redirect_uri: "https://portal.example/",
        id_token_hint: "e30.e30.AA",
      });
      expect(signedOutAt("https://login.bank.example", path)?.address.searchParams.get("client_id")).toBe("portal");
    },
  );

  it("is not told of a sign-out over an address that may be listened to", () => {
    const server = { issuer: "https://login.example", end_session_endpoint: "http://login.example/oauth2/v1/logout" };
    expect(signOutRequest({ server, client: { client_id: "portal" } }, "https://x/", "e30.e30.AA")).toBeUndefined();
  });
});

describe("the service's clock", () => {
  const now = Date.parse("2026-11-22T17:00:00.000Z");

  it.each([
    ["ten minutes ahead", "Sun, 22 Nov 2026 17:10:00 GMT", 600_000],
    ["a second behind, which is no difference", "Sun, 22 Nov 2026 16:59:59 GMT", 0],
    ["not told", null, 0],
    ["told in words", "soon", 0],
  ])("%s", (_, date, offset) => {
    expect(clockOffset(date, now)).toBe(offset);
  });
});

describe("what an address asks for", () => {
  it.each([
    ["", { page: "inbox" }],
    ["#/", { page: "inbox" }],
    [`#/promotions/${id}`, { page: "promotion", id }],
    [`#/promotions/${id}/record`, { page: "record", id }],
    [`#/promotions/${id}/evidence/${"b".repeat(64)}`, { page: "evidence", id, sha256: "b".repeat(64) }],
    [`#/promotions/${id}/evidence/b`, { page: "nowhere" }],
    ["#/models", { page: "models" }],
    ["#/models/credit-scoring/production", { page: "model", model: "credit-scoring", target: "production" }],
    ["#/models/credit-scoring", { page: "nowhere" }],
    ["#/models/../production", { page: "nowhere" }],
    ["#/link-expired", { page: "link-expired" }],
    [`#/link-expired/${id}`, { page: "link-expired", id }],
    ["#/link-expired/p-x", { page: "nowhere" }],
    ["#/link-invalid", { page: "link-invalid" }],
    ["#/promotions/../../v1", { page: "nowhere" }],
    [`#/promotions/${id}/approve`, { page: "nowhere" }],
    ["#/approve", { page: "nowhere" }],
  ])("%s", (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
  });
});
