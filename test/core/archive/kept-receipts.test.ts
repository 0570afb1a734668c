import { p256 } from "@noble/curves/nist.js";
import { beforeAll, describe, expect, it } from "vitest";
import { type KeptReceipt, readReceipts } from "../../../core/archive/kept-receipts.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { sigstoreBundle } from "../../../core/attestation/sigstore-bundle.ts";
import { base64, fromBase64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { anotherKey } from "./another-key.ts";
import { cora, House } from "./house.ts";
import { type Files, packOf, verified } from "./pack-fixture.ts";
import { factOf, goingOn } from "./retelling.ts";
import { attestationBase } from "./reviewers.ts";
import { attestationKeyOfPack, keptFiles, told } from "./told.ts";
import { answerFor, longAfter, muchLater, unrecordedRejection } from "./unrecorded.ts";

async function said(files: Files, receipts: readonly KeptReceipt[], now = muchLater) {
  const { findings, unchecked } = await verified(files, { receipts, now });
  return [findings, unchecked].map((each) =>
    each.map(({ sentence }) => sentence).filter((sentence) => sentence.startsWith("kept.json: ")),
  );
}

/** The other signature that verifies just as well: s in the place of n − s, or n − s in the place of s. */
function turnedRound(sig: string): string {
  const { r, s } = p256.Signature.fromBytes(fromBase64(sig), "der");
  return base64(new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes("der"));
}

describe("what people were answered as they signed", () => {
  it("is in the log, of every kind", async () => {
    const types = ["sign-off", "loan-requested", "verdict", "delegated", "delegation-revoked"] as const;
    const passkeys = ["passkey-enrolled", "passkey-confirmed", "passkey-revoked"] as const;
    const { facts, blobs } = told.house;
    const receipts = [...types, ...passkeys].flatMap((type) => {
      const [signed = expect.unreachable(type)] = facts.filter((fact) => fact.type === type);
      return readReceipts("kept.json", answerFor(signed, blobs));
    });
    expect(receipts).toHaveLength(8);
    const now = "2026-11-27T12:00:00.000Z" as Instant;
    expect(await said(keptFiles, receipts, now)).toEqual([[], []]);
    const { receipts: found } = await verified(keptFiles, { receipts, now });
    const [signOff = expect.unreachable()] = found ?? [];
    const place = facts.findIndex(({ type }) => type === "sign-off");
    expect(found).toHaveLength(8);
    expect(signOff).toMatch(new RegExp(`^kept\\.json: the log has a sign-off of 2026-.*Z, as entry ${place}\\.$`));
  });

  it("is one receipt for each thing that was signed, of whatever GET …/attestations answers, bundles alone too", () => {
    const { facts, blobs } = told.house;
    const signed = facts.filter(({ type }) => type === "sign-off").slice(0, 2);
    const answers = signed.map((fact) => readReceipts("kept.json", answerFor(fact, blobs)));
    const signOffs = answers.flat().map(({ envelope }) => ({ envelope, bundle: sigstoreBundle(envelope) }));
    const read = (signOffs: unknown) => readReceipts("kept.json", utf8(JSON.stringify({ promotion: "p", signOffs })));
    expect(read(signOffs)).toEqual(answers.flat());
    expect(read(signOffs.map(({ bundle }) => bundle))).toEqual(answers.flat());
  });
});

describe("what was recorded as it was signed", () => {
  it("is in the log, however whoever kept it changed what is not signed: more beside it, or another signature", async () => {
    const house = new House();
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora);
    await longAfter(house);
    const files = await packOf({ house });
    const signed = factOf(house, "sign-off", id);
    const [{ envelope } = expect.unreachable()] = readReceipts("kept.json", answerFor(signed, house.blobs));
    const signatures = envelope.signatures.map((each) => ({ ...each, sig: turnedRound(each.sig) }));
    expect(signatures).not.toEqual(envelope.signatures);
    for (const kept of [
      { ...envelope, savedAt: "today" },
      { ...envelope, signatures },
    ]) {
      const receipts = readReceipts("kept.json", utf8(JSON.stringify({ envelope: kept })));
      expect(await said(files, receipts)).toEqual([[], []]);
      expect((await verified(files, { receipts, now: muchLater })).receipts).toHaveLength(1);
    }
  });
});

