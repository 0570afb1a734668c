import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJson, canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "../house.ts";
import { documentOf, factOf, withChanged } from "../retelling.ts";
import { member } from "../reviewers.ts";
import { stageGone } from "../stage-gone.ts";
import { behind, type Forgery, instead, isOf, once, without } from "./forgery.ts";
import { madeToFit, type Said, saying } from "./made-to-fit.ts";

// Seats that were lent as nobody lent them, and a break-glass release that goes by the name of an ordinary one.

const ida = member("Ida", "incident-commanders");
const olaf = member("Olaf", "incident-commanders");
const noor = member("Noor", "incident-commanders");

interface Lent {
  readonly house: House;
  readonly id: PromotionId;
  /** Of whoever asked, and of whoever confirmed. */
  readonly pair: readonly [Sha256, Sha256];
  /** Of what the first one asked for besides, which nobody confirmed. */
  readonly other: Sha256;
}

/** Compliance has signed; the rest is lent for an hour. One of the lenders had asked for two hours as well. */
async function lent(): Promise<Lent> {
  const house = new House(undefined, undefined, [ida, olaf, noor]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  const other = await house.lend(id, ida, { seconds: 7200 });
  const first = await house.lend(id, ida, { seconds: 3600 });
  const second = await house.lend(id, olaf, { seconds: 3600, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  return { house, id, pair: [first, second], other };
}

const over = once(async () => {
  const told = await lent();
  told.house.pass(3600);
  await told.house.expire(told.id);
  await told.house.cleanUp(told.id);
  return told;
});
const ratified = once(async () => {
  const told = await lent();
  await told.house.sign(told.id, dana);
  await told.house.sign(told.id, sam);
  await told.house.verify(told.id);
  return told;
});
/** Nothing of it is lent: three people approved it. */
const ordinary = once(async () => {
  const house = new House(undefined, undefined, [ida, olaf, noor]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  for (const each of [dana, sam]) await house.sign(id, each);
  await house.verify(id);
  await house.deploy(id);
  return { house, id };
});

type Change = (told: Lent) => readonly Fact[];

function forged(make: () => Promise<Lent>, change: Change, say?: Said): Forgery["tell"] {
  return async () => {
    const told = await make();
    return { house: told.house, ...(await madeToFit(told.house, change(told), say)) };
  };
}

/** With other words of the loan. */
const loanSaying =
  (words: (told: Lent, loan: Fact) => Readonly<Record<string, Json | undefined>>): Change =>
  (told) =>
    instead(told.house.facts, isOf("loan"), (loan) => [saying(loan, words(told, loan))]);

const isSignature = (id: Sha256) => isOf("loan-requested", undefined, ({ body }) => body["signature"] === id);
const lender = (who: typeof ida, signature: Sha256) => ({
  ...{ role: "incident-commander", person: { ...who.identity }, signature },
});

const withLevel =
  (level: string): Said =>
  ({ predicate, ...statement }) => ({
    ...statement,
    predicate: { ...predicate, verifiedLevels: [level, "COUNTERSIGN_IDP_BOUND"] },
  });

const withoutApprovals: Said = ({ predicate, ...statement }, { body }) => {
  const lenders = predicate.inputAttestations.filter(({ uri }) => uri.includes("/loans/"));
  return { ...statement, predicate: body["loan"] === true ? { ...predicate, inputAttestations: lenders } : predicate };
};

/** The directory said, as the loan's verdict was signed, that nobody's account is enabled who approved it. */
async function lentByThoseWhoLeft(say?: Said): ReturnType<Forgery["tell"]> {
  const { house } = await over();
  const verdict = factOf(house, "verdict");
  const left = withChanged(house, verdict, "people.json", ({ members, ...rest }) => ({
    ...rest,
    members: (members as readonly { readonly identity: Json }[]).map((each) =>
      canonicalJson(each.identity) === canonicalJson({ ...cora.identity }) ? { ...each, enabled: false } : each,
    ),
  }));
  return { house, ...(await madeToFit(house, left.facts ?? [], say, new Map(left.blobs))) };
}

/** So it is where the verdict leaves out what was lost. */
export const lentWithoutThoseWhoLeft = () => lentByThoseWhoLeft(withoutApprovals);

/** Everything from the loan's verdict on, so much later. */
function later(facts: readonly Fact[], seconds: number): readonly Fact[] {
  const from = facts.findIndex(isOf("verdict", undefined, ({ body }) => body["loan"] === true));
  return facts.map((fact, at) => (at < from ? fact : { ...fact, at: addSeconds(fact.at, seconds) }));
}

/** Lent once, and the same signatures once more for the next attempt at the same candidate. */
async function lentOnceMore(): ReturnType<Forgery["tell"]> {
  const { house, id } = await lent();
  house.pass(3600);
  await house.expire(id);
  await house.cleanUp(id);
  const next = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(next);
  await house.openStage(next);
  const again = house.facts
    .filter((fact) => fact.promotion === id && ["loan-requested", "loan"].includes(fact.type))
    .map((fact): Fact => ({ ...fact, promotion: next, id: fact.id.replace(id, next) }));
  return { house, ...(await madeToFit(house, [...house.facts, ...again])) };
}

/** A confirmation that came when the hour for it was over, taken by a service that had the request younger in its table. */
async function confirmedTooLate(): Promise<{ readonly house: House }> {
  const house = new House(undefined, undefined, [ida, olaf]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const first = await house.lend(id, ida, { seconds: 3600 });
  const { loans } = house.promotions;
  const younger = async (of: PromotionId) =>
    (await loans(of)).map((each) => {
      const recordedAt = each.signature.id === first ? addSeconds(house.clock, -60) : each.signature.recordedAt;
      return { ...each, signature: { ...each.signature, recordedAt } };
    });
  Object.assign(house.promotions, { loans: younger });
  house.pass(4000);
  await house.lend(id, olaf, { seconds: 3600, confirms: first });
  Object.assign(house.promotions, { loans });
  return { house };
}

/** Lent in the review before, and given in the next, whose requirements and gate report neither of them has signed. */
async function lentInTheReviewBefore(): Promise<{ readonly house: House }> {
  const { house, id, rename } = await stageGone({ toStop: 2 });
  const first = await house.lend(id, ida, { seconds: 7200 });
  await house.lend(id, olaf, { seconds: 7200, confirms: first, unheard: true });
  await rename();
  await house.decide(id);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const { loans } = house.promotions;
  const { review } = house.promotions.stored(id);
  const ofThisReview = async (of: PromotionId) =>
    (await loans(of)).map((each) => ({ ...each, signature: { ...each.signature, review } }));
  Object.assign(house.promotions, { loans: ofThisReview });
  await house.decide(id);
  Object.assign(house.promotions, { loans });
  return { house };
}

/** As if the quorum had approved it before it ran, and nobody had lent anything. */
async function asOrdinary(): ReturnType<Forgery["tell"]> {
  const { house, id } = await ratified();
  const isHidden = (fact: Fact) =>
    fact.promotion === id &&
    (["loan", "loan-requested", "loan-running"].includes(fact.type) ||
      (fact.type === "verdict" && fact.body["loan"] === true));
  const told = without(house.facts, isHidden);
  const begun = behind(told, isOf("deployment-started", id), isOf("verdict", id), (fact, { at, attachments }) => {
    const envelope = attachments.find(({ name }) => name === "verdict.dsse.json");
    return { ...saying(fact, { verdict: envelope?.sha256 ?? "" }), at: addSeconds(at, 1) };
  });
  const { house: other } = await ordinary();
  const deployed = factOf(other, "deployed");
  const blobs = new Map(house.blobs);
  const facts = instead(begun, isOf("loan-ratified", id), (fact) => {
    const at = addSeconds(fact.at, 600);
    const said = JSON.parse(fromUtf8(documentOf(other, deployed, "deployment.json")));
    const bytes = canonicalJsonBytes({ ...said, readAt: at });
    blobs.set(sha256Hex(bytes), bytes);
    const attachments = deployed.attachments.map((each) => ({ ...each, sha256: sha256Hex(bytes) }));
    return [{ ...fact, at, type: "deployed", body: deployed.body, attachments }];
  });
  return { house, ...(await madeToFit(house, facts, undefined, blobs)) };
}

/** Loans as nobody signed for them. */
export const ofLoans: Readonly<Record<string, Forgery>> = {
  "a loan that nobody confirmed: whoever asked for it is told as both": {
    tell: forged(over, (told) =>
      without(
        loanSaying(({ pair: [first] }) => ({ lenders: [lender(ida, first), lender(ida, first)] }))(told),
        isSignature(told.pair[1]),
      ),
    ),
    ours: /loan-invalid: The loan was recorded otherwise than its lenders signed/,
    second: /a loan was confirmed by nobody/,
  },
  "a loan that names whoever asked for it, and nobody else": {
    tell: forged(
      over,
      loanSaying(({ pair: [first] }) => ({ lenders: [lender(ida, first)] })),
    ),
    ours: /does not say what a 'loan' says \(lenders\)/,
    second: /does not say what a 'loan' says \(lenders\)/,
  },
  "a loan of two requests of one person": {
    tell: forged(
      over,
      loanSaying(({ pair: [first], other }) => ({ lenders: [lender(ida, other), lender(ida, first)] })),
    ),
    ours: /loan-invalid: The loan was recorded otherwise than its lenders signed/,
    second: /a loan was confirmed by nobody/,
  },
  "a loan whose confirmation is left out": {
    tell: forged(over, ({ house, pair: [, second] }) => without(house.facts, isSignature(second))),
    ours: /The loan rests on signatures that nothing proves/,
    second: /a loan rests on signatures that nothing proves/,
  },
  "a loan whose request is left out": {
    tell: forged(over, ({ house, pair: [first] }) => without(house.facts, isSignature(first))),
    ours: /The loan rests on signatures that nothing proves/,
    second: /a loan rests on signatures that nothing proves/,
  },
  "a confirmation of one request, told as that of another, for longer": {
    tell: forged(
      over,
      loanSaying(({ other, pair: [, second] }, loan) => ({
        lenders: [lender(ida, other), lender(olaf, second)],
        seconds: 7200,
        until: addSeconds(loan.body["at"] as Instant, 7200),
      })),
    ),
    ours: /The second lender must confirm the very loan that the first asked for/,
    second: /a loan was confirmed by nobody/,
  },
  "a loan that one person confirmed, told as another's": {
    tell: forged(
      over,
      loanSaying(({ pair: [first, second] }) => ({ lenders: [lender(ida, first), lender(noor, second)] })),
    ),
    ours: /The loan was recorded otherwise than its lenders signed/,
    second: /a loan names others than signed for it/,
  },
  "a confirmation that is recorded as another person's": {
    tell: forged(over, (told) =>
      instead(
        loanSaying(({ pair: [first, second] }) => ({ lenders: [lender(ida, first), lender(noor, second)] }))(told),
        isSignature(told.pair[1]),
        (fact) => [saying(fact, { lender: { ...noor.identity } })],
      ),
    ),
    ours: /A lender's signature is not what was signed: the statement names somebody else/,
    second: /a lender's statement says something else than records and documents/,
  },
  "a loan that was confirmed when the hour for it was over": {
    tell: confirmedTooLate,
    ours: /The request for a loan is older than an hour/,
    second: /a loan was confirmed too late/,
  },
  "a loan that began to run when it was over": {
    tell: forged(over, ({ house }) => later(house.facts, 3700)),
    ours: /What was lent was deployed when the loan was over/,
    second: /a loan's verdict came when it was over/,
  },
  "a loan for longer than its lenders signed": {
    tell: forged(
      over,
      loanSaying((_, loan) => ({ seconds: 7200, until: addSeconds(loan.body["at"] as Instant, 7200) })),
    ),
    ours: /The loan was recorded otherwise than its lenders signed/,
    second: /a loan is for other terms than were signed/,
  },
  "a loan that is counted in another quarter": {
    tell: forged(
      over,
      loanSaying((_, loan) => ({ budget: { ...Object(loan.body["budget"]), period: "2026-Q3" } })),
    ),
    ours: /The loan is not within the budget of its rule/,
    second: /a loan is counted in another period/,
  },
  "a loan that is told twice in one promotion": {
    tell: forged(over, ({ house, id }) =>
      instead(house.facts, isOf("loan", id), (fact) => [fact, { ...fact, at: addSeconds(fact.at, 1) }]),
    ),
    ours: /seats are lent once, while a stage is open/,
    second: /seats are lent once, while a stage is open/,
  },
  "a loan that rests on what was signed in the review before": {
    tell: lentInTheReviewBefore,
    ours: /loan-invalid: The loan rests on signatures of another review/,
    second: /a loan rests on signatures of another review/,
  },
  "a loan that rests on what was signed for the attempt before": {
    tell: lentOnceMore,
    ours: /loan-invalid: The statement does not fit the promotion as it is now/,
    second: /a lender's statement says something else than records and documents/,
  },
};

/** What was lent told as what a quorum approved, and the other way round. */
export const ofBrokenGlass: Readonly<Record<string, Forgery>> = {
  "a break-glass release that goes by a quorum's verdict": {
    tell: forged(over, ({ house, id }) =>
      instead(house.facts, isOf("verdict", id), (fact) => [saying(fact, { loan: undefined })]),
    ),
    ours: /a verdict is signed over an approved promotion/,
    second: /a quorum's verdict is signed over what is lent, before that runs/,
  },
  "a loan's verdict that says it is of a quorum": {
    tell: forged(over, ({ house }) => house.facts, withLevel("COUNTERSIGN_3_OF_3")),
    ours: /verdict-differs: The signed verdict says something else/,
    second: /a verdict says something else than its records/,
  },
  "a loan's verdict that leaves out an approval, and with it whatever that asks": {
    tell: forged(over, ({ house }) => house.facts, withoutApprovals),
    ours: /loan-invalid: The loan's verdict leaves out the approval [0-9a-f]{64}, which stood/,
    second: /a loan's verdict leaves out an approval that stood/,
  },
  "a loan's verdict that rests on an approval of somebody who had left": {
    tell: () => lentByThoseWhoLeft(),
    ours: /loan-invalid: The loan's verdict rests on the approval [0-9a-f]{64}, which did not stand/,
    second: /a loan's verdict rests on an approval that does not stand/,
  },
  "a quorum's verdict that says it is of a loan": {
    tell: forged(ratified, ({ house }) => house.facts, withLevel("COUNTERSIGN_LOAN")),
    ours: /verdict-differs: The signed verdict says something else/,
    second: /a verdict says something else than its records/,
  },
  "a break-glass release of which no loan is told": {
    tell: forged(over, ({ house, id }) => {
      const isHidden = (fact: Fact) => fact.promotion === id && /^loan|^clean-up/.test(fact.type);
      const told = without(house.facts, isHidden);
      return instead(told, isOf("verdict", id), (fact) => [saying(fact, { loan: undefined })]);
    }),
    ours: /a verdict is signed over an approved promotion/,
    second: /\(verdict\) cannot follow: the promotion is in-review/,
  },
  "a loan that ended, told as ratified": {
    tell: forged(over, ({ house, id }) => {
      const envelope = factOf(house, "verdict", id).attachments.find(({ name }) => name === "verdict.dsse.json");
      const verdict = envelope?.sha256 ?? "";
      const told = instead(house.facts, isOf("loan-ended", id), (fact) => [
        { ...fact, type: "loan-ratified", body: { verdict } },
      ]);
      return without(told, (fact) => /^(loan-taken|loan-review|clean)/.test(fact.type));
    }),
    ours: /no verdict says that the quorum approved it/,
    second: /no verdict says that the quorum approved it/,
  },
  "a loan that is ratified without its quorum's verdict": {
    tell: forged(ratified, ({ house, id }) => {
      const [first] = house.facts.filter(isOf("verdict", id));
      const envelope = first?.attachments.find(({ name }) => name === "verdict.dsse.json");
      const told = without(house.facts, (fact) => fact !== first && isOf("verdict", id)(fact));
      return instead(told, isOf("loan-ratified", id), (fact) => [saying(fact, { verdict: envelope?.sha256 ?? "" })]);
    }),
    ours: /no verdict says that the quorum approved it/,
    second: /no verdict says that the quorum approved it/,
  },
  "what three people approved, told as lent by two of them": {
    tell: async () => {
      const { house, id } = await ordinary();
      const [, one, other] = house.facts.filter(isOf("sign-off", id));
      const told = ({ body }: Fact = house.facts[0] as Fact) => ({
        ...{ role: "incident-commander", person: body["reviewer"] ?? null, signature: body["signOff"] ?? null },
      });
      const decided = house.facts.filter(isOf("stage-decided", id)).at(-1);
      const facts = instead(
        house.facts,
        (fact) => fact === decided,
        (fact) => [
          {
            ...{ ...fact, type: "loan" },
            body: {
              ...{ lenders: [told(one), told(other)], seconds: 3600, incident: "https://incidents.example/417" },
              ...{ at: other?.at ?? fact.at, until: addSeconds(other?.at ?? fact.at, 3600) },
              budget: { period: "2026-Q4", number: 1, of: 2 },
            },
          },
        ],
      );
      const lending = instead(facts, isOf("verdict", id), (fact) => [saying(fact, { loan: true })]);
      return { house, ...(await madeToFit(house, lending)) };
    },
    ours: /The loan rests on signatures that nothing proves/,
    second: /a loan rests on signatures that nothing proves/,
  },
};

/** What nothing in a pack shows: everything is there that has to be, in an order in which it may have happened. */
export const ranOnLoanBefore = asOrdinary;
