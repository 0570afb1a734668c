import { describe, expect, it } from "vitest";
import { knownByServices, type PublishedService, readKeptService } from "../../core/archive/kept-service.ts";
import { base64 } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { publishedAsTyped } from "../../portal/src/audit/published-as-typed.ts";
import { nothingKnown } from "../../portal/src/audit/use-verifier.ts";
import { knownFrom } from "../../portal/src/audit/verifier/known-keys.ts";
import { verifyFile } from "../../portal/src/audit/verifier/verify-file.ts";
import { zipOf } from "../cli/pack-on-disk.ts";
import { installation } from "../core/archive/house.ts";
import { packOf, verified, verifyOptions } from "../core/archive/memory-pack.ts";
import { namedByOid } from "../core/archive/named-by-claim.ts";
import { attestationKey } from "../core/attestation/signing-keys.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";

/** As somebody kept it of GET /v1/service. */
function kept(over: object = {}, { pem } = attestationKey().key): PublishedService {
  const { origin: logOrigin, publicKey } = MemoryLedger.signer;
  const keys = {
    attestation: { pem, others: [] },
    checkpoint: { ed25519: base64(publicKey), others: [] },
  };
  return readKeptService("service.json", utf8(JSON.stringify({ ...installation, logOrigin, keys, ...over })));
}
const onPage = (...services: PublishedService[]) => knownFrom({ ...nothingKnown, ...publishedAsTyped(services) });

describe("what somebody kept of GET /v1/service", () => {
  it("is known to the audit page as it is to the command line, the claim that names people too", () => {
    const since = kept({ issuer: "https://new.example", subjectClaim: "oid" });
    for (const services of [[], [kept()], [kept({ subjectClaim: "oid" })], [kept(), since, since]])
      expect(onPage(...services)).toEqual(knownByServices(services));
  });

  it("says nothing more of a provider that the reader takes out of the field", () => {
    const typed = { ...nothingKnown, ...publishedAsTyped([kept()]) };
    expect(knownFrom({ ...typed, issuers: "https://new.example" }).subjectClaims).toBeUndefined();
    expect(knownFrom({ ...typed, issuers: `${installation.issuer}, https://new.example` }).subjectClaims).toEqual([
      { issuer: installation.issuer, subjectClaim: "sub" },
    ]);
  });

  it("has the page refuse a log that names people by another claim than it said, and settles that question", async () => {
    const house = await namedByOid();
    const pack = await packOf({ house });
    const file = new File([new Uint8Array(await zipOf(pack))], "audit-pack.zip");
    const { now } = verifyOptions();
    const said = async (subjectClaim: "sub" | "oid") => {
      const known = onPage(kept({ subjectClaim }, house.attestation.key));
      const { result } = await verifyFile(file, { known, now, subtle: crypto.subtle, onRead: () => undefined });
      expect(result).toEqual(await verified(pack, { known }));
      return result;
    };
    expect((await said("sub")).findings.map(({ code }) => code)).toContain("sign-off-invalid");
    const { holds, unchecked } = await said("oid");
    expect(holds).toBe(true);
    expect(unchecked.map(({ sentence }) => sentence).join("\n")).not.toContain("people are named by the claim");
  });
});
