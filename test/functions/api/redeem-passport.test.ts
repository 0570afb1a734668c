import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { id, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { issuer, passportScene } from "./passport-scene.ts";

async function withPassport() {
  const scene = await passportScene();
  const { passport } = (await scene.issue()).json as { readonly passport: string };
  return { ...scene, passport };
}

describe("a passport that is redeemed", () => {
  it("is taken once, and refused ever after", async () => {
    const { redeem, passport, promotions } = await withPassport();
    expect(await redeem(passport)).toEqual({
      status: 200,
      json: { passport: `${id}.1`, promotion: id, audience: "vault" },
    });
    expect(await refused(redeem(passport))).toEqual({
      code: "token-replayed",
      sentence: "The passport was redeemed before; it is good for once.",
    });
    expect(promotions.recordedFacts().map(({ type }) => type)).toEqual(["passport-issued", "passport-redeemed"]);
  });

  it("is refused at its end", async () => {
    const { redeem, passport, at } = await withPassport();
    at(addSeconds(now, 300));
    expect((await refused(redeem(passport))).code).toBe("token-expired");
  });

  it("is refused once the promotion does not deploy any more, and is not used up by that", async () => {
    const { redeem, passport, promotions } = await withPassport();
    const stored = promotions.stored(id);
    promotions.put({ ...stored, status: "failed" });
    expect((await refused(redeem(passport))).code).toBe("deployment-refused");
    promotions.put(stored);
    expect((await redeem(passport)).status).toBe(200);
  });

  it("is refused once its pipeline has said what came of it, though the promotion is said to be deploying yet", async () => {
    const { redeem, passport, promotions, report } = await withPassport();
    await report({ outcome: "failed", detail: "Nobody knows what runs on 3 of 40 devices." });
    expect(await refused(redeem(passport))).toEqual({
      code: "deployment-refused",
      sentence: "What came of the deployment was reported; its passport is good for nothing any more.",
    });
    expect(promotions.stored(id).status).toBe("deploying");
    expect(promotions.recordedFacts().map(({ type }) => type)).toEqual(["passport-issued", "deployment-reported"]);
  });

  it("is refused where it was altered", async () => {
    const { redeem, passport, promotions } = await withPassport();
    expect((await refused(redeem(`${passport.slice(0, -4)}AAAA`))).code).toBe("token-invalid");
    expect(promotions.recordedFacts()).toHaveLength(1);
  });
});

describe("the issuer of passports", () => {
  it("publishes where its keys are, and the keys", async () => {
    const { read } = await passportScene();
    const discovery = await read("/v1/passports/.well-known/openid-configuration");
    expect(discovery).toMatchObject({ status: 200, json: { issuer, jwks_uri: `${issuer}/jwks.json` } });
    const { headers, json } = await read("/v1/passports/jwks.json");
    expect(headers).toEqual({ "cache-control": "public, max-age=300" });
    expect(json).toMatchObject({ keys: [{ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" }] });
    expect(JSON.stringify(json)).not.toContain('"d"');
  });
});
