import type { PackFindingCode } from "../../../../core/archive/pack/pack-findings.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Fact, FactType } from "../../../../core/promotion/fact.ts";
import { dana, sam } from "../people.ts";
import { changed, factOf, type Retold, saying, withDocument } from "../retelling.ts";
import type { Told } from "../told.ts";

/** What a service with all its keys might tell instead of what happened, and what then does not add up. */
export interface Lie {
  readonly what: string;
  readonly tell: (told: Told) => Retold;
  readonly code: PackFindingCode;
  readonly sentence: RegExp;
}

const another = sha256Hex(utf8("another"));

/** One for each type of record. A new type does not compile before somebody has thought about the lie that it could be. */
export const lies: Readonly<Record<FactType, Lie>> = {
  request: {
    what: "a request for another candidate than the promotion's id is made of",
    tell: ({ house }) => saying(house, factOf(house, "request"), { freezeDigest: another }),
    code: "life-cycle",
    sentence: /its id is not that of what was frozen/,
  },
  freeze: {
    what: "evidence that is not what was frozen",
    tell: ({ house }) => withDocument(house, factOf(house, "freeze"), "bias.json", utf8("{}")),
    code: "freeze-differs",
    sentence: /^The evidence 'bias\.json' that was kept is not the one that was frozen\.$/,
  },
  gates: {
    what: "gates that stopped what they had let pass",
    tell: ({ house }) => saying(house, factOf(house, "gates"), { outcome: "blocked" }),
    code: "gates-differ",
    sentence: /^The gates, evaluated again, are 'passed'; 'blocked' was recorded\.$/,
  },
  blocked: {
    what: "gates that passed what they had stopped",
    tell: ({ house, blocked }) => ({
      facts: changed(house, factOf(house, "blocked", blocked), (fact) => ({
        ...fact,
        type: "gates",
        body: { ...fact.body, outcome: "passed" },
      })),
    }),
    code: "gates-differ",
    sentence: /^The gates, evaluated again, are 'blocked'; 'passed' was recorded\.$/,
  },
  "stage-opened": {
    what: "a stage with more time than its rule has",
    tell: ({ house }) => saying(house, factOf(house, "stage-opened"), { deadline: "2099-01-01T00:00:00.000Z" }),
    code: "order",
    sentence: /^The stage 'compliance' was given more time than its rule has\.$/,
  },
  "sign-off": {
    what: "a sign-off in a role that nobody signed in",
    tell: ({ house }) => saying(house, factOf(house, "sign-off"), { roles: ["compliance-officer", "sre"] }),
    code: "sign-off-invalid",
    sentence: /^A recorded sign-off is not what was signed: it is stored as another decision than the one signed\.$/,
  },
  "sign-off-kept": {
    what: "a kept sign-off in a role that nobody signed in",
    tell: ({ house }) =>
      saying(house, factOf(house, "sign-off-kept"), { kept: { stage: 0, roles: ["sre"], review: 1 } }),
    code: "sign-off-invalid",
    sentence: /^It is kept otherwise than the promotion's own record says\.$/,
  },
  "stage-decided": {
    what: "a stage decided for somebody who did not sign",
    tell: ({ house }) => {
      const fact = factOf(house, "stage-decided");
      const [seat] = fact.body["seats"] as readonly { readonly [key: string]: string }[];
      return saying(house, fact, { seats: [{ ...seat, person: { ...sam.identity } }] });
    },
    code: "quorum-differs",
    sentence: /^The stage 'compliance' was recorded as decided with other seats than its sign-offs fill\.$/,
  },
  "seat-reopened": {
    what: "a seat that fell open, kept quiet about",
    tell: ({ house }) => omitting(house, "seat-reopened"),
    code: "life-cycle",
    sentence: /a record is missing or out of order\.$/,
  },
  "loan-requested": {
    what: "a loan for longer than somebody signed",
    tell: ({ house }) => saying(house, factOf(house, "loan-requested"), { seconds: 14_400 }),
    code: "loan-invalid",
    sentence: /^A lender's signature is not what was signed: it is stored as another loan than the one signed\.$/,
  },
  loan: {
    what: "a loan that lasts longer than its lenders signed",
    tell: ({ house }) => saying(house, factOf(house, "loan"), { until: "2099-01-01T00:00:00.000Z" }),
    code: "loan-invalid",
    sentence: /^The loan was recorded otherwise than its lenders signed\.$/,
  },
  "loan-refused": twice("loan-refused"),
  "loan-running": misplaced("loan-running", /nothing was lent\.$/),
  "loan-ratified": {
    what: "a loan said to be ratified that nobody ratified",
    tell: ({ house, lent }) => ({
      facts: changed(house, factOf(house, "loan-ended", lent), (fact) => ({ ...fact, type: "loan-ratified" })),
    }),
    code: "life-cycle",
    sentence: /no verdict says that the quorum approved it\.$/,
  },
  "loan-ended": {
    what: "a loan that ended before its time",
    tell: ({ house }) => ({
      facts: changed(house, factOf(house, "loan-ended"), (fact) => ({ ...fact, at: addSeconds(fact.at, -1800) })),
    }),
    code: "loan-invalid",
    sentence: /^The loan was to last until .*, and is said to have ended before\.$/,
  },
  "loan-taken-back": {
    what: "a loan said to be taken back that still serves",
    tell: ({ house, lent }) => saying(house, factOf(house, "loan-taken-back"), { serves: lent }),
    code: "loan-invalid",
    sentence: /^The loan is said to be taken back, and what was lent still serves\.$/,
  },
  "loan-review-opened": misplaced("loan-review-opened", /nothing was lent\.$/),
  held: {
    what: "a hold that was kept quiet about",
    tell: ({ house }) => omitting(house, "held"),
    code: "life-cycle",
    sentence: /a record is missing or out of order\.$/,
  },
  staged: {
    what: "what was told of the release, kept quiet about",
    tell: ({ house }) => omitting(house, "staged"),
    code: "life-cycle",
    sentence: /a record is missing or out of order\.$/,
  },
  "shadow-run": {
    what: "a run in shadow of what had been rejected",
    tell: ({ house, rejected }) => {
      const last = house.facts.findLast(({ promotion }) => promotion === rejected);
      if (last === undefined) throw new Error("Nothing was recorded.");
      const next = Number(last.id.slice(rejected.length + 1)) + 1;
      const body = { state: "nothing-to-compare", plan: another };
      return { facts: [...house.facts, { ...last, type: "shadow-run", id: `${rejected}/${next}`, body }] };
    },
    code: "life-cycle",
    sentence: /the promotion is rejected/,
  },
  rollback: {
    what: "a roll-back that was kept quiet about",
    tell: ({ house }) => omitting(house, "rollback"),
    code: "life-cycle",
    sentence: /a record is missing or out of order\.$/,
  },
  verdict: {
    what: "a verdict of another moment than was signed",
    tell: ({ house }) => ({
      facts: changed(house, factOf(house, "verdict"), (fact) => ({ ...fact, at: addSeconds(fact.at, 1) })),
    }),
    code: "verdict-differs",
    sentence: /^The signed verdict says something else than the records that it rests on\.$/,
  },
  "deployment-started": {
    what: "a deployment to another endpoint",
    tell: ({ house }) => saying(house, factOf(house, "deployment-started"), { endpoint: "other" }),
    code: "deployment-unapproved",
    sentence: /^The deployment went to another endpoint than was signed off\.$/,
  },
  "traffic-shifted": {
    what: "a part of the requests that was more than its release had",
    tell: ({ house }) => saying(house, factOf(house, "traffic-shifted"), { percent: 50 }),
    code: "deployment-differs",
    sentence: /^It is said to answer 50 percent of the requests, which was not its part then\.$/,
  },
  rejected: {
    what: "a rejection by somebody who did not sign it",
    tell: ({ house }) => saying(house, factOf(house, "rejected"), { by: [{ ...dana.identity }] }),
    code: "quorum-differs",
    sentence: /^A rejection was recorded that the sign-offs do not come to\.$/,
  },
  supersedes: {
    what: "a sign-off that counts, and is not said to be kept",
    tell: ({ house }) => saying(house, factOf(house, "supersedes"), { kept: [] }),
    code: "quorum-differs",
    sentence: /nobody fills the seat of compliance-officer/,
  },
  // Ends, and what follows them: the service may say that something ended, which never lets anything run; it cannot say
  // so of what has ended otherwise.
  deployed: misplaced("deployed", /cannot become deployed/),
  "rolled-back": misplaced("rolled-back", /cannot become rolled-back/),
  expired: misplaced("expired", /cannot become expired/),
  withdrawn: misplaced("withdrawn", /cannot become withdrawn/),
  superseded: misplaced("superseded", /cannot become superseded/),
  failed: misplaced("failed", /cannot become failed/),
  drift: misplaced("drift", /cannot become restricted/),
  remedy: {
    what: "another remedy than was announced when the model drifted",
    tell: ({ house }) => saying(house, factOf(house, "remedy"), { remedy: "previous" }),
    code: "deployment-differs",
    sentence: /^'previous' was done about it, and 'stop' was announced when it drifted\.$/,
  },
  "intruder-found": {
    what: "a finding of another kind than what ran comes to",
    tell: ({ house }) => saying(house, factOf(house, "intruder-found"), { kind: "expired" }),
    code: "deployment-differs",
    sentence: /^It is recorded as 'expired', and what ran then comes to 'unapproved'\.$/,
  },
  "intruder-gone": {
    what: "an intruder that is gone, and was never found",
    tell: ({ house }) => saying(house, factOf(house, "intruder-gone"), { found: "another" }),
    code: "deployment-differs",
    sentence: /^It is about something that was never found\.$/,
  },
  "take-back": {
    what: "something put back under another verdict",
    tell: ({ house }) => saying(house, factOf(house, "take-back"), { verdict: another }),
    code: "deployment-differs",
    sentence: /^What was put back is not what the promotion's verdict allows\.$/,
  },
  "clean-up": {
    what: "a clean-up before what it followed",
    tell: ({ house }) => ({
      facts: changed(house, factOf(house, "clean-up"), (fact) => ({ ...fact, at: addSeconds(fact.at, -3600) })),
    }),
    code: "order",
    sentence: /which is before '.*', which it follows\.$/,
  },
  // What a person was sent, opened, reported or took away is told by the service alone; but once, and of one promotion.
  "notification-queued": ofAnother("notification-queued"),
  "notification-sent": ofAnother("notification-sent"),
  "notification-refused": ofAnother("notification-refused"),
  "notification-delivered": ofAnother("notification-delivered"),
  "notification-bounced": ofAnother("notification-bounced"),
  "notification-complained": ofAnother("notification-complained"),
  "notification-redriven": ofAnother("notification-redriven"),
  "notification-discarded": ofAnother("notification-discarded"),
  escalated: ofAnother("escalated"),
  "link-opened": ofAnother("link-opened"),
  question: ofAnother("question"),
  answer: ofAnother("answer"),
  outcome: ofAnother("outcome"),
  "deployment-reported": ofAnother("deployment-reported"),
  "plan-reported": ofAnother("plan-reported"),
  "passport-issued": {
    what: "a passport under a verdict that nobody signed",
    tell: ({ house }) => saying(house, factOf(house, "passport-issued"), { verdict: another }),
    code: "deployment-unapproved",
    sentence: /^A passport names another verdict than was signed\.$/,
  },
  "passport-redeemed": {
    what: "the redemption of a passport that was never issued",
    tell: ({ house }) => saying(house, factOf(house, "passport-redeemed"), { passport: "another" }),
    code: "deployment-unapproved",
    sentence: /^A passport was redeemed that was not issued\.$/,
  },
  "export-requested": twice("export-requested"),
  export: twice("export"),
  key: {
    what: "another key under the id of the one that was published",
    tell: ({ house }) => saying(house, factOf(house, "key"), { key: "-----BEGIN PUBLIC KEY-----\n" }),
    code: "key-record-invalid",
    sentence: /its key does not have the id that it is named by/,
  },
  "passkey-enrolled": {
    what: "a passkey said to be another person's",
    tell: ({ house }) => saying(house, factOf(house, "passkey-enrolled"), { owner: { ...dana.identity } }),
    code: "passkey-invalid",
    sentence: /^It is recorded as another person's passkey\.$/,
  },
  "passkey-confirmed": {
    what: "a passkey said to be confirmed by somebody else",
    tell: ({ house }) => saying(house, factOf(house, "passkey-confirmed"), { person: { ...dana.identity } }),
    code: "passkey-invalid",
    sentence: /the statement names somebody else/,
  },
  "passkey-revoked": {
    what: "the revocation of a passkey, told as that of another",
    tell: ({ house }) => {
      const other = factOf(house, "passkey-enrolled").body["passkey"];
      const revoked = factOf(house, "passkey-revoked");
      const id = revoked.id.replace(String(revoked.body["passkey"]), String(other));
      const body = { ...revoked.body, passkey: other ?? "" };
      return { facts: changed(house, revoked, (fact) => ({ ...fact, id, body })) };
    },
    code: "passkey-invalid",
    sentence: /it is stored under another key's id/,
  },
  delegated: {
    what: "a delegation said to be another person's",
    tell: ({ house }) => saying(house, factOf(house, "delegated"), { delegator: { ...sam.identity } }),
    code: "delegation-invalid",
    sentence: /^It is recorded as a delegation between other people\.$/,
  },
  "policy-proposed": {
    what: "policies that were proposed in the place of others than those that reviewers were shown",
    tell: ({ house }) => saying(house, factOf(house, "policy-proposed"), { former: another }),
    code: "life-cycle",
    sentence: /it was proposed in the place of others/,
  },
  "policy-activated": {
    what: "policies that are counted as another version",
    tell: ({ house }) => saying(house, factOf(house, "policy-activated"), { number: 7 }),
    code: "policy-differs",
    sentence: /^It is counted as another version than it is\.$/,
  },
  installation: {
    what: "applications that nobody signed in to",
    tell: ({ house }) => saying(house, factOf(house, "installation"), { audiences: ["lunch-menu"] }),
    code: "passkey-invalid",
    sentence: /^The token was issued to another application\.$/,
  },
  "delegation-revoked": {
    what: "the taking back of a delegation, told as that of another delegate's",
    tell: ({ house }) => saying(house, factOf(house, "delegation-revoked"), { delegate: { ...sam.identity } }),
    code: "delegation-invalid",
    sentence: /^It is recorded as a delegation between other people\.$/,
  },
};

