import { afterAll, describe, expect, it } from "vitest";
import { manifestPath, proofPath, recordPath, sinceProofPath } from "../../core/archive/pack/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../core/archive/pack/pack-manifest.ts";
import type { CandidateSaid } from "../../core/deployment/intruder.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { addSeconds, msOfInstant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { FreezeManifest } from "../../core/promotion/freeze-manifest.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { passkeyConfirmedBy, visitor } from "../core/archive/confirmed-by.ts";
import { driftOfAnother, putBackAgain } from "../core/archive/drifted-again.ts";
import { escalatedAtOnce } from "../core/archive/escalated-at-once.ts";
import { forgedSignIn } from "../core/archive/forged-sign-in.ts";
import { frozenOtherwise } from "../core/archive/frozen-otherwise.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "../core/archive/house.ts";
import { approvedInOneSecond } from "../core/archive/in-one-second.ts";
import { keptAndLeft, keptAndWithdrawn } from "../core/archive/kept-and-crashed.ts";
import { keptAndAskedAgain } from "../core/archive/kept-in-shadow.ts";
import { keptUnderKeyBefore } from "../core/archive/kept-under-key-before.ts";
import { approvedMeanwhile, rejectedTooLate, withdrawnTooLate } from "../core/archive/late-decisions.ts";
import { attemptLeftOut, type LeftOut, newerLeftOut } from "../core/archive/left-out.ts";
import { lentAndOver } from "../core/archive/lent-and-over.ts";
import { lentToReceiver } from "../core/archive/lent-to-receiver.ts";
import { createdAt, type Files, packOf, resealed, verified } from "../core/archive/memory-pack.ts";
import { withMoreTime } from "../core/archive/more-time.ts";
import { namedByOid } from "../core/archive/named-by-claim.ts";
import { packOfOthers } from "../core/archive/others-on-their-way.ts";
import { candidate, packUntil } from "../core/archive/policies-on-their-way.ts";
import { factOf, type Retold } from "../core/archive/retelling.ts";
import { member } from "../core/archive/reviewers.ts";
import { delegationRevokedBefore, passkeyRevokedBefore } from "../core/archive/revoked-meanwhile.ts";
import { shadowPlanChanged } from "../core/archive/shadow-plan-changed.ts";
import { approvedAtOnce, lostAtOnce, rejectedFirst, rejectedFirstAsAnother } from "../core/archive/signed-otherwise.ts";
import { headOf, sinceHead, smallFacts, smallPack } from "../core/archive/small-pack.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { verifiedOnTrial } from "../core/archive/tried-too-long.ts";
import { unsignedPolicies } from "../core/archive/unsigned-policies.ts";
import { packOfImageByTag } from "./lies-of-deployments.ts";
import { packOfNothingBeside } from "./lies-of-others.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

// Packs as whoever hands them on might make them, and logs as a service might write them: each is handed to both verifiers.

const manifestOf = (files: Files) => readPackManifest(files.get(manifestPath) ?? new Uint8Array());
const last = smallFacts.length - 1;
const since = await smallPack({ scope: sinceHead(headOf(await smallPack(), 7)) });
const nameless = await smallPack({ withoutPersonalData: true });

/** Under the head that everybody was shown: records of another tree, with their proofs in that one. */
async function ofAnotherTree(): Promise<Files> {
  const facts = smallFacts.map((fact, at) => (at === last ? { ...fact, summary: "It was otherwise." } : fact));
  const forked = await smallPack({ facts, scope: manifestOf(since).scope });
  const head = Object.fromEntries(["log/checkpoint", sinceProofPath].map((path) => [path, since.get(path)]));
  const manifest = { ...manifestOf(forked), log: manifestOf(since).log };
  return resealed(forked, { ...head, [manifestPath]: packManifestBytes(manifest) });
}

async function ofUnsignedPolicies(): Promise<Files> {
  const { house, facts } = await unsignedPolicies();
  return await packOf({ house }, { facts });
}

async function underUntoldPolicies(): Promise<Files> {
  const { facts, promotion } = await candidate();
  const request = facts.find((fact) => fact.promotion === promotion && fact.type === "request");
  return await packUntil(addSeconds(request?.at ?? expect.unreachable("It was asked for."), 3600));
}

async function ofForgedSignIn(): Promise<Files> {
  const { house, facts = [], blobs = new Map() } = await forgedSignIn();
  return await packOf({ house }, { facts, blobs });
}

const packAs = ({ house, facts }: Awaited<ReturnType<typeof rejectedFirst>>) => packOf({ house }, { facts });

