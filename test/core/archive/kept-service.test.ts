import { describe, expect, it } from "vitest";
import { knownByServices, publishedTexts, readKeptService } from "../../../core/archive/kept-service.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { formatVerifierKey, noteKey } from "../../../core/ledger/note-key.ts";
import { installation } from "../attestation/given-installation.ts";
import { attestationKey } from "../attestation/signing-keys.ts";
import { testSigner } from "../ledger/ed25519.ts";

const [first, next] = [attestationKey().key, attestationKey().key];
const { publicKey } = testSigner(installation.logOrigin, 7);
const keys = {
  attestation: { keyid: first.keyid, pem: first.pem, others: [{ keyid: next.keyid, pem: next.pem }] },
  checkpoint: { ed25519: base64(publicKey), others: [] },
};
/** As GET /v1/service answers. */
const answer = { ...installation, portalClientId: "portal-client", cliClientId: "cli-client", keys };
const read = (over: object) => readKeptService("service.json", utf8(JSON.stringify({ ...answer, ...over })));
const checkpointKey = noteKey(installation.logOrigin, "ed25519", publicKey);

describe("what somebody kept of GET /v1/service", () => {
  it("is what a pack is held against: keys, and whose sign-ins and passkeys count", () => {
    expect(knownByServices([read({})])).toEqual({
      attestationKeys: [first, next],
      checkpointKeys: [checkpointKey],
      issuers: [installation.issuer],
      audiences: installation.audiences,
      subjectClaims: [{ issuer: installation.issuer, subjectClaim: "sub" }],
      origins: installation.passkeys.origins,
    });
    expect(knownByServices([])).toEqual({});
  });

  it("adds up over the years, everything once", () => {
    const since = { audiences: ["new-client", "cli-client"], passkeys: { origins: ["https://new.example"] } };
    expect(publishedTexts([read({}), read({ ...since, issuer: "https://new.example" })])).toEqual({
      pems: [first.pem, next.pem],
      verifierKeys: [formatVerifierKey(checkpointKey)],
      issuers: [installation.issuer, "https://new.example"],
      audiences: ["portal-client", "cli-client", "new-client"],
      origins: ["https://sign.example", "https://new.example"],
    });
  });

  it("is of one deployment", () => {
    expect(() => publishedTexts([read({}), read({ logOrigin: "other.example/1" })])).toThrow(
      "The answers are of two deployments, with the logs 'log.example/1' and 'other.example/1'.",
    );
  });

  it.each([
    ["before it told whose sign-ins count", { audiences: undefined }, "audiences"],
    ["without an application", { audiences: [] }, "audiences"],
    [
      "with a key that is none",
      { keys: { ...keys, checkpoint: { ed25519: "AAAA", others: [] } } },
      "checkpoint.ed25519",
    ],
  ])("is refused %s", (_, over, where) => {
    expect(() => read(over)).toThrow(new RegExp(`^service\\.json is no answer of GET /v1/service .*${where}\\)`));
  });

  it("is refused where it is not JSON", () => {
    expect(() => readKeptService("kept.json", utf8("<!doctype html>"))).toThrow(/^kept\.json is not JSON/);
  });
});
