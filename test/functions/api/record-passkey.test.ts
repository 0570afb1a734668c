import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import type { Person } from "../../../core/approval/people.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import { verifyRecordedPasskeyDeed } from "../../../core/attestation/verify-passkey.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { authenticator, presentAndVerified } from "../../core/attestation/authenticator.ts";
import { confirmedPasskey, passkeyDeed, passkeyPredicate } from "../../core/attestation/given-passkey.ts";
import { clientId } from "../../core/attestation/given-sign-off.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, cora, issuer, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { alias, device, guest, type PasskeyScene, passkeyRequest, passkeyScene, routes } from "./passkey-requests.ts";

const enrolled = await passkeyDeed("enrol", device, cora);
const enrolledBefore = await passkeyDeed("enrol", device, { ...cora, address: "before@example.org" });
const revoked = await passkeyDeed("revoke", device, cora);
const confirmed = await confirmedPasskey(device, cora, sam);

describe("enrolling a passkey", () => {
  it.each(["ES256", "EdDSA", "RS256"] as const)("is signed three times over, with %s", async (algorithm) => {
    const used = authenticator(algorithm, "new");
    const { passkeys, post } = passkeyScene();
    const answer = await post(routes.enrol, passkeyRequest("enrol", { with: used }));
    const [deed = expect.unreachable()] = await passkeys.deeds(used.id);
    const { envelope } = deed;
    expect([answer.status, answer.json]).toEqual([201, { id: used.id, deed: "enrol", recordedAt: now, envelope }]);
    const trust = {
      keys: [attestation.key],
      verifySignature: verifyEcdsa,
      verifyJws,
      issuer,
      audiences: [clientId],
      subjectClaim: "sub" as const,
    };
    expect(() => verifyRecordedPasskeyDeed(deed, attestationBase, trust)).not.toThrow();
  });

  it("sent twice is one enrolment", async () => {
    const { passkeys, post } = passkeyScene();
    const sent = passkeyRequest("enrol");
    expect((await post(routes.enrol, sent)).status).toBe(201);
    expect((await post(routes.enrol, sent)).status).toBe(200);
    expect(await passkeys.deeds()).toHaveLength(1);
  });

  it("sent twice at once is one enrolment, and both are told of it", async () => {
    const { passkeys, post } = passkeyScene();
    const sent = passkeyRequest("enrol");
    const [one, another] = await Promise.all([post(routes.enrol, sent), post(routes.enrol, sent)]);
    expect([one.status, another.status].toSorted()).toEqual([200, 201]);
    expect(one.json).toEqual(another.json);
    expect(await passkeys.deeds()).toHaveLength(1);
  });

  it("is for nobody who has twenty that are not revoked, until one of them is", async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, at) => authenticator("ES256", `one of many ${at}`)).map(async (each) => ({
        enrolled: await passkeyDeed("enrol", each, cora),
        revoked: await passkeyDeed("revoke", each, cora),
      })),
    );
    const deeds = many.map((each) => each.enrolled);
    const full = passkeyScene({ deeds });
    expect(await refused(full.post(routes.enrol, passkeyRequest("enrol")))).toMatchObject({
      code: "conflict",
      sentence:
        "You have 20 passkeys that are not revoked, which is as many as one person may have: revoke one that you do not use first.",
    });
    expect(await full.passkeys.deeds()).toHaveLength(20);
    const one = many.slice(-1).map((each) => each.revoked);
    const room = passkeyScene({ deeds: [...deeds, ...one] });
    expect((await room.post(routes.enrol, passkeyRequest("enrol"))).status).toBe(201);
    const ofSam = await Promise.all(
      many.map(async (_, at) => passkeyDeed("enrol", authenticator("ES256", `${at}`), sam)),
    );
    expect((await passkeyScene({ deeds: ofSam }).post(routes.enrol, passkeyRequest("enrol"))).status).toBe(201);
  });

  const other = authenticator("ES256", "other");
  const salted = passkeyPredicate("enrol", device, cora).salt;
  it.each<[string, object, PasskeyScene, string, string]>([
    ["for somebody else", passkeyRequest("enrol", { owner: sam, by: cora }), {}, "not-entitled", "by its owner"],
    ["by somebody without a role", passkeyRequest("enrol", { owner: guest }), {}, "not-entitled", "holds a role"],
    ["by somebody who left", passkeyRequest("enrol"), { members: [sam] }, "not-entitled", "holds a role"],
    [
      "a second time",
      passkeyRequest("enrol", { predicate: { reason: "again" } }),
      { deeds: [enrolled] },
      "conflict",
      "enrolled before",
    ],
    [
      "made for another page",
      passkeyRequest("enrol", { with: { ...device, origin: "https://evil.example" } }),
      {},
      "statement-mismatch",
      "another page",
    ],
    [
      "without a registration",
      passkeyRequest("enrol", { extra: { registration: undefined } }),
      {},
      "invalid-request",
      "registration",
    ],
    [
      "without a signature of it",
      passkeyRequest("enrol", { extra: { assertion: undefined } }),
      {},
      "invalid-request",
      "signature",
    ],
    [
      "registered for another salt",
      passkeyRequest("enrol", { extra: { registration: device.registration("AAAAAAAAAAAAAAAAAAAAAA") } }),
      {},
      "passkey-invalid",
      "challenge",
    ],
    [
      "registered without verifying the person",
      passkeyRequest("enrol", { extra: { registration: device.registration(salted, { flags: 0x41 }) } }),
      {},
      "passkey-invalid",
      "erif",
    ],
    [
      "registered for another relying party",
      passkeyRequest("enrol", { extra: { registration: device.registration(salted, { rpId: "example" }) } }),
      {},
      "passkey-invalid",
      "RP ID",
    ],
    [
      "whose registration is another key's",
      passkeyRequest("enrol", { extra: { registration: other.registration(salted) } }),
      {},
      "passkey-invalid",
      "another key|ID",
    ],
    [
      "that brings a certificate, which would have to be looked up",
      passkeyRequest("enrol", {
        extra: { registration: device.registration(salted, { attStmt: new Map([["x5c", [new Uint8Array(3)]]]) }) },
      }),
      {},
      "passkey-invalid",
      "certificate",
    ],
    [
      "whose signature is over something else",
      passkeyRequest("enrol", { extra: { assertion: device.assertion("AAAA") } }),
      {},
      "passkey-invalid",
      "another decision",
    ],
    [
      "signed without verifying the person",
      (() => {
        const sent = passkeyRequest("enrol");
        const unverified = device.assertion(challengeOf(sent.statement), { flags: presentAndVerified & 1 });
        return { ...sent, assertion: unverified };
      })(),
      {},
      "passkey-invalid",
      "did not verify",
    ],
    [
      "whose login is another decision's",
      passkeyRequest("enrol", { claims: { nonce: "x" } }),
      {},
      "nonce-mismatch",
      "another",
    ],
    [
      "whose login is older than it",
      passkeyRequest("enrol", { claims: { auth_time: 1_700_000_000 } }),
      {},
      "not-fresh",
      "fresh",
    ],
    [
      "that has expired",
      passkeyRequest("enrol", { predicate: { issuedAt: addSeconds(now, -1000), expiresAt: addSeconds(now, -100) } }),
      {},
      "statement-expired",
      "expired",
    ],
    [
      "whose statement names another key than its subject",
      (() => {
        const sent = passkeyRequest("enrol");
        const [subject] = sent.statement.subject;
        const statement = { ...sent.statement, subject: [{ ...subject, digest: { sha256: other.id } }] };
        return { ...sent, statement };
      })(),
      {},
      "statement-mismatch",
      "does not fit",
    ],
    [
      "with fields that nobody knows",
      passkeyRequest("enrol", { extra: { admin: true } }),
      {},
      "invalid-request",
      "admin",
    ],
  ])("%s is refused", async (_, sent, at, code, why) => {
    const { passkeys, post } = passkeyScene(at);
    const refusal = await refused(post(routes.enrol, sent));
    expect(refusal.code).toBe(code);
    expect(refusal.sentence).toMatch(new RegExp(why));
    expect(await passkeys.deeds()).toEqual(at.deeds ?? []);
  });
});

