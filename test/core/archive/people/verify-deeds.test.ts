import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { verifyDelegations } from "../../../../core/archive/people/verify-delegations.ts";
import { verifyPasskeys } from "../../../../core/archive/people/verify-passkeys.ts";
import { type DelegationDocument, delegationIdOf } from "../../../../core/attestation/delegation-statement.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { credulous, withClaims, withStatement } from "../forged.ts";
import { dana } from "../people.ts";
import { documentOf } from "../retelling.ts";
import { identityProvider } from "../reviewers.ts";
import { recordsOf, told, trustIn } from "../told.ts";

/** Its key has the name of the one that signed. */
const another = identityProvider();

// What people do about something of theirs: Sam's passkeys, one of them revoked, and Dana's delegation, taken back.

const { facts, blobs } = told.house;
const { trust } = await trustIn({});
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const records = recordsOf(facts).filter(({ record }) => record.promotion === undefined);
const ofType = (type: FactType) => records.filter(({ record }) => record.type === type);
const first = (type: FactType): PromotionRecord => {
  const [found] = ofType(type);
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
};
const changed = (each: PromotionRecord, record: Partial<LedgerRecord>, body: LedgerRecord["body"] = {}) =>
  records.map((one) =>
    one === each ? { ...one, record: { ...one.record, ...record, body: { ...one.record.body, ...body } } } : one,
  );
const bringing = (each: PromotionRecord, name: string, bytes: Uint8Array | undefined): ReadDocument => {
  const wanted = each.record.attachments.find((attachment) => attachment.name === name)?.sha256;
  return async (sha256) => (sha256 === wanted ? bytes : blobs.get(sha256));
};
const tokens = new Set(
  records.flatMap(({ record }) =>
    record.attachments.flatMap(({ name, sha256 }) => (name === "id-token.jwt" ? [sha256] : [])),
  ),
);
/** Where the keys that signed are told of otherwise. */
const signedBy = (key: Partial<(typeof trust)["keyHistory"][number]>): Partial<typeof trust> => ({
  keyHistory: trust.keyHistory.map((known) => ({ ...known, ...key })),
});
const passkeys = async (of = records, from = read, over: Partial<typeof trust> = {}) => {
  const result = await verifyPasskeys(of, from, new Set(), { ...trust, ...over });
  return { ...result, wrong: result.findings.map(({ code, path, sentence }) => `${code} ${path}: ${sentence}`) };
};
const delegations = async (
  of = records,
  from = read,
  leftOut: ReadonlySet<Sha256> = new Set(),
  over: Partial<typeof trust> = {},
) => {
  const result = await verifyDelegations(of, from, leftOut, { ...trust, ...over });
  return { ...result, wrong: result.findings.map(({ code, path, sentence }) => `${code} ${path}: ${sentence}`) };
};