describe("a rejection that was never recorded", () => {
  let house: House;
  let without: () => readonly Fact[];
  let receipts: readonly KeptReceipt[];
  beforeAll(async () => {
    const scene = await unrecordedRejection();
    ({ house, without } = scene);
    receipts = readReceipts("kept.json", scene.answer);
  });

  it("is found by whoever kept what they were answered, once the log goes on", async () => {
    expect(await said(await packOf({ house }, { facts: without() }), receipts)).toEqual([
      [],
      [
        expect.stringMatching(
          /recorded a sign-off of .*, and the log, which may have it later, does not go on for long/,
        ),
      ],
    ]);
    await longAfter(house);
    const files = await packOf({ house }, { facts: without() });
    expect(await said(files, [])).toEqual([[], []]);
    expect(await said(files, receipts)).toEqual([
      [expect.stringMatching(/the service answered that it had recorded a sign-off of .*, does not tell of it\.$/)],
      [],
    ]);
    expect((await verified(files, { receipts, now: muchLater })).receipts).toEqual([]);
    const promotion = without().find(({ type }) => type === "request")?.promotion ?? expect.unreachable();
    const part = await packOf({ house }, { facts: without(), scope: { kind: "promotion", promotion } });
    expect(await said(part, receipts)).toEqual([
      [],
      [expect.stringMatching(/this part of the log does not have it\.$/)],
    ]);
  });

  it("is not recorded by whatever else brings what was signed", async () => {
    const [{ envelope } = expect.unreachable()] = receipts;
    const sha256 = sha256Hex(canonicalJsonBytes({ ...envelope }));
    const letter = { name: "sign-off.dsse.json", mediaType: "application/json", sha256 };
    const facts = without().map((fact) => (fact.type === "stage-opened" ? { ...fact, attachments: [letter] } : fact));
    expect(await said(await packOf({ house }, { facts }), receipts)).toEqual([[expect.any(String)], []]);
  });

  it("is not recorded by what hangs beside another one", async () => {
    const of = told.house.facts.filter(({ type, promotion }) => type === "sign-off" && promotion === told.deployed);
    const [hidden = expect.unreachable(), beside] = of;
    const kept = readReceipts("kept.json", answerFor(hidden, told.house.blobs));
    const [envelope = expect.unreachable()] = hidden.attachments.filter(({ name }) => name === "sign-off.dsse.json");
    const more = (fact: Fact) => [...fact.attachments, { ...envelope, name: "envelope.json" }];
    const facts = told.house.facts.flatMap((fact) =>
      fact === hidden ? [] : [fact === beside ? { ...fact, attachments: more(fact) } : fact],
    );
    const lying = { ...told.house, attestation: { key: attestationKeyOfPack } };
    const files = await packOf({ house: lying }, { facts: goingOn(facts, 2 * 86_400) });
    expect(await said(files, kept, "2026-12-09T00:00:00.000Z" as Instant)).toEqual([[expect.any(String)], []]);
  });

  it("is found with a receipt by a key that followed the one that the reader knows", async () => {
    const renewed = new House();
    const [second, first] = await anotherKey(renewed);
    const scene = await unrecordedRejection(renewed);
    await longAfter(renewed);
    const files = await packOf(
      { house: renewed },
      { facts: scene.without(), attestationKeys: [second.key, first.key] },
    );
    const kept = readReceipts("kept.json", scene.answer);
    for (const attestationKeys of [undefined, [first.key]]) {
      const known = attestationKeys === undefined ? {} : { attestationKeys };
      const { findings } = await verified(files, { receipts: kept, now: muchLater, known });
      expect(findings.map(({ code }) => code)).toEqual(["record-missing"]);
    }
  });

  it("is nothing that the service signs and answers nobody with", async () => {
    const statement = { _type: "https://in-toto.io/Statement/v1", predicateType: `${attestationBase}/other/v1` };
    const { key, sign } = house.attestation;
    const envelope = await signEnvelope(canonicalJsonBytes(statement), key.keyid, sign);
    const others = readReceipts("kept.json", canonicalJsonBytes({ ...envelope }));
    expect(await said(await packOf({ house }), others)).toEqual([
      [],
      ["kept.json: what is in it is nothing that the service answers whoever signed."],
    ]);
  });

  it("is nothing that the service did not sign", async () => {
    const [{ envelope } = expect.unreachable()] = receipts;
    const signatures = envelope.signatures.map((signature) => ({ ...signature, sig: "MAA=" }));
    const other: Json = JSON.parse(JSON.stringify({ signOffs: [{ envelope: { ...envelope, signatures } }] }));
    const forged = readReceipts("kept.json", canonicalJsonBytes(other));
    expect(await said(await packOf({ house }), forged)).toEqual([
      [],
      ["kept.json: what is in it was signed by no key that counts here."],
    ]);
    expect(() => readReceipts("kept.json", utf8('{"id":"x"}'))).toThrow(
      "kept.json is no receipt: it holds no signed envelope",
    );
  });
});
