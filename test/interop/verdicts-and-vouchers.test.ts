import { beforeAll, describe, expect, it } from "vitest";
import { pae, signEnvelope } from "../../core/attestation/dsse.ts";
import { keyFact, keyGeneration } from "../../core/attestation/key-record.ts";
import { base64, fromBase64 } from "../../core/encoding/base64.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { canonicalJson, canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { sha256Bytes, sha256Hex } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { madeToFit } from "../core/archive/forgeries/made-to-fit.ts";
import { cora, dana, House, sam } from "../core/archive/house.ts";
import { createdAt, type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { documentOf, factOf, type Retold } from "../core/archive/retelling.ts";
import { attestationBase, attestationKey } from "../core/archive/reviewers.ts";
import { type Place, placesIn, withValue } from "./places.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// What the service signs alone, member by member: each is left out, of another kind, another text, and what another one says there.
// It signs that anew with the right key, and makes the rest fit. Nothing of it may be the service's to choose.

const now = addSeconds(createdAt, 7 * 86_400);
type Told = { readonly house: House } & Retold;

/** Every one of these, told otherwise, by what is told. */
type Otherwise = ReadonlyMap<string, () => Promise<Told>>;
type Packs = ReadonlyMap<string, Files>;

const pack = async ({ house, facts, blobs }: Told): Promise<Files> =>
  packOf({ house }, { ...(facts && { facts }), ...(blobs && { blobs }), attestationKeys: house.keysHeld });

/** The names of those that a verifier takes. */
async function taken(all: Packs, holds: (files: Files) => Promise<boolean>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, files] of all) if (await holds(files)) found.push(name);
  return found;
}
const byOurs = async (files: Files) => (await verified(files, { now })).holds;
const bySecond = async (files: Files) => (await verdictOn(files)).status === 0;

/** What stands in a place, told otherwise: left out, of other kinds, another of its kind, and what another document has there. */
function others(value: Json | undefined, another: Json | undefined): readonly (Json | undefined)[] {
  const all: (Json | undefined)[] = [undefined, 7];
  if (typeof value === "string")
    all.push(
      `${value}x`,
      value.replace(/[0-9a-f]/, (digit) => (digit === "1" ? "2" : "1")),
    );
  if (Array.isArray(value)) all.push([...value, ...value.slice(0, 1)], value.slice(1));
  const same = (one: Json | undefined, other: Json | undefined) =>
    one === other || (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other));
  return [...all, another].filter(
    (each, at, list) => !same(each, value) && list.findIndex((one) => same(one, each)) === at,
  );
}

function at(value: Json | undefined, place: Place): Json | undefined {
  return place.reduce<Json | undefined>((inside, name) => Object(inside)[name], value);
}

/** A document with each of its members told otherwise. */
function* toldOtherwise(value: Json, another: Json, isBody = false): Generator<readonly [string, Json]> {
  // What else a record's body says is for people (docs/format.md).
  for (const place of placesIn(value, 6).slice(1))
    if (!(isBody && place.join() === "more"))
      for (const next of others(at(value, place), at(another, place)))
        yield [`${place.join(".")}: ${JSON.stringify(next)?.slice(0, 60)}`, withValue(value, place, next) as Json];
}

async function approved(house: House, version: string): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  for (const each of [dana, sam]) await house.sign(id, each);
  await house.verify(id);
  await house.deploy(id);
  return id;
}

const statementIn = (bytes: Uint8Array): Json =>
  JSON.parse(fromUtf8(fromBase64(String(Object(JSON.parse(fromUtf8(bytes))).payload))));

/** A verdict whose statement, record or envelope says something else. */
async function verdicts(): Promise<Otherwise> {
  const house = new House();
  const [first, second] = [await approved(house, "2.0.0"), await approved(house, "3.0.0")];
  const [verdict, another] = [first, second].map((id) => factOf(house, "verdict", id));
  if (verdict === undefined || another === undefined) return expect.unreachable();
  const [own, theirs] = [verdict, another].map((fact) => documentOf(house, fact, "verdict.dsse.json"));
  if (own === undefined || theirs === undefined) return expect.unreachable();
  // The other one lends its words alone.
  const recorded = house.facts.filter(({ promotion }) => promotion !== second);
  const all = new Map<string, () => Promise<Told>>();
  const fitting = async (facts: readonly Fact[]) => ({ house, ...(await madeToFit(house, facts)) });
  all.set("as it was recorded", () => fitting(recorded));
  for (const [name, statement] of toldOtherwise(statementIn(own), statementIn(theirs)))
    all.set(`statement ${name}`, async () => ({
      house,
      ...(await madeToFit(house, recorded, (it, fact) => (fact.promotion === first ? Object(statement) : it))),
    }));
  const bodies = toldOtherwise({ ...verdict.body }, { ...another.body, loan: true }, true);
  for (const [name, body] of bodies) {
    const told: Fact = { ...verdict, body: body as Fact["body"] };
    all.set(`body ${name}`, () => fitting(recorded.map((fact) => (fact === verdict ? told : fact))));
  }
  const envelope = JSON.parse(fromUtf8(own)) as Json;
  for (const [name, next] of toldOtherwise(envelope, JSON.parse(fromUtf8(theirs)))) {
    const bytes = canonicalJsonBytes(next);
    const [was, is] = [sha256Hex(own), sha256Hex(bytes)];
    const facts = JSON.parse(JSON.stringify(recorded).replaceAll(was, is)) as readonly Fact[];
    all.set(`envelope ${name}`, async () => ({ house, facts, blobs: new Map(house.blobs).set(is, bytes) }));
  }
  for (const { name } of verdict.attachments) {
    const without = verdict.attachments.filter((each) => each.name !== name);
    if (name !== "verdict.dsse.json")
      all.set(`without ${name}`, () =>
        fitting(recorded.map((fact) => (fact === verdict ? { ...fact, attachments: without } : fact))),
      );
  }
  return all;
}