describe("an authenticator that says it made something else than the statement names", () => {
  const enrolment = passkeyRequest("enrol");
  const unlike = authenticator("ES256", "unlike");
  const { credentialId, publicKey } = enrolment.statement.predicate.passkey;
  it.each([
    ["under another id", { credentialId: unlike.credentialId, publicKey }],
    ["another key", { credentialId, publicKey: unlike.publicKey }],
  ])("enrols nothing: %s", async (_, made) => {
    const { passkeys, post } = passkeyScene({ ports: { verifyRegistration: async () => made } });
    const refusal = await refused(post(routes.enrol, enrolment));
    expect([refusal.code, refusal.sentence]).toEqual([
      "passkey-invalid",
      "The statement names another key than the authenticator made.",
    ]);
    expect(await passkeys.deeds()).toEqual([]);
  });

  it.each(["registration", "assertion"])("confirms and revokes nothing with a %s", async (name) => {
    const extra = { [name]: enrolment[name as "assertion"] };
    const { post } = passkeyScene({ deeds: [enrolled] });
    for (const [route, deed, by] of [
      [routes.confirm, "confirm", sam],
      [routes.revoke, "revoke", cora],
    ] as const)
      expect(await refused(post(route, passkeyRequest(deed, { by, extra })))).toMatchObject({
        code: "invalid-request",
        sentence: "Only an enrolment carries answers of a passkey.",
      });
  });
});

