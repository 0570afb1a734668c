import { expect } from "vitest";
import { manifestPath, proofPath, recordPath, sinceProofPath } from "../../core/archive/pack/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../core/archive/pack/pack-manifest.ts";
import { parseEnvelope, verifyingKey } from "../../core/attestation/dsse.ts";
import { challengeOf } from "../../core/attestation/sign-off-statement.ts";
import type { CandidateSaid } from "../../core/deployment/intruder.ts";
import { fromBase64 } from "../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant, instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { policyFileName } from "../../core/policy/policy-bundle.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { FreezeManifest } from "../../core/promotion/freeze-manifest.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { escalatedAtOnce } from "../core/archive/escalated-at-once.ts";
import { forgedSignIn } from "../core/archive/forged-sign-in.ts";
import { isOf } from "../core/archive/forgeries/forgery.ts";
import { sweepStories } from "../core/archive/forgeries/sweep-stories.ts";
import { frozenOtherwise } from "../core/archive/frozen-otherwise.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "../core/archive/house.ts";
import { attemptLeftOut, type LeftOut } from "../core/archive/left-out.ts";
import { lentAndOver } from "../core/archive/lent-and-over.ts";
import { type Files, packOf, resealed } from "../core/archive/memory-pack.ts";
import { withMoreTime } from "../core/archive/more-time.ts";
import { namedByOid } from "../core/archive/named-by-claim.ts";
import { candidate, packUntil } from "../core/archive/policies-on-their-way.ts";
import { documentOf, factOf, factWith, type Retold, withDocument } from "../core/archive/retelling.ts";
import { member, salt } from "../core/archive/reviewers.ts";
import type { rejectedFirst } from "../core/archive/signed-otherwise.ts";
import { headOf, sinceHead, smallFacts, smallPack } from "../core/archive/small-pack.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { unsignedPolicies } from "../core/archive/unsigned-policies.ts";

// Packs as whoever hands them on might make them, and logs as a service might write them.

const manifestOf = (files: Files) => readPackManifest(files.get(manifestPath) ?? new Uint8Array());
const last = smallFacts.length - 1;
export const since = await smallPack({ scope: sinceHead(headOf(await smallPack(), 7)) });
export const nameless = await smallPack({ withoutPersonalData: true });

/** Under the head that everybody was shown: records of another tree, with their proofs in that one. */
export async function ofAnotherTree(): Promise<Files> {
  const facts = smallFacts.map((fact, at) => (at === last ? { ...fact, summary: "It was otherwise." } : fact));
  const forked = await smallPack({ facts, scope: manifestOf(since).scope });
  const head = Object.fromEntries(["log/checkpoint", sinceProofPath].map((path) => [path, since.get(path)]));
  const manifest = { ...manifestOf(forked), log: manifestOf(since).log };
  return resealed(forked, { ...head, [manifestPath]: packManifestBytes(manifest) });
}

export async function ofUnsignedPolicies(): Promise<Files> {
  const { house, facts } = await unsignedPolicies();
  return await packOf({ house }, { facts });
}

export async function underUntoldPolicies(): Promise<Files> {
  const { facts, promotion } = await candidate();
  const request = facts.find((fact) => fact.promotion === promotion && fact.type === "request");
  return await packUntil(addSeconds(request?.at ?? expect.unreachable("It was asked for."), 3600));
}

export async function ofForgedSignIn(): Promise<Files> {
  const { house, facts = [], blobs = new Map() } = await forgedSignIn();
  return await packOf({ house }, { facts, blobs });
}

export const packAs = ({ house, facts }: Awaited<ReturnType<typeof rejectedFirst>>) => packOf({ house }, { facts });

export async function cleanedFirst(): Promise<Files> {
  const { house } = await lentAndOver(true);
  return await packOf({ house });
}

/** Policies in force that have something beside the files of policies: everything that names them names these. */
export async function policiesWithMore(): Promise<Files> {
  const { blobs } = told.house;
  const was = factWith({ facts: smallFacts, blobs }, "policy-activated", policyFileName);
  const { files, ...rest } = JSON.parse(fromUtf8(documentOf({ facts: smallFacts, blobs }, was, policyFileName)));
  const bytes = canonicalJsonBytes({ ...rest, files: { ...files, "notes.yaml": "" } });
  const facts = JSON.parse(JSON.stringify(smallFacts).replaceAll(String(was.body["policy"]), sha256Hex(bytes)));
  return await smallPack({ facts, blobs: new Map(blobs).set(sha256Hex(bytes), bytes) });
}

