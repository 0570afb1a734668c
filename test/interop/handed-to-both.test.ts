import { afterAll, describe, expect, it } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import { passkeyConfirmedBy, visitor } from "../core/archive/confirmed-by.ts";
import { driftOfAnother, putBackAgain } from "../core/archive/drifted-again.ts";
import { sam } from "../core/archive/house.ts";
import { approvedInOneSecond } from "../core/archive/in-one-second.ts";
import { keptAndLeft, keptAndWithdrawn } from "../core/archive/kept-and-crashed.ts";
import { keptAndAskedAgain } from "../core/archive/kept-in-shadow.ts";
import { keptUnderKeyBefore } from "../core/archive/kept-under-key-before.ts";
import { approvedMeanwhile, rejectedTooLate, withdrawnTooLate } from "../core/archive/late-decisions.ts";
import { attemptLeftOut, newerLeftOut } from "../core/archive/left-out.ts";
import { lentToReceiver } from "../core/archive/lent-to-receiver.ts";
import { createdAt, type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { namedByOid } from "../core/archive/named-by-claim.ts";
import { packOfOthers } from "../core/archive/others-on-their-way.ts";
import { passportOvertaken } from "../core/archive/passport-overtaken.ts";
import { packUntil } from "../core/archive/policies-on-their-way.ts";
import { delegationRevokedBefore, passkeyRevokedBefore } from "../core/archive/revoked-meanwhile.ts";
import { signedInElsewhere, signedInForTwo } from "../core/archive/settings-on-their-way.ts";
import { shadowPlanChanged } from "../core/archive/shadow-plan-changed.ts";
import { approvedAtOnce, lostAtOnce, rejectedFirst, rejectedFirstAsAnother } from "../core/archive/signed-otherwise.ts";
import { told } from "../core/archive/told.ts";
import { verifiedOnTrial } from "../core/archive/tried-too-long.ts";
import { releasedUponLent } from "../core/archive/upon-lent.ts";
import {
  askedForAtFirst,
  backInTime,
  cleanedFirst,
  complainedOf,
  driftBeside,
  earlyEscalated,
  escalated,
  intruderOf,
  issuedBefore1970,
  keyOfNothing,
  keysOfNone,
  keyToldAs,
  lacking,
  lacks,
  missing,
  moreTime,
  nameless,
  ofAnotherTree,
  ofDrift,
  ofForgedSignIn,
  ofNone,
  ofUnsignedPolicies,
  packAs,
  policiesWithMore,
  signedInWith,
  since,
  twoModels,
  underUntoldPolicies,
  unnamed,
  verdict,
  withMore,
  withMoreOfPeople,
} from "./handed-packs.ts";
import { packOfImageByTag } from "./lies-of-deployments.ts";
import { packOfNothingBeside } from "./lies-of-others.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

// Each is handed to both verifiers.

/** Some of the logs go on for days. */
const now = addSeconds(createdAt, 7 * 86_400);

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
  ["what was asked for at the first instant that there is", askedForAtFirst, undefined],
  ["a key set that is none, beside a sign-in that was left out", keysOfNone, /a key set that is none/],
  [
    "a sign-in beside whose key more is told than is of it",
    () => keyToldAs((key) => ({ ...key, d: 7, x: 5 })),
    undefined,
  ],
  ["a sign-in beside a key that is none", () => keyToldAs(({ n: _, ...key }) => key), /is not in its form/],
  ["a key that is none, and is said to have vouched for the next", keyOfNothing, /an attestation key is none of P-256/],
  ["policies with a file that is none of theirs", policiesWithMore, /policies have not the files that policies have/],
  ["what was judged by policies that are on their way to the log", () => packUntil(undefined), undefined],
  [
    "what was judged by policies of which the log never tells",
    underUntoldPolicies,
    /something was judged by policies that were not in force/,
  ],
  ["what was signed in by another provider, of which the log does not tell yet", () => signedInElsewhere(0), undefined],
  [
    "what was signed in by another provider, of which the log never tells",
    () => signedInElsewhere(3600),
    /a passkey was made elsewhere than on the portal of then|an ID token is of another issuer/,
  ],
  ["a sign-in for two applications, a moment ago", signedInForTwo, /an ID token is for another application/],
  [
    "a release upon what ran on loan",
    async () => await packOf(await releasedUponLent("nothing")),
    /something was released upon what was on loan/,
  ],
  [
    "a release upon what had run on loan, and was ratified",
    async () => await packOf(await releasedUponLent("ratified")),
    undefined,
  ],
  [
    "a release once what had run on loan was taken back",
    async () => await packOf(await releasedUponLent("taken back")),
    undefined,
  ],
  [
    "a passport of an older candidate than its pipeline deploys",
    () => passportOvertaken(100),
    /a passport served for an older candidate than was deployed there/,
  ],
  ["a passport of the minute in which a newer candidate began to be deployed", () => passportOvertaken(30), undefined],
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
  ["a sign-in that was issued before 1970", issuedBefore1970, /an ID token was issued before 1970/],
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
