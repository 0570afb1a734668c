import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { type DelegationDocument, delegationIdOf } from "../../../core/attestation/delegation-statement.ts";
import { delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import { passkeysOf, type RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { verifyRecordedDelegationDeed } from "../../../core/attestation/verify-delegation.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { FailureCode } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { confirmedPasskey } from "../../core/attestation/given-passkey.ts";
import { clientId } from "../../core/attestation/given-sign-off.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  bo,
  cora,
  everybody,
  issuer,
  member,
  now,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import {
  type DelegationScene,
  delegationRequest,
  delegationScene,
  emil,
  given,
  routes,
} from "./delegation-requests.ts";

const trust = {
  keys: [attestation.key],
  verifySignature: verifyEcdsa,
  verifyJws,
  issuer,
  audiences: [clientId],
  subjectClaim: "sub" as const,
};

describe("a delegation", () => {
  it("is recorded with what proves who gave it, once", async () => {
    const { delegations, post } = delegationScene();
    const request = delegationRequest("delegate");
    expect((await post(routes.delegate, request)).status).toBe(201);
    expect((await post(routes.delegate, request)).status).toBe(200);
    const [recorded = expect.unreachable(), ...more] = delegations.recorded;
    expect(more).toEqual([]);
    expect(recorded).toMatchObject({ id: delegationIdOf(given), personName: "Sam", recordedAt: now });
    expect(() => verifyRecordedDelegationDeed(recorded, attestationBase, trust)).not.toThrow();
  });

  it("sent twice at once is one, and both are told of it", async () => {
    const { delegations, post } = delegationScene();
    const request = delegationRequest("delegate");
    const [one, other] = await Promise.all([post(routes.delegate, request), post(routes.delegate, request)]);
    expect([one.status, other.status].toSorted()).toEqual([200, 201]);
    expect(one.json).toEqual(other.json);
    expect(delegations.recorded).toHaveLength(1);
  });

  it.each([sam, emil])("is revoked by either of the two, once: $name", async (by) => {
    const deeds = [await delegationDeed("delegate", given, sam)];
    const { delegations, post } = delegationScene({ deeds });
    expect((await post(routes.revoke, delegationRequest("revoke", { by }))).status).toBe(201);
    expect(delegations.recorded[1]).toMatchObject({ deed: "revoke", personName: by.name });
    const again = delegationRequest("revoke", { by, predicate: { issuedAt: addSeconds(now, -50) } });
    await expect(post(routes.revoke, again)).rejects.toMatchObject({ code: "already-decided" });
  });

  it("is taken where fewer than fifty of the same person run, revoked ones aside, and revoked at any number", async () => {
    const salted = (at: number) => ({ salt: String(at).padEnd(22, "A") });
    const run = async (at: number, by = sam) =>
      delegationDeed("delegate", delegationDocument(by, emil, "sre", salted(at)), by);
    const running = await Promise.all(Array.from({ length: 50 }, (_, at) => run(at)));
    const full = delegationScene({ deeds: [...running, await delegationDeed("delegate", given, sam)] });
    const next = delegationRequest("delegate", other(salted(99)));
    await expect(full.post(routes.delegate, next)).rejects.toMatchObject({
      code: "conflict",
      message:
        "You have 50 delegations that are not over, which is as many as one person may have: revoke one of them first.",
    });
    expect((await full.post(routes.revoke, delegationRequest("revoke"))).status).toBe(201);
    const [first = expect.unreachable(), ...others] = running;
    const revoked = { ...first, deed: "revoke" as const };
    const room = delegationScene({ deeds: [first, revoked, ...others, await run(50, cora)] });
    expect((await room.post(routes.delegate, next)).status).toBe(201);
  });

  it("is taken fifty times of one person also where they come at once, and of others all the same", async () => {
    const store = new MemoryDelegations();
    const behind = { deeds: store.deeds, record: store.record, notOver: async () => [] };
    const { post } = delegationScene({ ports: { delegations: behind } });
    const send = (at: number, by = sam) => {
      const salt = String(at).padEnd(22, "A");
      const role = by === sam ? "sre" : "compliance-officer";
      return post(
        routes.delegate,
        delegationRequest("delegate", { by, document: delegationDocument(by, emil, role, { salt }) }),
      );
    };
    for (let at = 0; at < 50; at += 1) expect((await send(at)).status).toBe(201);
    await expect(send(50)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/^You have 50 delegations that are not over/),
    });
    expect((await send(51, cora)).status).toBe(201);
    expect(store.recorded).toHaveLength(51);
  });

  it("is counted once while it is on its way and recorded at the same time", async () => {
    const salted = (at: number) => ({ salt: String(at).padEnd(22, "A") });
    const { delegations, post } = delegationScene();
    for (let at = 0; at < 50; at += 1) {
      const document = delegationDocument(sam, emil, "sre", salted(at));
      expect((await post(routes.delegate, delegationRequest("delegate", { document }))).status).toBe(201);
    }
    expect(delegations.recorded).toHaveLength(50);
  });

  it("is not revoked by an address that names none", async () => {
    const { post } = delegationScene({ deeds: [await delegationDeed("delegate", given, sam)] });
    await expect(post(routes.revoke, delegationRequest("revoke"), "../sre")).rejects.toMatchObject({
      code: "not-found",
      message: "There is no such delegation.",
    });
    const another = delegationIdOf({ ...given, role: "another" });
    await expect(post(routes.revoke, delegationRequest("revoke"), another)).rejects.toMatchObject({
      code: "statement-mismatch",
    });
  });

  const other = (over: Partial<DelegationDocument>) => ({ document: { ...given, ...over } });
  it.each<[string, Parameters<typeof delegationRequest>[1], FailureCode, string]>([
    ["another person's role", { by: bo, document: given }, "not-entitled", "Nobody delegates"],
    [
      "a role that the delegator does not hold",
      { by: cora, document: delegationDocument(cora, emil, "sre") },
      "not-entitled",
      "holds it in their own right",
    ],
    ["a role that nobody knows", other({ role: "admiral" }), "invalid-request", "no role 'admiral'"],
    ["a model type that nobody knows", other({ scope: { modelType: "x" } }), "invalid-request", "no model type 'x'"],
    ["a target that nobody knows", other({ scope: { target: "x" } }), "invalid-request", "no target 'x'"],
    ["a time that is over", other({ until: now }), "invalid-request", "over before it begins"],
    ["91 days", other({ until: addSeconds(now, 91 * 86_400) }), "invalid-request", "90 days at most"],
    [
      "one that begins in years",
      other({ from: addSeconds(now, 90 * 86_400 + 1), until: addSeconds(now, 100 * 86_400) }),
      "invalid-request",
      "begins within 90 days",
    ],
    ["no other person", other({ delegate: sam.identity }), "invalid-request", "their own place"],
    ["somebody unknown", other({ delegate: member("Nobody").identity }), "invalid-request", "not in the directory"],
    ["another decision than was signed", { claims: { nonce: "another" } }, "nonce-mismatch", "another decision"],
    ["what an old sign-in says", { claims: { auth_time: 1_600_000_000 } }, "not-fresh", "older than the decision"],
  ])("is refused: %s", async (_, asked, code, why) => {
    const { delegations, post } = delegationScene();
    const refused = post(routes.delegate, delegationRequest("delegate", asked));
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(why) });
    expect(delegations.recorded).toEqual([]);
  });

  it.each<[string, NonNullable<DelegationScene["sre"]>, object, string]>([
    [
      "its holder's own passkey",
      { secondFactor: "passkey" },
      { amr: ["hwk"] },
      "you signed without a passkey that is confirmed and not revoked, which the role 'SRE' asks for",
    ],
    [
      "another way to sign in than was used",
      { signIn: { amr: ["otp"] } },
      { amr: ["pwd"] },
      "you signed in without 'otp' (amr)",
    ],
  ])("is refused where the role asks for %s", async (_, sre, claims, why) => {
    const scene = delegationScene({ sre });
    await expect(scene.post(routes.delegate, delegationRequest("delegate", { claims }))).rejects.toMatchObject({
      code: "not-entitled",
      message: expect.stringContaining(why),
    });
    expect(scene.delegations.recorded).toEqual([]);
  });

  const device = authenticator();
  it("is given where the delegator's passkey signed it as well, and that is kept", async () => {
    const passkeys = await confirmedPasskey(device, sam, cora);
    const scene = delegationScene({ sre: { secondFactor: "passkey" }, passkeys });
    expect((await scene.post(routes.delegate, delegationRequest("delegate", { device }))).status).toBe(201);
    const [recorded = expect.unreachable()] = scene.delegations.recorded;
    expect(recorded.passkey).toEqual({ id: device.id, counter: 0 });
    const { body, attachments, summary } = delegationFact(recorded);
    expect(body["passkey"]).toEqual({ id: device.id, counter: 0 });
    expect(attachments.map(({ name }) => name)).toContain("passkey.json");
    expect(summary).toContain(", with a passkey");
    const [passkey] = passkeysOf(passkeys);
    const verify =
      (from: object, own = passkey) =>
      () =>
        verifyRecordedDelegationDeed({ ...recorded, ...from }, attestationBase, {
          ...trust,
          ...(own === undefined ? {} : { passkey: own }),
        });
    expect(verify({})).not.toThrow();
    expect(verify({ passkey: { id: device.id, counter: 7 } })).toThrow("another signature counter");
    expect(verify({ assertion: device.assertion("another") })).toThrow("another decision");
    expect(verify({ assertion: undefined })).toThrow("contradict each other");
    expect(() => verifyRecordedDelegationDeed(recorded, attestationBase, trust)).toThrow("was never enrolled");
  });

  it.each<[string, () => Promise<readonly RecordedPasskeyDeed[]>, string]>([
    ["another person's", () => confirmedPasskey(device, cora, sam), "none of yours"],
    ["one that nobody confirmed", async () => (await confirmedPasskey(device, sam, cora)).slice(0, 1), "not confirmed"],
  ])("is refused with a passkey that is %s", async (_, passkeys, why) => {
    const scene = delegationScene({ passkeys: await passkeys() });
    const refused = scene.post(routes.delegate, delegationRequest("delegate", { device }));
    await expect(refused).rejects.toMatchObject({ code: "passkey-invalid", message: expect.stringContaining(why) });
    expect(scene.delegations.recorded).toEqual([]);
  });

  it("is revoked by a login alone, whatever the role asks for", async () => {
    const deeds = [await delegationDeed("delegate", given, sam)];
    const scene = delegationScene({ deeds, sre: { secondFactor: "passkey" } });
    const withOne = scene.post(routes.revoke, delegationRequest("revoke", { device }));
    await expect(withOne).rejects.toMatchObject({ code: "invalid-request" });
    expect((await scene.post(routes.revoke, delegationRequest("revoke"))).status).toBe(201);
  });

  it("is given where one signed in as the role asks for", async () => {
    const { post } = delegationScene({ sre: { signIn: { amr: ["otp"] } } });
    const request = delegationRequest("delegate", { claims: { amr: ["pwd", "otp"] } });
    expect((await post(routes.delegate, request)).status).toBe(201);
  });

  it("is refused to somebody whose account is disabled, and to a second account of one's own", async () => {
    const gone = { ...emil, enabled: false };
    const twin = { ...emil, address: sam.address };
    for (const [delegate, why] of [
      [gone, "disabled"],
      [twin, "their own place"],
    ] as const) {
      const { post } = delegationScene({ members: [...everybody, delegate] });
      await expect(post(routes.delegate, delegationRequest("delegate"))).rejects.toThrow(why);
    }
  });

  it("is not revoked by others, nor where it never was", async () => {
    const deeds = [await delegationDeed("delegate", given, sam)];
    const revoke = (by: Member, known = deeds) =>
      delegationScene({ deeds: known }).post(routes.revoke, delegationRequest("revoke", { by }));
    await expect(revoke(cora)).rejects.toMatchObject({ code: "not-entitled" });
    await expect(revoke(sam, [])).rejects.toMatchObject({ code: "not-found" });
  });

  it("is refused at another address than its own, and where a field was changed", async () => {
    const { post } = delegationScene();
    const request = delegationRequest("delegate");
    await expect(post(routes.revoke, request)).rejects.toMatchObject({ code: "statement-mismatch" });
    const changed = structuredClone(request) as { statement: { subject: { 0: { name: string } } } };
    changed.statement.subject[0].name = "another";
    await expect(post(routes.delegate, changed)).rejects.toMatchObject({ code: "statement-mismatch" });
    await expect(post(routes.delegate, { ...request, more: 1 })).rejects.toMatchObject({ code: "invalid-request" });
  });
});