/** A candidate that was asked for at the first instant that there is, under policies of then, before one that was deployed in its place. */
export async function askedForAtFirst(): Promise<Files> {
  const first = instantFromMs(0);
  const asked = factOf({ facts: smallFacts, blobs: new Map() }, "request", told.withdrawn);
  const asOf = (fact: Fact): Fact => {
    if (fact !== asked) return { ...fact, at: addSeconds(first, 60) };
    const expiresAt = addSeconds(first, (msOfInstant(fact.body["expiresAt"] as Instant) - msOfInstant(fact.at)) / 1000);
    return { ...fact, at: first, body: { ...fact.body, expiresAt } };
  };
  const old = smallFacts.filter(({ promotion }) => promotion === undefined || promotion === told.withdrawn).map(asOf);
  const since = told.house.facts.filter(
    ({ type, promotion }) => promotion === told.deployed || /^(passkey|delegat)/.test(type),
  );
  return await smallPack({ facts: [...old, ...since] });
}

/** Without the sign-in, and with a key set beside it that is none. */
export async function keysOfNone(): Promise<Files> {
  const recorded = { facts: smallFacts, blobs: told.house.blobs };
  const signed = factOf(recorded, "sign-off", told.rejected);
  const otherwise = withDocument(recorded, signed, "jwks.json", canonicalJsonBytes({ keys: 7 }));
  return await smallPack({ ...otherwise, withoutPersonalData: true });
}

/** The provider's key beside a sign-in, told otherwise. */
export async function keyToldAs(otherwise: (key: Readonly<Record<string, Json>>) => Json): Promise<Files> {
  const recorded = { facts: smallFacts, blobs: told.house.blobs };
  const signed = factOf(recorded, "sign-off", told.rejected);
  const { keys } = JSON.parse(fromUtf8(documentOf(recorded, signed, "jwks.json")));
  return await smallPack(
    withDocument(recorded, signed, "jwks.json", canonicalJsonBytes({ keys: keys.map(otherwise) })),
  );
}

/** A small log that ends in one record more. */
export const withMore = (fact: Fact) =>
  smallPack({ facts: [...smallFacts, { ...fact, at: smallFacts.at(-1)?.at ?? fact.at }] });

export function verdict(): Fact {
  const { rejected, house } = told;
  return { ...factOf(house, "verdict"), id: `${rejected}/verdict`, promotion: rejected };
}

export function ofNone(): Fact {
  const { promotion: _, ...fact } = factOf(told.house, "sign-off", told.rejected);
  return { ...fact, id: "installation/sign-off" };
}

/** The last record taken out, and counted among what was left out. */
export function lacking(): Files {
  const { records, recordsLeftOut, ...rest } = manifestOf(nameless);
  const manifest = { ...rest, records: records - 1, recordsLeftOut: recordsLeftOut + 1 };
  const gone = { [recordPath(last)]: undefined, [proofPath(last)]: undefined };
  return resealed(nameless, { ...gone, [manifestPath]: packManifestBytes(manifest) });
}

export async function lacks(leftOut: () => Promise<LeftOut>): Promise<Files> {
  const { house, goOn, facts } = await leftOut();
  await goOn(2 * 86_400);
  return await packOf({ house }, { facts: facts() });
}

/** What is deployed before anybody approved it, a few seconds a record. */
export async function backInTime(): Promise<Files> {
  const { house, names } = await attemptLeftOut();
  const own = house.facts.filter(({ promotion, id }) => promotion === names && /\/\d+$/.test(id));
  const verdict = own.findIndex(({ type }) => type === "verdict");
  const from = own[verdict]?.at ?? expect.unreachable();
  const earlier = new Map(own.slice(verdict + 1).map((fact, n) => [fact.id, addSeconds(from, -4 * (n + 1))]));
  return await packOf(
    { house },
    { facts: house.facts.map((fact) => ({ ...fact, at: earlier.get(fact.id) ?? fact.at })) },
  );
}

/** A monitor's report, told where nothing follows from it. */
export async function driftBeside(): Promise<Files> {
  const { house, names: promotion } = await attemptLeftOut();
  const report = utf8('{"psi":0.31}');
  const attachments = [{ name: "drift-x.json", mediaType: "application/json", sha256: sha256Hex(report) }];
  const id = `${promotion}/drift/0123456789abcdef/2026-11-23T10`;
  const summary = "Drift was reported. It is restricted already.";
  const drift: Fact = { id, type: "drift", at: house.now(), promotion, summary, body: {}, attachments };
  const blobs = new Map(house.blobs).set(sha256Hex(report), report);
  return await packOf({ house }, { facts: [...house.facts, drift], blobs });
}