describe("confirming a passkey", () => {
  it("is for a second person who holds a role", async () => {
    const { passkeys, post } = passkeyScene({ deeds: [enrolled] });
    expect((await post(routes.confirm, passkeyRequest("confirm", { by: sam }))).status).toBe(201);
    expect(await passkeys.deeds(device.id)).toHaveLength(2);
  });

  const once: readonly Person[] = [
    { name: "Cora", addresses: ["before@example.org", alias.address], accounts: [], identities: [], outside: false },
  ];
  const linked: readonly Person[] = [
    { name: "Cora", addresses: [cora.address, alias.address], accounts: [], identities: [], outside: false },
  ];
  it.each<[string, object, PasskeyScene, string, string]>([
    ["by its owner", passkeyRequest("confirm"), { deeds: [enrolled] }, "not-entitled", "second person"],
    [
      "by its owner under another identity that people.yaml knows",
      passkeyRequest("confirm", { by: alias }),
      { deeds: [enrolled], people: linked },
      "not-entitled",
      "another identity",
    ],
    [
      "by its owner under another identity with the same address",
      passkeyRequest("confirm", { by: alias }),
      { deeds: [enrolled], members: [cora, { ...alias, address: "CORA@example.org" }] },
      "not-entitled",
      "another identity",
    ],
    [
      "by its owner under another identity, by whose sign-in it has the same address",
      passkeyRequest("confirm", { by: { ...alias, address: cora.address.toUpperCase() } }),
      { deeds: [enrolled] },
      "not-entitled",
      "another identity",
    ],
    [
      "by its owner under another identity, as the address tells that the owner had when it was made",
      passkeyRequest("confirm", { by: alias }),
      { deeds: [enrolledBefore], people: once },
      "not-entitled",
      "another identity",
    ],
    [
      "by somebody without a role",
      passkeyRequest("confirm", { by: guest }),
      { deeds: [enrolled] },
      "not-entitled",
      "role",
    ],
    [
      "that is stored otherwise than it was enrolled, and shown so",
      passkeyRequest("confirm", { by: sam, predicate: { passkey: { ...enrolled.passkey, name: "Phone" } } }),
      { deeds: [{ ...enrolled, passkey: { ...enrolled.passkey, name: "Phone" } }] },
      "passkey-invalid",
      "is not stored as it was signed for",
    ],
    ["that nobody enrolled", passkeyRequest("confirm", { by: sam }), {}, "not-found", "no such"],
    ["a second time", passkeyRequest("confirm", { by: sam }), { deeds: confirmed }, "conflict", "before"],
    ["that was revoked", passkeyRequest("confirm", { by: sam }), { deeds: [enrolled, revoked] }, "conflict", "revoked"],
    [
      "under another name",
      (() => {
        const { passkey } = passkeyPredicate("confirm", device, cora);
        return passkeyRequest("confirm", { by: sam, predicate: { passkey: { ...passkey, name: "Phone" } } });
      })(),
      { deeds: [enrolled] },
      "statement-mismatch",
      "otherwise",
    ],
    [
      "with a signature of it",
      passkeyRequest("confirm", { by: sam, extra: { assertion: device.assertion("AA") } }),
      { deeds: [enrolled] },
      "invalid-request",
      "Only an enrolment",
    ],
  ])("%s is refused", async (_, sent, at, code, why) => {
    const refusal = await refused(passkeyScene(at).post(routes.confirm, sent));
    expect([refusal.code, refusal.sentence]).toEqual([code, expect.stringContaining(why)]);
  });

  it("at the address of a revocation, or of another passkey, is refused", async () => {
    const { post } = passkeyScene({ deeds: [enrolled] });
    const sent = passkeyRequest("confirm", { by: sam });
    expect((await refused(post(routes.revoke, sent))).code).toBe("statement-mismatch");
    expect((await refused(post(routes.confirm, sent, "0".repeat(64)))).code).toBe("statement-mismatch");
    expect((await refused(post(routes.confirm, sent, "nothing"))).code).toBe("not-found");
  });
});

describe("revoking a passkey", () => {
  it.each([
    ["its owner", cora],
    ["anybody who holds a role", sam],
  ])("is for %s", async (_, by) => {
    const { post } = passkeyScene({ deeds: confirmed });
    expect((await post(routes.revoke, passkeyRequest("revoke", { by }))).status).toBe(201);
  });

  it("is not for others, and not done twice", async () => {
    expect(
      (await refused(passkeyScene({ deeds: confirmed }).post(routes.revoke, passkeyRequest("revoke", { by: guest }))))
        .code,
    ).toBe("not-entitled");
    expect(
      (await refused(passkeyScene({ deeds: [...confirmed, revoked] }).post(routes.revoke, passkeyRequest("revoke"))))
        .code,
    ).toBe("conflict");
  });
});