describe("passkeys", () => {
  it("are as their records prove: enrolled by their owner, confirmed by another, perhaps revoked", async () => {
    const { passkeys: held, wrong, unchecked } = await passkeys();
    expect([wrong, unchecked]).toEqual([[], []]);
    const revoked = first("passkey-revoked").record.body["passkey"];
    expect(held.size).toBe(ofType("passkey-enrolled").length);
    for (const [id, passkey] of held) {
      expect(passkey.enrolled.person.subject).toBe("sub-sam");
      expect(passkey.confirmed?.person.subject).toBe("sub-cora");
      expect(passkey.revoked === undefined).toBe(id !== revoked);
    }
  });

  it("whose documents are gone, or not what was signed, count as if they had never been", async () => {
    const enrolled = first("passkey-enrolled");
    const path = `records/${enrolled.index}.json`;
    for (const name of ["passkey.dsse.json", "id-token.jwt", "jwks.json", "passkey.json"]) {
      const { wrong, passkeys: held } = await passkeys(records, bringing(enrolled, name, undefined));
      expect(wrong).toContain(`passkey-invalid ${path}: Its ${name} is not in the pack.`);
      expect(held.has(enrolled.record.body["passkey"] as Sha256)).toBe(false);
    }
    expect((await passkeys(records, bringing(enrolled, "jwks.json", utf8("{}")))).wrong).toContain(
      `passkey-invalid ${path}: The identity provider's keys are not a JSON Web Key Set.`,
    );
  });

  it("are signed by keys that are trusted and in force, and with tokens of known keys", async () => {
    const all = ofType("passkey-enrolled").length;
    expect((await passkeys(records, read, { verifySignature: () => false })).passkeys.size).toBe(0);
    expect((await passkeys(records, read, { jwks: another.jwks })).passkeys.size).toBe(0);
    const { wrong } = await passkeys(records, read, {
      keyHistory: trust.keyHistory.map((key) => ({ ...key, until: first("passkey-enrolled").record.at })),
    });
    expect(wrong).toHaveLength(ofType("passkey-enrolled").length + ofType("passkey-confirmed").length + 1);
    expect(wrong[0]).toMatch(/which was retired at/);
    expect(all).toBeGreaterThan(1);
  });

  it("are recorded of whom they belong to, under ids of their own", async () => {
    const enrolled = first("passkey-enrolled");
    const owner = { ...dana.identity };
    expect((await passkeys(changed(enrolled, {}, { owner }))).wrong[0]).toMatch(
      /: It is recorded as another person's passkey\.$/,
    );
    expect((await passkeys(changed(enrolled, { id: "passkey/other/enrol" }))).wrong[0]).toMatch(
      /: It is recorded under another id than its own\.$/,
    );
  });

  it("are enrolled, confirmed and revoked once each, and enrolled before all else", async () => {
    const [enrolled, confirmed] = [first("passkey-enrolled"), first("passkey-confirmed")];
    const twice = await passkeys([...records, { ...enrolled, index: 700 }]);
    expect(twice.wrong).toEqual(["passkey-invalid records/700.json: It was recorded before: each is done once."]);
    const without = await passkeys(records.filter((each) => each !== enrolled));
    expect(without.wrong).toEqual([
      `passkey-invalid records/${confirmed.index}.json: It is about a passkey that was not enrolled before.`,
    ]);
    const at = (seconds: number) => passkeys(changed(enrolled, { at: addSeconds(confirmed.record.at, seconds) }));
    expect((await at(0)).wrong).toEqual([]);
    expect((await at(1)).wrong).toEqual(without.wrong);
  });

  it("hold where the log was told last of how they began", async () => {
    const begun = records.filter(({ record: { type } }) => type === "passkey-enrolled" || type === "delegated");
    const last = [...records.filter((each) => !begun.includes(each)), ...begun];
    const [{ passkeys: held, wrong }, delegated] = [await passkeys(last), await delegations(last)];
    expect([wrong, delegated.wrong]).toEqual([[], []]);
    expect([held.size, delegated.delegations.size]).toEqual([
      (await passkeys()).passkeys.size,
      (await delegations()).delegations.size,
    ]);
  });

  it("are signed by a key that was published before them, and not yet retired", async () => {
    const [enrolled] = ofType("passkey-enrolled");
    const sooner = { generation: 2, index: (enrolled?.index ?? 0) - 1 };
    expect((await passkeys(records, read, signedBy(sooner))).wrong).toEqual([]);
    const { wrong } = await passkeys(records, read, signedBy({ generation: 2, index: enrolled?.index ?? 0 }));
    expect(wrong[0]).toMatch(/which was not published yet: that is entry 4\.$/);
  });

  it("are not confirmed by their owner under another identity", async () => {
    const confirmed = first("passkey-confirmed");
    const id = confirmed.record.body["passkey"] as Sha256;
    const token = documentOf(told.house, confirmed.record, "id-token.jwt");
    const confirmedBy = async (email: unknown) => {
      const from = bringing(confirmed, "id-token.jwt", withClaims(token, { email }));
      const { wrong, passkeys: held } = await passkeys(records, from, credulous);
      return { wrong, confirmed: held.get(id)?.confirmed !== undefined };
    };
    for (const email of ["sam@example.com", "SAM@example.com"])
      expect(await confirmedBy(email)).toEqual({
        wrong: [
          `passkey-invalid records/${confirmed.index}.json: The owner confirmed the passkey under another identity: the addresses are the same.`,
        ],
        confirmed: false,
      });
    // Whoever has no address is nobody's second identity by it.
    for (const email of ["cora@example.com", "", undefined, 7])
      expect(await confirmedBy(email)).toEqual({ wrong: [], confirmed: true });
  });

  it("with no address are not taken for one another's", async () => {
    const [enrolled, confirmed] = [first("passkey-enrolled"), first("passkey-confirmed")];
    const without = new Map(
      [enrolled, confirmed].map(({ record }) => {
        const sha256 = record.attachments.find(({ name }) => name === "id-token.jwt")?.sha256;
        return [sha256, withClaims(documentOf(told.house, record, "id-token.jwt"), { email: "" })];
      }),
    );
    const from: ReadDocument = async (sha256) => without.get(sha256) ?? blobs.get(sha256);
    expect((await passkeys(records, from, credulous)).wrong).toEqual([]);
  });

  it("may be revoked by their owner", async () => {
    const revoked = first("passkey-revoked");
    const token = withClaims(documentOf(told.house, revoked.record, "id-token.jwt"), { email: "sam@example.com" });
    expect((await passkeys(records, bringing(revoked, "id-token.jwt", token), credulous)).wrong).toEqual([]);
  });

  it("are confirmed and revoked as they were enrolled", async () => {
    const confirmed = first("passkey-confirmed");
    const named = withStatement(documentOf(told.house, confirmed.record, "passkey.dsse.json"), (statement) => ({
      ...statement,
      predicate: {
        ...statement.predicate,
        passkey: { ...(statement.predicate["passkey"] as object), name: "Another name" },
      },
    }));
    const { findings } = await verifyPasskeys(records, bringing(confirmed, "passkey.dsse.json", named), tokens, {
      ...trust,
      ...credulous,
    });
    expect(findings.map(({ sentence }) => sentence)).toEqual([
      "It describes the passkey otherwise than it was enrolled.",
    ]);
  });

  it("whose documents are no JSON are told by the document's name", async () => {
    const enrolled = first("passkey-enrolled");
    for (const name of ["passkey.dsse.json", "jwks.json", "passkey.json"])
      expect((await passkeys(records, bringing(enrolled, name, utf8("no")))).wrong[0]).toMatch(
        new RegExp(`: ${name} is not JSON that can be taken`),
      );
  });

  it("without the tokens are taken at the service's word, and that is said", async () => {
    const result = await verifyPasskeys(records, read, tokens, trust);
    const deeds = records.filter(({ record }) => record.type.startsWith("passkey-")).length;
    expect(result.findings).toEqual([]);
    expect(result.unchecked).toEqual([
      {
        sentence: `Who enrolled, confirmed or revoked passkeys: of ${deeds} records about it the ID token was left out, so the service's word alone says it.`,
      },
    ]);
    expect(result.passkeys.size).toBe(ofType("passkey-enrolled").length);
    const lying = changed(first("passkey-enrolled"), {}, { person: { ...dana.identity } });
    expect((await verifyPasskeys(lying, read, tokens, trust)).findings).not.toEqual([]);
  });
});

