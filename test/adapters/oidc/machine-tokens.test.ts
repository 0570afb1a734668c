import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { refused } from "../../core/refusal.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const server = createServer((_, response) => {
  const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "key-1", alg: "RS256", use: "sig" }];
  response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
});
const issuer = "https://oidc.cluster.example";
let jwksUri = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openid/v1/jwks`;
});
afterAll(() => server.close());

/** A token with these claims, and seconds from now until it begins, was issued and ends. */
function tokenOf({ nbf = -5, iat = -5, exp = 300, ...more }: Readonly<Record<string, unknown>> = {}): string {
  const seconds = Math.floor(Date.now() / 1000);
  const times = { nbf: seconds + Number(nbf), iat: seconds + Number(iat), exp: seconds + Number(exp) };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: issuer, aud: "countersign", sub: "system:serviceaccount:ml:deployer", ...times, ...more };
  const input = `${part({ alg: "RS256", kid: "key-1" })}.${part(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
}

const verified = (token: string) =>
  machineTokens([{ name: "cluster", issuer, audience: "countersign", jwksUri }])(token);

describe("a pipeline's token", () => {
  it("says who it is, under the name by which its issuer is trusted", async () => {
    const { issuerName, claims } = await verified(tokenOf());
    expect([issuerName, claims["sub"]]).toEqual(["cluster", "system:serviceaccount:ml:deployer"]);
  });

  // A cluster's begin as they are issued: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
  it("counts from the second in which it was given, by a clock that is half a minute ahead", async () => {
    const { claims } = await verified(tokenOf({ nbf: 30, iat: 30 }));
    expect(claims["sub"]).toBe("system:serviceaccount:ml:deployer");
  });

  it.each([
    ["that begins later than clocks differ", { nbf: 90, iat: 90 }, "token-invalid", "or was altered"],
    ["that has ended a second ago", { exp: -1 }, "token-expired", "ask the CI system for a new one"],
    ["that ended long ago", { exp: -3600 }, "token-expired", "ask the CI system for a new one"],
    ["for another audience", { aud: "another" }, "token-invalid", "ask for one for 'countersign'"],
    ["of another issuer", { iss: "https://elsewhere.example" }, "token-invalid", "that is not trusted here"],
  ])("%s is refused", async (_, claims, code, sentence) => {
    const refusal = await refused(verified(tokenOf(claims)));
    expect(refusal.code).toBe(code);
    expect(refusal.sentence).toContain(sentence);
  });
});