/** A key that followed another, and one that was retired; each with what vouches for it told otherwise. */
async function vouchers(): Promise<Otherwise> {
  const house = new House();
  const [old, next] = [house.attestation, attestationKey()];
  const [one, other] = [old, next].map(({ key }, place) => keyGeneration("attestation", place + 1, key.pem));
  if (one === undefined || other === undefined) return expect.unreachable();
  const by = ({ key, sign }: typeof old) => ({
    keyid: key.keyid,
    sign: async (message: Uint8Array) => sign(sha256Bytes(message)),
  });
  const until = addSeconds(house.now(), 7200);
  await house.promotions.recordFact(
    await keyFact(other, { change: "published" }, house.now(), attestationBase, by(old)),
  );
  house.hold(next.key);
  await house.tellOfKeys();
  house.attestation = next;
  await house.promotions.recordFact(
    await keyFact(one, { change: "retired", until }, house.now(), attestationBase, by(next)),
  );
  await house.tellOfKeys();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  const keys = house.facts.filter(({ type }) => type === "key");
  const [begun, , published, retired] = keys;
  if (begun === undefined || published === undefined || retired === undefined) return expect.unreachable();
  const all = new Map<string, () => Promise<Told>>();
  const told = (was: Fact, body: Json) => async () => ({
    house,
    facts: house.facts.map((fact) => (fact === was ? { ...fact, body: body as Fact["body"] } : fact)),
  });
  all.set("as it was recorded", async () => ({ house, facts: house.facts }));
  const signers = new Map([
    [published, old],
    [retired, next],
  ]);
  for (const [fact, signer] of signers) {
    const [what, another] = fact === published ? ["published", retired] : ["retired", published];
    for (const [name, body] of toldOtherwise({ ...fact.body }, { ...another.body }))
      all.set(`${what}, body ${name}`, told(fact, body));
    const voucher = Object(fact.body["voucher"]);
    const statement = statementIn(canonicalJsonBytes(voucher));
    const theirs = statementIn(canonicalJsonBytes(Object(another.body["voucher"])));
    for (const [name, next] of toldOtherwise(statement, theirs)) {
      const envelope = await signEnvelope(canonicalJsonBytes(next), signer.key.keyid, signer.sign);
      all.set(`${what}, statement ${name}`, told(fact, { ...fact.body, voucher: { ...envelope } } as unknown as Json));
    }
    // By a key that may not: the one that it is about, or one that nobody published.
    for (const stranger of [fact === published ? next : old, attestationKey()]) {
      const payload = canonicalJsonBytes(statement);
      const sig = base64(await stranger.sign(sha256Bytes(pae(voucher.payloadType, payload))));
      for (const keyid of new Set([stranger.key.keyid, signer.key.keyid])) {
        const forged = { ...voucher, signatures: [{ keyid, sig }] };
        all.set(`${what}, signed by ${stranger.key.keyid} as ${keyid}`, told(fact, { ...fact.body, voucher: forged }));
      }
    }
  }
  all.set("the first, vouched for", told(begun, { ...begun.body, voucher: published.body["voucher"] ?? null }));
  return all;
}

describe.each([
  ["a verdict", verdicts],
  ["what vouches for a key", vouchers],
])("of %s each member is told otherwise, and", { timeout: 400_000 }, (_, make) => {
  const all = new Map<string, Files>();
  beforeAll(async () => {
    for (const [name, tell] of await make()) all.set(name, await pack(await tell()));
  }, 100_000);

  it("none of it is taken by our verifier", async () => {
    expect(all.size).toBeGreaterThan(100);
    expect(await taken(all, byOurs)).toEqual(["as it was recorded"]);
  });

  withTool(
    python,
    "none of it is taken by the second verifier",
    async () => {
      expect(await taken(all, bySecond)).toEqual(["as it was recorded"]);
    },
    async () => requireOnThePage(all.get("as it was recorded") ?? expect.unreachable()),
  );
});