async function cleanedFirst(): Promise<Files> {
  const { house } = await lentAndOver(true);
  return await packOf({ house });
}

/** A small log that ends in one record more. */
const withMore = (fact: Fact) =>
  smallPack({ facts: [...smallFacts, { ...fact, at: smallFacts.at(-1)?.at ?? fact.at }] });

function verdict(): Fact {
  const { rejected, house } = told;
  return { ...factOf(house, "verdict"), id: `${rejected}/verdict`, promotion: rejected };
}

function ofNone(): Fact {
  const { promotion: _, ...fact } = factOf(told.house, "sign-off", told.rejected);
  return { ...fact, id: "installation/sign-off" };
}

/** The last record taken out, and counted among what was left out. */
function lacking(): Files {
  const { records, recordsLeftOut, ...rest } = manifestOf(nameless);
  const manifest = { ...rest, records: records - 1, recordsLeftOut: recordsLeftOut + 1 };
  const gone = { [recordPath(last)]: undefined, [proofPath(last)]: undefined };
  return resealed(nameless, { ...gone, [manifestPath]: packManifestBytes(manifest) });
}

async function lacks(leftOut: () => Promise<LeftOut>): Promise<Files> {
  const { house, goOn, facts } = await leftOut();
  await goOn(2 * 86_400);
  return await packOf({ house }, { facts: facts() });
}

/** What is deployed before anybody approved it, a few seconds a record. */
async function backInTime(): Promise<Files> {
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
async function driftBeside(): Promise<Files> {
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
async function complainedOf(promotion: PromotionId): Promise<Files> {
  const { facts } = told.house;
  const outcome = facts.find(({ type }) => type === "outcome") ?? expect.unreachable();
  const id = outcome.id.replace(told.deployed, promotion);
  const house = { ...told.house, attestation: { key: attestationKeyOfPack } };
  return await packOf(
    { house },
    { facts: facts.map((each) => (each === outcome ? { ...outcome, id, promotion } : each)) },
  );
}

async function moreTime(how: "fallen" | "restarted"): Promise<Files> {
  const { house } = await withMoreTime(how);
  return await packOf({ house });
}

/** Somebody signed in with a provider that says something in another way than most. */
async function signedInWith(claims: (seconds: number) => Readonly<Record<string, unknown>>): Promise<Files> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "approve", { claims: claims(Math.floor(msOfInstant(house.clock) / 1000)) });
  return await packOf({ house });
}

async function ofDrift(make: () => Promise<{ readonly house: House } & Retold>): Promise<Files> {
  const { house, ...told } = await make();
  return await packOf({ house }, told);
}