function omitting(house: Told["house"], type: FactType): Retold {
  return { facts: changed(house, factOf(house, type), () => undefined) };
}

/** Told at the end of a promotion that was rejected. */
function misplaced(type: FactType, sentence: RegExp): Lie {
  return {
    what: `'${type}' said of what had been rejected`,
    tell: ({ house, rejected }) => {
      const last = house.facts.findLast(({ promotion }) => promotion === rejected);
      if (last === undefined) throw new Error("Nothing was recorded.");
      const next = Number(last.id.slice(rejected.length + 1)) + 1;
      const fact: Fact = { ...factOf(house, type), id: `${rejected}/${next}`, promotion: rejected, at: last.at };
      return { facts: [...house.facts, fact] };
    },
    code: "life-cycle",
    sentence,
  };
}

/** Told of a promotion that its id does not belong to. */
function ofAnother(type: FactType): Lie {
  return {
    what: `'${type}' of one promotion, told of another`,
    tell: ({ house, rejected }) => ({
      facts: changed(house, factOf(house, type), (fact) => ({ ...fact, promotion: rejected })),
    }),
    code: "life-cycle",
    sentence: /is no record of p-[0-9a-f]{32}-1\.$/,
  };
}

function twice(type: FactType): Lie {
  return {
    what: `'${type}' told twice, in other words`,
    tell: ({ house }) => ({ facts: [...house.facts, { ...factOf(house, type), summary: "Once more." }] }),
    code: "record-repeated",
    sentence: /^The ledger holds the record '.*' twice\.$/,
  };
}