describe("a recorded delegation", () => {
  const verifiedAs = async (over: Partial<DelegationDocument>, recordedAt = addSeconds(now, -3600)) => {
    const recorded = await delegationDeed("delegate", { ...given, ...over }, sam, recordedAt);
    verifyRecordedDelegationDeed(recorded, attestationBase, trust);
  };

  it("lasts ninety days at most, from when it begins or was recorded", async () => {
    const days = (from: Instant, number: number) => addSeconds(from, number * 86_400);
    const [past, soon] = [addSeconds(now, -7200), days(now, 30)];
    await verifiedAs({ from: past, until: days(addSeconds(now, -3600), 90) });
    await verifiedAs({ from: soon, until: days(soon, 90) });
    for (const from of [past, soon]) {
      const until = addSeconds(days(from === past ? addSeconds(now, -3600) : from, 90), 1);
      await expect(verifiedAs({ from, until })).rejects.toThrow("A delegation lasts 90 days at most.");
    }
  });

  it("holds where it begins in years, as the service took some once", async () => {
    const from = addSeconds(now, 1000 * 86_400);
    await verifiedAs({ from, until: addSeconds(from, 90 * 86_400) });
  });

  it("is between two", async () => {
    await expect(verifiedAs({ delegate: sam.identity })).rejects.toThrow("Nobody stands in their own place.");
  });
});

