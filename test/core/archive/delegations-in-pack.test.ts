import { beforeAll, describe, expect, it } from "vitest";
import type { DelegationDocument } from "../../../core/attestation/delegation-statement.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import { authenticator } from "../attestation/authenticator.ts";
import { member } from "../promotion/promotion-in-review.ts";
import { cora, dana, House, sam, shipped, shippedWith, tom } from "./house.ts";
import { packOf, type Recorded, verified } from "./pack-fixture.ts";
import { delegationRevokedBefore } from "./revoked-meanwhile.ts";

const emil = member("Emil", "visitors");
const morning = "2026-11-23T08:00:00.000Z" as Instant;
const document: DelegationDocument = {
  delegator: sam.identity,
  delegate: emil.identity,
  role: "sre",
  scope: { modelType: "credit-scoring" },
  from: morning,
  until: addSeconds(morning, 7 * 86_400),
  reason: "",
  salt: "AAAAAAAAAAAAAAAAAAAAAA",
};
let recorded: Recorded;
let delegation: Sha256;

async function reviewed(house: House) {
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await house.sign(deployed, cora);
  await house.openStage(deployed);
  await house.sign(deployed, dana);
  return deployed;
}

/** Emil signs in Sam's place, and the delegation is revoked afterwards; another one is nobody's concern here. */
beforeAll(async () => {
  const house = new House(undefined, undefined, [emil]);
  delegation = await house.delegate("delegate", document, sam);
  await house.delegate("delegate", { ...document, delegator: tom.identity, role: "lead-data-scientist" }, tom);
  const deployed = await reviewed(house);
  await house.sign(deployed, emil, "approve", { inPlaceOf: { who: sam, delegation, role: "sre" } });
  expect(await house.verify(deployed)).toBe("passed");
  await house.delegate("revoke", document, sam);
  recorded = { house, deployed, rejected: deployed, blocked: deployed };
});

const whole = () => ({ kind: "everything" }) as const;
const one = () => ({ kind: "promotion", promotion: recorded.deployed }) as const;
const isAbout = (fact: Fact, type: FactType) => fact.type === type && fact.body["delegation"] === delegation;

async function problems(facts: readonly Fact[], blobs = recorded.house.blobs): Promise<readonly string[]> {
  const { findings, holds } = await verified(await packOf(recorded, { facts, blobs, scope: whole() }));
  expect(holds).toBe(false);
  return findings.map(({ code, sentence }) => `${code}: ${sentence}`);
}

describe("a pack of a role that asks for a passkey, signed in somebody's place", () => {
  // Whoever enrols a passkey holds a role of their own.
  const ines = member("Ines", "compliance-officers");
  const given = { ...document, delegate: ines.identity };
  const [ofSam, ofInes] = [authenticator(), authenticator()];
  const matrix = shipped.bundle.texts["matrix.yaml"];
  const stricter = matrix.replace(/^ {2}sre:\n/m, "$&    secondFactor: passkey\n");
  async function story(revoked = false) {
    const house = new House(undefined, shippedWith(stricter), [ines]);
    for (const [device, owner, other] of [
      [ofSam, sam, cora],
      [ofInes, ines, sam],
    ] as const) {
      await house.passkey("enrol", device, owner);
      await house.passkey("confirm", device, owner, other);
    }
    await expect(house.delegate("delegate", given, sam)).rejects.toThrow("without a passkey");
    const id = await house.delegate("delegate", given, sam, ofSam);
    const deployed = await reviewed(house);
    const inPlaceOf = { who: sam, delegation: id, role: "sre" };
    await house.sign(deployed, ines, "approve", { inPlaceOf, device: ofInes });
    if (revoked) await house.passkey("revoke", ofSam, sam);
    const verified = await house.verify(deployed);
    return { verified, recorded: { house, deployed, rejected: deployed, blocked: deployed } };
  }

  it("holds, the part with everything that its passkeys rest on, and not without the delegator's", async () => {
    expect(stricter).not.toBe(matrix);
    const { recorded: made, verified: outcome } = await story();
    expect(outcome).toBe("passed");
    const scope = { kind: "promotion", promotion: made.deployed } as const;
    expect((await verified(await packOf(made, { scope }))).findings).toEqual([]);
    const { facts } = made.house;
    const confirmed = facts.filter(({ type, body }) => !(type === "passkey-confirmed" && body["passkey"] === ofSam.id));
    const silent = facts.map((fact) => {
      const { passkey: _, ...body } = fact.body;
      return fact.type === "delegated" ? { ...fact, body } : fact;
    });
    for (const [told, code] of [
      [confirmed, "delegation-invalid"],
      [silent, "quorum-differs"],
    ] as const) {
      const { findings } = await verified(await packOf(made, { facts: told, scope }));
      expect(findings.map((each) => each.code)).toContain(code);
    }
  });

  it("opens the seat again where the delegator's passkey was revoked before the verdict", async () => {
    const { recorded: made, verified: outcome } = await story(true);
    expect(outcome).toBe("reopened");
    expect(made.house.promotions.stored(made.deployed).invalidated).toMatchObject([
      { why: expect.stringContaining("delegated without a passkey that is confirmed and not revoked") },
    ]);
  });
});

