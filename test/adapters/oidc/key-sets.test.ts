import { describe, expect, it } from "vitest";
import { requireTrustworthy } from "../../../adapters/oidc/key-sets.ts";

describe("an issuer's keys", () => {
  it.each([
    "https://login.example/pool/.well-known/jwks.json",
    "http://localhost:4583/pool/.well-known/jwks.json",
    "http://127.0.0.1:4583/pool/.well-known/jwks.json",
    "http://[::1]:4583/pool/.well-known/jwks.json",
  ])("are fetched from %s", (address) => {
    expect(() => requireTrustworthy(address)).not.toThrow();
  });

  it.each([
    "http://login.example/pool/.well-known/jwks.json",
    "http://localhost.login.example/jwks.json",
    "http://127.0.0.1.login.example/jwks.json",
    "http://127.login.example/jwks.json",
    "ftp://127.0.0.1/jwks.json",
  ])("are not fetched from %s, which others could answer for", (address) => {
    expect(() => requireTrustworthy(address)).toThrow("https only");
  });
});