/** What nobody approved runs where something should, which would be put back; and it is told of none, or of what never ran. */
async function intruderOf(promotion?: PromotionId): Promise<Files> {
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
async function missing(action: "report" | "take-back", over: Partial<CandidateSaid> = {}): Promise<Files> {
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

async function earlyEscalated(): Promise<Files> {
  const { house, facts } = await escalatedAtOnce();
  return await packOf({ house }, { facts });
}

/** Nobody signed for two hours; then whoever the stage is escalated to filled its seat. */
async function escalated(): Promise<Files> {
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
function twoModels(): Promise<Files> {
  const add = (manifest: FreezeManifest): FreezeManifest => {
    const data = manifest.artifacts.find(({ role }) => role === "training-data") ?? expect.unreachable();
    return { ...manifest, artifacts: [{ ...data, role: "model", name: "m-second.json" }, ...manifest.artifacts] };
  };
  return frozenOtherwise(add, { "m-second.json": "training-data.json" });
}

/** Some of the logs go on for days. */
const now = addSeconds(createdAt, 7 * 86_400);

/** People named by a claim that the log does not tell. */
/** Whoever signed, lent and filled a seat is told with more than who they are, which nobody reads. */
async function withMoreOfPeople(): Promise<Files> {
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

async function unnamed(): Promise<Files> {
  const house = await namedByOid();
  const { subjectClaim: _, ...body } = factOf(house, "installation").body;
  const facts = house.facts.map((fact) => (fact.type === "installation" ? { ...fact, body } : fact));
  return await packOf({ house }, { facts });
}

/** Each pack, and what the second verifier says of it; nothing where it was made as it is to be. */
const packs: readonly (readonly [string, () => Files | Promise<Files>, RegExp | undefined])[] = [
  ["what came since", () => since, undefined],
  ["everything without personal data", () => nameless, undefined],
  [
    "records of another tree, under the head that everybody was shown",
    ofAnotherTree,
    /a proof has another checkpoint than the pack/,
  ],
  ["a record taken out that is not named", lacking, /a record is not there, and not among those that were left out/],
  [
    "policies that nobody signed for, by a record of no history",
    ofUnsignedPolicies,
    /is no id of a record of the type 'policy-activated'/,
  ],
  ["what was judged by policies that are on their way to the log", () => packUntil(undefined), undefined],
  [
    "what was judged by policies of which the log never tells",
    underUntoldPolicies,
    /something was judged by policies that were not in force/,
  ],
  ["an update of what is not told to be released yet", () => packOfOthers("released", { seconds: 1 }), undefined],
  [
    "an update of what was never released",
    () => packOfOthers("released", { seconds: 906 }),
    /nothing had been deployed before|compared with what did not serve then/,
  ],
  ["what took a place that is not told to be taken yet", () => packOfOthers("superseded", { seconds: 1 }), undefined],
  [
    "what took a place that was never taken",
    () => packOfOthers("superseded", { seconds: 906 }),
    /whose place was not taken|does not say so/,
  ],
  ["what asks again about a drift that is not told yet", () => packOfOthers("drifted", { seconds: 1 }), undefined],
  [
    "what asks again about what never drifted",
    () => packOfOthers("drifted", { seconds: 906 }),
    /asked about again that did not drift/,
  ],
  [
    "a verdict beside the history of what was rejected",
    () => withMore(verdict()),
    /is no id of a record of the type 'verdict'/,
  ],
  ["a sign-off of no promotion", () => withMore(ofNone()), /is no id of a record of the type 'sign-off'/],
  [
    "what was lent, cleaned up before it was deployed",
    cleanedFirst,
    /\(clean-up\) cannot follow: the promotion is loaned/,
  ],
  [
    "no run in shadow of what had drifted, and ran on",
    () => packOfNothingBeside(true),
    /did not run in shadow since nothing ran there, and something did/,
  ],
  [
    "a rejection that took an approval back, told the other way round",
    async () => await packAs(await rejectedFirst()),
    /a sign-off counts as its reviewer's latest, and was signed before another one/,
  ],
  [
    "a rejection that took back what the same person had approved with another account, told the other way round",
    async () => await packAs(await rejectedFirstAsAnother()),
    /a sign-off counts as its reviewer's latest, and was signed before another one/,
  ],
  [
    "an approval of the first minute, told as one of after the time for review",
    async () => await packAs(await approvedAtOnce()),
    /a sign-off was signed before its time/,
  ],
  [
    "a stage that is opened again as soon as it was completed, and takes its time for review",
    async () => await packAs(await lostAtOnce()),
    undefined,
  ],
  [
    "the same where the clock that the last approval was recorded by is two seconds ahead",
    async () => await packAs(await lostAtOnce(2)),
    undefined,
  ],
  [
    "an approval that was written as the next review was told what is kept",
    async () => await packAs(await approvedMeanwhile()),
    undefined,
  ],
  [
    "two approvals of one second, of which the later one was written first",
    async () => await packOf(await approvedInOneSecond()),
    undefined,
  ],
  [
    "a kept sign-off whose candidate was withdrawn before it said so",
    async () => await packOf(await keptAndWithdrawn()),
    undefined,
  ],
  [
    "a kept sign-off of somebody who had left before its candidate said so",
    async () => await packOf(await keptAndLeft()),
    undefined,
  ],
  [
    "a kept sign-off that falls since policies changed while its candidate ran in shadow, whose seat is filled anew",
    async () => await packOf(await keptAndAskedAgain()),
    undefined,
  ],
  [
    "a run in shadow during which policies asked for another, which ran as well",
    async () => await packOf(await shadowPlanChanged()),
    undefined,
  ],
  [
    "kept sign-offs that fall since their key was replaced, whose seats are filled anew",
    async () => await packOf(...(await keptUnderKeyBefore())),
    undefined,
  ],
  [
    "a withdrawal that is told as of after its review, so that what it took back is kept",
    async () => await packAs(await withdrawnTooLate()),
    /a sign-off came after its review was over/,
  ],
  [
    "a rejection that is told as of after its candidate's place was taken, and an approval of that kept",
    async () => await packAs(await rejectedTooLate()),
    /a sign-off came after the promotion had ended/,
  ],
  [
    "a passkey that is revoked seven seconds before it signs, which nobody could read yet",
    async () => await packOf(await passkeyRevokedBefore(7)),
    undefined,
  ],
  [
    "a passkey that signs longer after it was revoked than clocks differ",
    async () => await packOf(await passkeyRevokedBefore(9)),
    /a passkey did not stand when it signed/,
  ],
  [
    "a delegation that is revoked six seconds before what it is used for is decided, which nobody could read yet",
    async () => await packOf(await delegationRevokedBefore(6)),
    undefined,
  ],
  [
    "a seat that is filled by a delegation revoked longer before than clocks differ",
    async () => await packOf(await delegationRevokedBefore(10)),
    /the stage 'model and operations' was decided with other seats than its sign-offs fill/,
  ],
  [
    "a sign-in by a key of the service's own, under the name of the provider's",
    ofForgedSignIn,
    /an identity provider has two keys of one name/,
  ],
  ["without the attempt before, which people rejected", () => lacks(attemptLeftOut), /is not in the log/],
  [
    "a stage that has its time again, since nobody's seat fell",
    () => moreTime("fallen"),
    /none of what was approved fell/,
  ],
  [
    "a stage that has its time again, since nothing changed",
    () => moreTime("restarted"),
    /another review began, and the policies were the same/,
  ],
  ["a sign-in half a second later than another", () => signedInWith((at) => ({ auth_time: at + 60.5 })), undefined],
  [
    "a sign-in whose groups are where most providers have them",
    () => signedInWith(() => ({ "cognito:groups": null, groups: ["compliance-officers"] })),
    undefined,
  ],
  [
    "people who are named by another claim than sub",
    async () => await packOf({ house: await namedByOid() }),
    undefined,
  ],
  ["people of whom more is told than who they are", withMoreOfPeople, undefined],
  ["the same where the log does not say so", unnamed, /a statement names somebody else than its token/],
  ["what had drifted itself, put back", () => ofDrift(putBackAgain), /what is to serve again is not deployed any more/],
  ["the drift of what ran before", () => ofDrift(driftOfAnother), /another ran in its place/],
  ["an intruder that is told of no promotion", () => intruderOf(), /told of another than what should run there/],
  [
    "an intruder that is told of what never ran",
    () => intruderOf(told.rejected),
    /told of another than what should run there/,
  ],
  ["what was approved and runs no more", () => missing("report"), undefined],
  [
    "the same, said of what the records tell is restricted as if it ran as it was approved",
    () => missing("report", { status: "deployed" }),
    /says something else of its promotion than the records do/,
  ],
  ["the same, said to be put back", () => missing("take-back"), /missing is said to be taken back/],
  ["a seat that was filled by whom its stage is escalated to", escalated, undefined],
  [
    "a stage that is told as opened two hours before the log had it, so that it was escalated at once",
    earlyEscalated,
    /came late, and what had to wait for it did not/,
  ],
  [
    "an image by its tag, which may be another one tomorrow",
    packOfImageByTag,
    /deployed an image that its environment does not name by digest/,
  ],
  ["a verdict while a rule that did not pass is on trial, by the clocks", () => verifiedOnTrial(4), undefined],
  [
    "a verdict once a rule blocks that did not pass while it was on trial",
    () => verifiedOnTrial(5),
    /a rule did not pass whose trial was over/,
  ],
  ["a passkey that a second person confirmed", () => passkeyConfirmedBy(sam), undefined],
  [
    "a passkey that somebody without a role confirmed",
    () => passkeyConfirmedBy(visitor),
    /a passkey was confirmed by somebody who held no role/,
  ],
  ["what its receiver deployed on loan, and said so", () => lentToReceiver(true), undefined],
  [
    "what is said to run on loan, and its receiver never said that it deployed it",
    () => lentToReceiver(false),
    /nobody reported the deployment/,
  ],
  ["two models in one candidate", twoModels, /which model or environment was signed is not told/],
  ["a monitor's report that restricts nothing", driftBeside, /beside the history of what was not restricted for it/],
  [
    "a complaint about what never ran",
    () => complainedOf(told.rejected),
    /what became of a candidate is told, and it had not begun to be deployed/,
  ],
  ["a deployment before its verdict, by a few seconds a record", backInTime, /goes back in time/],
  ["without a newer candidate, which people rejected", () => lacks(newerLeftOut), /is not in the log/],
];

describe.each(packs)("%s", (_, made, refused) => {
  let pack: Files | Promise<Files> | undefined;
  const make = () => {
    pack ??= made();
    return pack;
  };
  afterAll(() => {
    pack = undefined;
  });

  it("is taken by our verifier only as it is to be made", async () => {
    expect((await verified(await make(), { now })).holds).toBe(refused === undefined);
  });

  withTool(
    python,
    "is taken by the second verifier only as it is to be made",
    async () => {
      await expectVerdict(await make(), refused);
    },
    async () => requireOnThePage(await make()),
  );
});