/** What ran is complained of, told as of what was rejected. */
export async function complainedOf(promotion: PromotionId): Promise<Files> {
  const { facts } = told.house;
  const outcome = facts.find(({ type }) => type === "outcome") ?? expect.unreachable();
  const id = outcome.id.replace(told.deployed, promotion);
  const house = { ...told.house, attestation: { key: attestationKeyOfPack } };
  return await packOf(
    { house },
    { facts: facts.map((each) => (each === outcome ? { ...outcome, id, promotion } : each)) },
  );
}

export async function moreTime(how: "fallen" | "restarted"): Promise<Files> {
  const { house } = await withMoreTime(how);
  return await packOf({ house });
}

/** Somebody signed in with a provider that says something in another way than most. */
export async function signedInWith(claims: (seconds: number) => Readonly<Record<string, unknown>>): Promise<Files> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "approve", { claims: claims(Math.floor(msOfInstant(house.clock) / 1000)) });
  return await packOf({ house });
}

/** Somebody delegated, and their provider says that it signed that before there were any instants. */
export async function issuedBefore1970(): Promise<Files> {
  const house = new House();
  const [from, until] = [house.now(), addSeconds(house.now(), 86_400)];
  const between = { delegator: cora.identity, delegate: dana.identity, role: "compliance-officer" };
  await house.delegate("delegate", { ...between, scope: {}, from, until, reason: "", salt: salt() }, cora);
  const delegated = factOf(house, "delegated");
  const { payload } = parseEnvelope(JSON.parse(fromUtf8(documentOf(house, delegated, "delegation.dsse.json"))));
  const challenge = challengeOf(JSON.parse(fromUtf8(fromBase64(payload))));
  const token = house.provider.token(cora, challenge, delegated.at, { iat: -1 });
  return await packOf({ house }, withDocument(house, delegated, "id-token.jwt", utf8(token)));
}