describe("delegations", () => {
  const given = first("delegated");
  const id = String(given.record.body["delegation"]);

  it("are as their records prove, with whoever gave them as the token names them", async () => {
    const { delegations: held, wrong, unchecked } = await delegations();
    expect([wrong, unchecked]).toEqual([[], []]);
    expect([...held.keys()]).toEqual([id]);
    expect([...held.values()].map(({ delegator }) => delegator)).toEqual([{ ...dana, name: "sub-dana" }]);
    expect([...held.values()].map(({ delegation }) => delegation.role)).toEqual(["lead-data-scientist"]);
  });

  it("are between those whom the statement names", async () => {
    const other = { issuer: dana.identity.issuer, subject: "sub-sam" };
    for (const body of [{ delegator: other }, { delegate: other }])
      expect((await delegations(changed(given, {}, body))).wrong[0]).toBe(
        `delegation-invalid records/${given.index}.json: It is recorded as a delegation between other people.`,
      );
  });

  it("are taken back once they were given", async () => {
    const revoked = first("delegation-revoked");
    const { wrong, delegations: held } = await delegations(records.filter((each) => each !== given));
    expect(wrong).toEqual([
      `delegation-invalid records/${revoked.index}.json: It is about a delegation that was not given before.`,
    ]);
    expect(held.size).toBe(0);
    expect((await delegations([...records, { ...revoked, index: 700 }])).wrong).toEqual([
      "delegation-invalid records/700.json: It was recorded before: each is done once.",
    ]);
  });

  it("are each of those who gave them", async () => {
    const at = addSeconds(given.record.at, 60);
    const envelope = documentOf(told.house, given.record, "delegation.dsse.json");
    const sam = { ...dana.identity, subject: "sub-sam" };
    let other: Sha256 | undefined;
    const bySam = withStatement(envelope, ({ predicate, ...statement }) => {
      const delegation = { ...(predicate["delegation"] as DelegationDocument), delegator: sam };
      other = delegationIdOf(delegation);
      const subject = [{ name: "delegation.json", digest: { sha256: other } }];
      return { ...statement, subject, predicate: { ...predicate, delegation, person: sam } };
    });
    if (other === undefined) throw new Error("Sam delegated nothing.");
    const attachments = given.record.attachments.map((each) =>
      each.name === "delegation.dsse.json" ? { ...each, sha256: sha256Hex(bySam) } : each,
    );
    const body = { ...given.record.body, delegation: other, delegator: sam, person: sam, groups: ["sre"] };
    const second = { ...given.record, id: `delegation/${other}/delegate`, at, body, attachments };
    const from: ReadDocument = async (sha256) => (sha256 === sha256Hex(bySam) ? bySam : blobs.get(sha256));
    const { wrong, delegations: held } = await delegations(
      [{ index: 700, record: second }, ...records],
      from,
      tokens,
      credulous,
    );
    expect(wrong).toEqual([]);
    expect([...held].map(([of, { delegator }]) => [of, delegator.name, delegator.groups])).toEqual([
      [other, "sub-sam", ["sre"]],
      [id, "sub-dana", ["lead-data-scientists"]],
    ]);
  });

  it("have the address that the token names, if it names one", async () => {
    const token = documentOf(told.house, given.record, "id-token.jwt");
    for (const [email, address] of [
      ["d@example.net", "d@example.net"],
      [7, ""],
      [undefined, ""],
    ]) {
      const from = bringing(given, "id-token.jwt", withClaims(token, { email }));
      const { delegations: held } = await delegations(records, from, new Set(), credulous);
      expect([...held.values()].map(({ delegator }) => delegator.address)).toEqual([address]);
    }
  });

  it("without the tokens are taken at the service's word, and that is said", async () => {
    const { unchecked, wrong, delegations: held } = await delegations(records, read, tokens);
    expect(wrong).toEqual([]);
    expect(unchecked).toEqual([
      {
        sentence:
          "Whether people delegated themselves what others signed in their place: of 2 records about it the ID token was left out, so the service's word alone says it.",
      },
    ]);
    expect([...held.values()].map(({ delegator }) => delegator.address)).toEqual([""]);
  });
});