describe("a pack with a sign-off in somebody's place", () => {
  it.each([
    ["everything", whole],
    ["one promotion", one],
  ])("of %s holds", async (_, scope) => {
    const { findings, holds } = await verified(await packOf(recorded, { scope: scope() }));
    expect([findings, holds]).toEqual([[], true]);
  });

  it("of one promotion brings what is recorded about its delegation, and about no other", async () => {
    const files = await packOf(recorded, { scope: one() });
    const records = [...files].flatMap(([name, bytes]) =>
      name.startsWith("records/") ? [JSON.parse(new TextDecoder().decode(bytes)) as Fact] : [],
    );
    expect(records.filter(({ promotion }) => promotion === undefined).map(({ id }) => id)).toEqual([
      "installation/settings/1",
      "installation/key/attestation/1/published",
      "installation/key/checkpoint/1/published",
      `delegation/${delegation}/delegate`,
      `delegation/${delegation}/revoke`,
    ]);
  });

  it("says that the service's word alone is there where the delegator's token was left out", async () => {
    const files = await packOf(recorded, { scope: one() });
    const { unchecked, holds } = await verified(await packOf(recorded, { scope: one(), withoutPersonalData: true }));
    expect(holds).toBe(true);
    expect(unchecked.map(({ sentence }) => sentence).join()).toContain("Whether people delegated themselves");
    const { unchecked: whenWhole } = await verified(files);
    expect(whenWhole.map(({ sentence }) => sentence).join()).not.toContain("Whether people delegated themselves");
  });

  it("does not hold without the delegation", async () => {
    const facts = recorded.house.facts.filter(
      (fact) => !isAbout(fact, "delegated") && !isAbout(fact, "delegation-revoked"),
    );
    const found = await problems(facts);
    expect(found.join()).toContain("quorum-differs: The verdict is PASSED, but nobody fills the seat of sre");
  });

  it("does not hold where the delegation was revoked before the signature", async () => {
    const signed = recorded.house.facts.find(
      (fact) => fact.type === "sign-off" && fact.body["onBehalfOf"] !== undefined,
    );
    const given = recorded.house.facts.find((fact) => isAbout(fact, "delegated"));
    if (signed === undefined || given === undefined) return expect.unreachable();
    const facts = recorded.house.facts.map((fact) =>
      isAbout(fact, "delegation-revoked") ? { ...fact, at: addSeconds(given.at, 30) } : fact,
    );
    const found = await problems(facts);
    // The token that revoked it is of another time than the record claims.
    expect(found.join()).toContain("delegation-invalid:");
    const early = new House(undefined, undefined, [emil]);
    await early.delegate("delegate", document, sam);
    const promotion = await reviewed(early);
    await early.delegate("revoke", document, sam);
    const late = early.sign(promotion, emil, "approve", { inPlaceOf: { who: sam, delegation, role: "sre" } });
    // They stand in for nobody any more, so they are told nothing of the promotion.
    await expect(late).rejects.toThrow("You are signed in, but hold no role in any review here.");
  });

  it("does not hold where the record says that somebody else delegated", async () => {
    const facts = recorded.house.facts.map((fact) =>
      isAbout(fact, "delegated") ? { ...fact, body: { ...fact.body, delegator: { ...tom.identity } } } : fact,
    );
    expect((await problems(facts)).join()).toContain(
      "delegation-invalid: It is recorded as a delegation between other people.",
    );
  });

  it("does not hold where the sign-off's record is silent about whose place it was", async () => {
    const facts = recorded.house.facts.map((fact) => {
      const { onBehalfOf, ...body } = fact.body;
      return onBehalfOf === undefined ? fact : { ...fact, body };
    });
    expect((await problems(facts)).join()).toContain("another person's place than was signed");
  });

  it("does not hold where the kept people say that the delegator had lost the role", async () => {
    const { facts, blobs } = recorded.house;
    const verdict = facts.find(({ type }) => type === "verdict") ?? expect.unreachable();
    const kept = verdict.attachments.find(({ name }) => name === "people.json") ?? expect.unreachable();
    const people: { members: { identity: object; groups: string[] }[] } = JSON.parse(
      new TextDecoder().decode(blobs.get(kept.sha256)),
    );
    expect(people.members).toContainEqual(expect.objectContaining({ identity: sam.identity, groups: ["sre"] }));
    const without = people.members.map((each) =>
      JSON.stringify(each.identity) === JSON.stringify(sam.identity) ? { ...each, groups: [] } : each,
    );
    const bytes = canonicalJsonBytes({ ...people, members: without });
    const changed = { ...kept, sha256: sha256Hex(bytes) };
    const told = facts.map((fact) =>
      fact === verdict
        ? { ...fact, attachments: fact.attachments.map((each) => (each === kept ? changed : each)) }
        : fact,
    );
    const found = await problems(told, new Map(blobs).set(changed.sha256, bytes));
    expect(found.join()).toContain("nobody fills the seat of sre");
  });
});