/** The first key that signed what people did is none, and yet has vouched for the next. */
export async function keyOfNothing(): Promise<Files> {
  const { house } = (await sweepStories["changes"]?.()) ?? expect.unreachable();
  const { body } = house.facts.find(isOf("key", undefined, isFirstAttestationKey)) ?? expect.unreachable();
  const none = verifyingKey("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
  const inJson = (text: unknown) => JSON.stringify(text).slice(1, -1);
  const told = JSON.stringify(house.facts)
    .replaceAll(inJson(body["key"]), inJson(none.pem))
    .replaceAll(String(body["keyid"]), none.keyid);
  const attestationKeys = house.keysHeld.map((each) => (each.keyid === body["keyid"] ? none : each));
  return await packOf({ house }, { facts: JSON.parse(told), attestationKeys });
}

const isFirstAttestationKey = ({ body }: Fact) => body["role"] === "attestation" && body["generation"] === 1;

export async function ofDrift(make: () => Promise<{ readonly house: House } & Retold>): Promise<Files> {
  const { house, ...told } = await make();
  return await packOf({ house }, told);
}

/** What nobody approved runs where something should, which would be put back; and it is told of none, or of what never ran. */
export async function intruderOf(promotion?: PromotionId): Promise<Files> {
  const { facts } = told.house;
  const found = facts.find(({ type, body }) => type === "intruder-found" && body["action"] === "take-back");
  if (found === undefined) throw new Error("Nothing was found.");
  const { promotion: _, ...rest } = found;
  const place = found.body["place"] as { readonly target: string; readonly endpoint: string };
  const body = { ...found.body, action: "report" };
  const as: Fact =
    promotion === undefined
      ? { ...rest, body, id: `installation/intruder/${place.target}/${place.endpoint}/7` }
      : { ...rest, body, promotion, id: `${promotion}/intruder/${place.endpoint}/7` };
  const others = facts.filter((each) => each.body["found"] !== found.id);
  const house = { ...told.house, attestation: { key: attestationKeyOfPack } };
  return await packOf({ house }, { facts: others.map((each) => (each === found ? as : each)) });
}

/** Nothing runs any more where something should. @param over what else is said of that */
export async function missing(action: "report" | "take-back", over: Partial<CandidateSaid> = {}): Promise<Files> {
  const { facts, blobs } = told.house;
  const found = facts.find(({ type, body }) => type === "intruder-found" && body["action"] === "take-back");
  const [kept] = found?.attachments ?? [];
  if (found === undefined || kept === undefined) throw new Error("Nothing was found.");
  const since = facts.findLast(({ id }) => /^p-\w+-\d+\/\d+$/.test(id) && id.startsWith(`${told.deployed}/`))?.at;
  const readAt = facts.at(-1)?.at ?? expect.unreachable();
  const frozen = facts.flatMap(({ promotion, attachments }) => (promotion === told.deployed ? attachments : []));
  const { sha256: manifest } = frozen.find(({ name }) => name === "freeze.json") ?? expect.unreachable();
  const { version } = JSON.parse(fromUtf8(blobs.get(manifest) ?? expect.unreachable())).model;
  const said = { version, place: found.body["place"] ?? null, status: "restricted", lentUntil: null };
  const candidate = { ...said, since: since ?? expect.unreachable(), verdict: null, altered: null, ...over };
  const ran = JSON.parse(fromUtf8(blobs.get(kept.sha256) ?? expect.unreachable()));
  const bytes = canonicalJsonBytes({ ...ran, readAt, revision: null, promotion: null, candidate });
  const as: Fact = {
    ...found,
    at: readAt,
    body: { ...found.body, kind: "missing", running: "", action },
    attachments: [{ ...kept, sha256: sha256Hex(bytes) }],
  };
  const others = facts.filter((each) => each !== found && each.body["found"] !== found.id);
  const house = {
    ...told.house,
    blobs: new Map(blobs).set(sha256Hex(bytes), bytes),
    attestation: { key: attestationKeyOfPack },
  };
  return await packOf({ house }, { facts: [...others, as] });
}

export async function earlyEscalated(): Promise<Files> {
  const { house, facts } = await escalatedAtOnce();
  return await packOf({ house }, { facts });
}

/** Nobody signed for two hours; then whoever the stage is escalated to filled its seat. */
export async function escalated(): Promise<Files> {
  const rita = member("Rita", "heads-of-risk");
  const role = "  head-of-risk:\n    title: Head of risk\n    groups: [heads-of-risk]\n    judges: [model]\n";
  const matrix = shipped.bundle.texts["matrix.yaml"]
    .replace("  # Asked for nowhere: whoever", `${role}$&`)
    .concat("\nreminders:\n  every: 12h\n  escalation: { after: 2h, to: head-of-risk, mayFill: true }\n");
  const house = new House(undefined, shippedWith(matrix), [rita]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  house.pass(2 * 3600);
  await house.sign(id, rita, "approve", { roles: ["head-of-risk"] });
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  const again = await house.submit("candidate", "3.0.0");
  await house.freezeAndJudge(again);
  await house.openStage(again);
  await house.sign(again, rita, "reject", { roles: ["head-of-risk"], reason: "Not this one." });
  expect([id, again].map((each) => house.promotions.stored(each).status)).toEqual(["deployed", "rejected"]);
  return await packOf({ house });
}

/** Two models are frozen, of which the service chooses one to run. */
export function twoModels(): Promise<Files> {
  const add = (manifest: FreezeManifest): FreezeManifest => {
    const data = manifest.artifacts.find(({ role }) => role === "training-data") ?? expect.unreachable();
    return { ...manifest, artifacts: [{ ...data, role: "model", name: "m-second.json" }, ...manifest.artifacts] };
  };
  return frozenOtherwise(add, { "m-second.json": "training-data.json" });
}

/** Whoever signed, lent and filled a seat is told with more than who they are, which nobody reads. */
export async function withMoreOfPeople(): Promise<Files> {
  const more = (value: unknown) => ({ ...Object(value), more: "for people" });
  const each = (list: unknown, change: (one: Record<string, unknown>) => object) =>
    (list as readonly Record<string, unknown>[]).map(change);
  const facts = told.house.facts.map((fact): Fact => {
    const { reviewer, lender, seats, lenders } = fact.body;
    const ofPerson = (one: Record<string, unknown>) => ({ ...one, person: more(one["person"]), more: 1 });
    const body = {
      ...fact.body,
      ...(fact.type.startsWith("sign-off") ? { reviewer: more(reviewer) } : {}),
      ...(fact.type === "loan-requested" ? { lender: more(lender) } : {}),
      ...(fact.type === "stage-decided" ? { seats: each(seats, ofPerson) } : {}),
      ...(fact.type === "loan" ? { lenders: each(lenders, ofPerson) } : {}),
    };
    return { ...fact, body: body as Fact["body"] };
  });
  const house = { ...told.house, attestation: { key: attestationKeyOfPack } };
  return await packOf({ house }, { facts });
}

/** People named by a claim that the log does not tell. */
export async function unnamed(): Promise<Files> {
  const house = await namedByOid();
  const { subjectClaim: _, ...body } = factOf(house, "installation").body;
  const facts = house.facts.map((fact) => (fact.type === "installation" ? { ...fact, body } : fact));
  return await packOf({ house }, { facts });
}