describe("a recorded delegation that was changed", () => {
  it.each<[string, object, string]>([
    ["in its end", { delegation: { ...given, until: addSeconds(now, 90_000) } }, "about another delegation"],
    ["in its person", { person: cora.identity }, "names somebody else"],
    ["in its groups", { groups: ["sre", "lead-data-scientists"] }, "other groups"],
    ["in its time", { recordedAt: addSeconds(now, 3600) }, "has expired"],
    ["in its deed", { deed: "revoke" }, "another deed"],
    ["in its id", { id: delegationIdOf({ ...given, role: "a" }) }, "another delegation's id"],
  ])("%s is found", async (_, over, why) => {
    const recorded = { ...(await delegationDeed("delegate", given, sam)), ...over };
    expect(() => verifyRecordedDelegationDeed(recorded, attestationBase, trust)).toThrow(why);
  });
});

describe("an absence", () => {
  const later = addSeconds(now, 7 * 86_400);
  const request = (route: string, json?: unknown) => ({
    method: json === undefined ? "GET" : "POST",
    route,
    parameters: {},
    query: {},
    headers: { authorization: "Bearer token", "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify(json)),
  });
  const plan = async (who: Member, scene: ReturnType<typeof delegationScene>) =>
    (await scene.as(who)(request(routes.delegate))).json;

  it("is marked, shown to its person alone, and ended", async () => {
    const scene = delegationScene();
    const mark = (until: Instant) => scene.as(sam)(request(routes.absence, { until }));
    await mark(later);
    expect(await plan(sam, scene)).toMatchObject({ absentUntil: later, person: sam.identity });
    expect(await plan(cora, scene)).not.toHaveProperty("absentUntil");
    await mark(now);
    expect(await plan(sam, scene)).not.toHaveProperty("absentUntil");
  });

  it("is refused without an end, longer than a year, and to those without a role", async () => {
    const { as } = delegationScene();
    await expect(as(sam)(request(routes.absence, {}))).rejects.toMatchObject({ code: "invalid-request" });
    const decade = { until: addSeconds(now, 10 * 366 * 86_400) };
    await expect(as(sam)(request(routes.absence, decade))).rejects.toThrow("within a year");
    await expect(as(emil)(request(routes.absence, { until: later }))).rejects.toMatchObject({ code: "forbidden" });
  });

  it("comes with the delegations of the two whom they are about, and what could be delegated to whom", async () => {
    const scene = delegationScene({ deeds: [await delegationDeed("delegate", given, sam)] });
    expect(await plan(sam, scene)).toMatchObject({
      delegations: [{ id: delegationIdOf(given), delegatorName: "Sam", delegateName: "Emil", delegation: given }],
      roles: [{ role: "sre", title: "SRE" }],
      targets: ["production"],
      people: [{ name: "Bo" }, { name: "Cora" }, { name: "Dana" }, { name: "Emil" }, { name: "Tom" }],
    });
    expect(await plan(emil, scene)).toMatchObject({ delegations: [{ delegatorName: "Sam" }], roles: [], people: [] });
    const withPasskey = delegationScene({ sre: { secondFactor: "passkey" } });
    const sre = { role: "sre", title: "SRE", secondFactor: "passkey" };
    expect(await plan(sam, withPasskey)).toMatchObject({ roles: [sre] });
    const byClass = delegationScene({ sre: { signIn: { acr: ["urn:x:mfa", "of two words"], amr: ["otp"] } } });
    expect(await plan(sam, byClass)).toMatchObject({ roles: [{ role: "sre", title: "SRE", acr: ["urn:x:mfa"] }] });
    expect(await plan(cora, scene)).toMatchObject({ delegations: [] });
    await expect(plan(emil, delegationScene())).rejects.toMatchObject({ code: "forbidden" });
  });
});