it("verification blocks a promotion that rests on a delegation which is not what was signed", async () => {
  const house = new House(undefined, undefined, [emil]);
  const id = await house.delegate("delegate", document, sam);
  const promotion = await reviewed(house);
  await house.sign(promotion, emil, "approve", { inPlaceOf: { who: sam, delegation: id, role: "sre" } });
  const [given] = house.delegations.recorded;
  if (given === undefined) return expect.unreachable();
  house.delegations.recorded[0] = { ...given, groups: ["lead-data-scientists", "sre"] };
  expect(await house.verify(promotion)).toBe("blocked");
});

describe("a pack with a delegation that was revoked a second before it was used", () => {
  it.each([2, 6])(
    "holds where whoever decided %i seconds later had not seen it, and the seat was opened again",
    async (seconds) => {
      const { findings } = await verified(await packOf(await delegationRevokedBefore(seconds)));
      expect(findings).toEqual([]);
    },
  );

  it("does not hold where the seat was filled by it longer afterwards than clocks differ", async () => {
    const { findings } = await verified(await packOf(await delegationRevokedBefore(10)));
    expect(findings.map(({ sentence }) => sentence)).toEqual([
      "The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of sre.",
    ]);
  });
});

it("a pack holds where somebody delegated by an address that is another's by now: it tells nothing of what was signed since", async () => {
  const eve = { ...member("Eve", "compliance-officers"), address: "compliance@example.com" };
  const ofTom = `  - name: Tom\n    address: ${tom.address}\n    identities:\n      - { issuer: "${tom.identity.issuer}", subject: ${tom.identity.subject} }\n`;
  const told = { targets: "", thresholds: "", people: ofTom };
  const house = new House(undefined, shippedWith(shipped.bundle.texts["matrix.yaml"], told));
  const before = { ...tom, groups: ["compliance-officers"], address: eve.address };
  const place = house.people.findIndex(({ identity }) => identity.subject === tom.identity.subject);
  house.people.splice(place, 1, before);
  await house.delegate(
    "delegate",
    { ...document, delegator: tom.identity, delegate: cora.identity, role: "compliance-officer" },
    before,
  );
  house.pass(86_400);
  // Tom trains models from now on, and Eve has his office and its mailbox.
  house.people.splice(place, 1, { ...tom, groups: ["lead-data-scientists"] }, eve);
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await house.sign(deployed, eve);
  await house.openStage(deployed);
  await house.sign(deployed, dana);
  await house.sign(deployed, sam);
  expect(await house.verify(deployed)).toBe("passed");
  await house.deploy(deployed);
  expect((await verified(await packOf({ house }))).findings).toEqual([]);
});
