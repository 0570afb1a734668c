import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import type { Jwk } from "../../../core/attestation/id-token.ts";
import { fromHex } from "../../../core/encoding/bytes.ts";
import { webCryptoCheck } from "../../../portal/src/audit/verifier/web-crypto.ts";

// What the command line and the browser verify with says the same of published vectors.

const inBrowser = webCryptoCheck(crypto.subtle);

describe("Ed25519, by RFC 8032 section 7.1", () => {
  it.each([
    [
      "TEST 1",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "TEST 2",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
      "TEST 3",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
  ])("%s holds, and not for another message", async (_, key, text, hex) => {
    const [publicKey, message, signature] = [key, text, hex].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array];
    for (const [signed, holds] of [
      [message, true],
      [Uint8Array.of(...message, 0), false],
    ] as const) {
      expect(verifyEd25519(publicKey, signed, signature)).toBe(holds);
      expect(await inBrowser({ kind: "ed25519", publicKey, message: signed, signature })).toBe(holds);
    }
  });
});

describe("ECDSA", () => {
  it.each([
    ["P-256", true],
    ["P-384", false],
    ["secp256k1", false],
  ])("holds over P-256 alone, as in the browser: %s", async (namedCurve, holds) => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
    const message = Uint8Array.of(1, 2, 3);
    const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
    expect(verifyEcdsa(pem, message, sign("sha256", message, privateKey))).toBe(holds);
  });
});

describe("a key that is none signed nothing, and says so in no words of a library", () => {
  const [message, signature] = [Uint8Array.of(1, 2, 3), new Uint8Array(64).fill(1)];

  it.each<[string, string, object]>([
    ["RSA without a modulus", "RS256", { kty: "RSA", e: "AQAB" }],
    ["RSA whose modulus is no text", "RS256", { kty: "RSA", n: 5, e: {} }],
    ["P-256 off the curve", "ES256", { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) }],
    ["P-256 whose coordinates are lists", "ES256", { kty: "EC", crv: "P-256", x: [], y: [] }],
    ["Ed25519 without a point", "EdDSA", { kty: "OKP", crv: "Ed25519" }],
    ["Ed25519 whose point is no text", "EdDSA", { kty: "OKP", crv: "Ed25519", x: 5 }],
  ])("%s", async (_, algorithm, told) => {
    const jwk = told as Jwk;
    expect(verifyJws(algorithm, jwk, message, signature)).toBe(false);
    expect(await inBrowser({ kind: "jws", algorithm, jwk, message, signature })).toBe(false);
  });

  it.each([
    ["of no form", "AAAA"],
    ["off the curve", `MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE${"A".repeat(86)}==`],
  ])("in PEM, %s", async (_, spki) => {
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
    expect(verifyEcdsa(pem, message, signature)).toBe(false);
    expect(await inBrowser({ kind: "ecdsa-p256", pem, message, signature })).toBe(false);
  });

  it("and what else a set says of a key bears on no signature", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const signed = new Uint8Array(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
    const jwk = { ...publicKey.export({ format: "jwk" }), d: 7, n: 5, key_ops: 1 } as unknown as Jwk;
    expect(verifyJws("ES256", jwk, message, signed)).toBe(true);
    expect(await inBrowser({ kind: "jws", algorithm: "ES256", jwk, message, signature: signed })).toBe(true);
  });
});

describe("JWS", () => {
  it.each([
    [
      "ES256, by RFC 7515 appendix A.3",
      "ES256",
      {
        kty: "EC",
        crv: "P-256",
        x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
      },
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ],
    [
      "EdDSA, by RFC 8037 appendix A.4",
      "EdDSA",
      { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ],
  ])("%s holds, and under no other algorithm", async (_, algorithm, jwk, token) => {
    const cut = token.lastIndexOf(".");
    const message = Buffer.from(token.slice(0, cut));
    const signature = new Uint8Array(Buffer.from(token.slice(cut + 1), "base64url"));
    for (const [named, holds] of [
      [algorithm, true],
      ["RS256", false],
      ["none", false],
    ] as const) {
      expect(verifyJws(named, jwk, message, signature)).toBe(holds);
      expect(await inBrowser({ kind: "jws", algorithm: named, jwk, message, signature })).toBe(holds);
    }
  });

  // Chromium 147 imports a key in the one spelling of RFC 7518 alone; Node takes any.
  it.each([
    [
      "zeros before an RSA number",
      "RS256",
      "n",
      (number: string) => Buffer.concat([Buffer.from([0]), Buffer.from(number, "base64url")]).toString("base64url"),
    ],
    ["padding", "RS256", "e", (number: string) => `${number}==`],
    [
      "a zero before a coordinate",
      "ES256",
      "x",
      (number: string) => Buffer.concat([Buffer.from([0]), Buffer.from(number, "base64url")]).toString("base64url"),
    ],
    ["a padded point", "EdDSA", "x", (number: string) => `${number}=`],
  ] as const)(
    "is verified in the browser by a key with %s as by the command line",
    async (_, algorithm, name, otherwise) => {
      const { publicKey, privateKey } =
        algorithm === "RS256"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : algorithm === "ES256"
            ? generateKeyPairSync("ec", { namedCurve: "P-256" })
            : generateKeyPairSync("ed25519");
      const own = publicKey.export({ format: "jwk" });
      const message = Uint8Array.of(1, 2, 3);
      const signature = new Uint8Array(
        sign(algorithm === "EdDSA" ? null : "sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
      );
      const imported: JsonWebKey[] = [];
      const subtle = {
        verify: crypto.subtle.verify.bind(crypto.subtle),
        importKey: (
          format: "jwk",
          key: JsonWebKey,
          params: Parameters<SubtleCrypto["importKey"]>[2],
          extractable: boolean,
          uses: KeyUsage[],
        ) => {
          imported.push(key);
          return crypto.subtle.importKey(format, key, params, extractable, uses);
        },
      };
      const jwk = { ...own, kty: String(own.kty), [name]: otherwise(String(own[name])) };
      const check = webCryptoCheck(subtle as unknown as SubtleCrypto);
      expect(verifyJws(algorithm, jwk, message, signature)).toBe(true);
      expect(await check({ kind: "jws", algorithm, jwk, message, signature })).toBe(true);
      expect(imported).toEqual([own]);
    },
  );
});
