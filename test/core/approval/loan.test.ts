import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import {
  type AttemptedLoan,
  confirmedLoan,
  type LoanInput,
  loanOf,
  loanPeriodOf,
  loanRequestLifetimeSeconds,
  refuseLender,
} from "../../../core/approval/loan.ts";
import type { LoanPolicy, Matrix } from "../../../core/approval/matrix.ts";
import { approvalInputOf, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { enterLoan, type LenderSignature, type LoanBook } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  cora,
  dana,
  digestOf,
  everybody,
  id,
  manifest,
  matrix,
  member,
  now,
  policy,
  promotionInReview,
  sam,
  tom,
} from "../promotion/promotion-in-review.ts";

const lending: LoanPolicy = { roles: ["commander"], maximumSeconds: 14_400, budget: { loans: 2, per: "quarter" } };
const commander = { title: "Commander", groups: ["commanders"], judges: ["model"] } as const;
const [ida, olaf] = [member("Ida", "commanders"), member("Olaf", "commanders")];
/** Olaf's second account. */
const olafsOther: Member = { ...member("Olaf2", "commanders"), address: olaf.address };
const tomLends: Member = { ...tom, groups: [...tom.groups, "commanders"] };
const danaLends: Member = { ...dana, groups: [...dana.groups, "commanders"] };
const people = [
  ...everybody.filter((each) => each !== tom && each !== dana),
  ida,
  olaf,
  olafsOther,
  tomLends,
  danaLends,
];

function withLoans(loan: LoanPolicy | "none" = lending): Matrix {
  return {
    ...matrix,
    roles: { ...matrix.roles, commander },
    rules: matrix.rules.map((rule) => (loan === "none" ? rule : { ...rule, loan })),
  };
}

function inputFor(
  over: {
    promotion?: Partial<Promotion>;
    matrix?: Matrix;
    signOffs?: readonly SignOff[];
    members?: readonly Member[];
  } = {},
): LoanInput {
  const promotion = promotionInReview(over.promotion);
  const requirements = requirementsNow({ ...policy, matrix: over.matrix ?? withLoans() }, { manifest }).document;
  const approval = approvalInputOf(promotion, requirements, {
    people: [],
    members: over.members ?? people,
    signOffs: over.signOffs ?? [],
    entitlement: "as-of-now",
    now,
  });
  return { promotion, approval };
}

const terms = { seconds: 3600, incident: "https://incidents.example/417" };
function signed(who: Member, over: Partial<LenderSignature> = {}): LenderSignature {
  return {
    id: digestOf(`${who.name} ${over.recordedAt ?? now}`),
    promotion: id,
    review: 1,
    terms,
    reason: "The model in production turns everybody down.",
    role: "commander",
    reviewer: who.identity,
    reviewerName: who.name,
    groups: who.groups,
    recordedAt: now,
    ...over,
  };
}
const asked = signed(ida);
const confirming = (who: Member = olaf, over: Partial<LenderSignature> = {}) =>
  signed(who, { confirms: asked.id, recordedAt: addSeconds(now, 60), ...over });

function approving(who: Member, over: Partial<SignOff> = {}): SignOff {
  return {
    id: digestOf(`sign-off ${who.name} ${over.result ?? "approve"}`),
    promotion: id,
    review: 1,
    stage: 0,
    result: "approve",
    reason: "",
    roles: ["lead-data-scientist"],
    reviewer: who.identity,
    reviewerName: who.name,
    groups: who.groups,
    recordedAt: addSeconds(now, -60),
    ...over,
  };
}

describe("a lender", () => {
  it("may ask for a loan, and another may confirm it", () => {
    expect(refuseLender(asked, undefined, inputFor())).toBeUndefined();
    expect(refuseLender(confirming(), asked, inputFor())).toBeUndefined();
  });

  it.each<[string, AttemptedLoan, Parameters<typeof inputFor>[0], RegExp]>([
    [
      "where the matrix lends nothing",
      asked,
      { matrix: withLoans("none") },
      /lends nothing to 'credit-scoring' in 'production'/,
    ],
    ["for longer than the rule allows", signed(ida, { terms: { ...terms, seconds: 14_401 } }), {}, /lasts 4h at most/],
    ["in a role that may not lend", signed(sam, { role: "sre" }), {}, /Sam signs as 'SRE'; 'Commander' may lend/],
    ["in a role that they do not hold", signed(sam), {}, /Sam was not signed in with the role 'Commander'/],
    [
      "who holds the role no more",
      asked,
      { members: people.map((each) => (each === ida ? { ...ida, groups: [] } : each)) },
      /Ida no longer holds the role 'Commander'/,
    ],
    [
      "whose account is disabled",
      asked,
      { members: people.map((each) => (each === ida ? { ...ida, enabled: false } : each)) },
      /Ida has a disabled account/,
    ],
    ["who trained the model", signed(tomLends), {}, /Tom trained the model, and so cannot lend to it/],
    [
      "who started the run, although the rule excludes nobody for that",
      asked,
      { promotion: { startedBy: { address: ida.address } } },
      /Ida started the CI run, and so cannot lend to it/,
    ],
    [
      "who has approved it in this review",
      signed(danaLends),
      { signOffs: [approving(danaLends)] },
      /Dana has approved it in this review/,
    ],
    [
      "in whose place somebody has approved it",
      signed(danaLends),
      {
        signOffs: [approving(sam, { onBehalfOf: { person: danaLends.identity, delegation: digestOf("delegation") } })],
      },
      /Dana has approved it in this review/,
    ],
  ])("is refused %s", (_, attempt, given, why) => {
    expect(refuseLender(attempt, undefined, inputFor(given))?.why).toMatch(why);
  });

  it("may have taken an approval back, or have approved in an earlier review", () => {
    const withdrawn = [
      approving(danaLends),
      approving(danaLends, { result: "withdraw", recordedAt: addSeconds(now, -30) }),
    ];
    expect(refuseLender(signed(danaLends), undefined, inputFor({ signOffs: withdrawn }))).toBeUndefined();
    const earlier = inputFor({ promotion: { review: 2 }, signOffs: [approving(danaLends)] });
    expect(refuseLender(signed(danaLends, { review: 2 }), undefined, earlier)).toBeUndefined();
  });
});

describe("a confirmation", () => {
  it.each<[string, LenderSignature, LenderSignature | undefined, RegExp]>([
    ["of nothing that is there", confirming(), undefined, /no such request/],
    ["of what is a confirmation itself", confirming(), confirming(ida), /no such request/],
    ["by whoever asked", confirming(ida), asked, /two people/],
    ["by whoever asked, from another account", confirming(olafsOther), signed(olaf), /two people/],
    ["of another duration", confirming(olaf, { terms: { ...terms, seconds: 60 } }), asked, /the very loan/],
    [
      "of another incident",
      confirming(olaf, { terms: { ...terms, incident: "https://incidents.example/418" } }),
      asked,
      /the very loan/,
    ],
    ["before it was asked for", confirming(olaf, { recordedAt: addSeconds(now, -1) }), asked, /after it was asked/],
    [
      "an hour later",
      confirming(olaf, { recordedAt: addSeconds(now, loanRequestLifetimeSeconds) }),
      asked,
      /older than an hour/,
    ],
    [
      "of a request by somebody who may not lend any more",
      confirming(),
      signed(sam, { id: asked.id }),
      /cannot be confirmed any more: Sam was not signed in/,
    ],
  ])("is refused %s", (_, second, first, why) => {
    expect(refuseLender(second, first, inputFor())?.why).toMatch(why);
  });

  it("is taken in the last moment of the hour", () => {
    const second = confirming(olaf, { recordedAt: addSeconds(now, loanRequestLifetimeSeconds - 0.001) });
    expect(refuseLender(second, asked, inputFor())).toBeUndefined();
  });

  it("gives the loan: from its own instant, for as long as was asked", () => {
    const given = confirmedLoan([confirming(), asked], inputFor());
    if (given === undefined) expect.unreachable();
    expect(loanOf(given.first, given.second)).toEqual({
      terms,
      lenders: [
        { role: "commander", person: ida.identity, signature: asked.id },
        { role: "commander", person: olaf.identity, signature: confirming().id },
      ],
      at: addSeconds(now, 60),
      until: addSeconds(now, 3660),
    });
  });

  it.each<[string, readonly LenderSignature[]]>([
    ["nobody confirmed", [asked]],
    ["the one who asked confirmed", [asked, confirming(ida)]],
    ["somebody confirmed what was asked in another review", [{ ...asked, review: 2 }, confirming()]],
  ])("gives nothing where %s", (_, signatures) => {
    expect(confirmedLoan(signatures, inputFor())).toBeUndefined();
  });

  it("never gives a loan to fewer than two people, whoever signs what in whatever order", () => {
    const lenders = [ida, olaf, olafsOther, sam, tomLends] as const;
    const signature = fc.record({
      who: fc.constantFrom(...lenders),
      at: fc.integer({ min: 0, max: 7200 }),
      confirms: fc.option(fc.nat(5), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(signature, { maxLength: 6 }), (drawn) => {
        const ids = drawn.map((_, at) => digestOf(`signature ${at}`));
        const signatures = drawn.map(({ who, at, confirms }, index) =>
          signed(who, {
            id: ids[index] ?? asked.id,
            recordedAt: addSeconds(now, at),
            ...(confirms === undefined ? {} : { confirms: ids[confirms] ?? digestOf("nothing") }),
          }),
        );
        const given = confirmedLoan(signatures, inputFor());
        const reversed = confirmedLoan(signatures.toReversed(), inputFor());
        expect(reversed?.second.id).toBe(given?.second.id);
        if (given === undefined) return;
        const names = [given.first.reviewerName, given.second.reviewerName].map((name) => name.replace("2", ""));
        expect(new Set(names)).toEqual(new Set(["Ida", "Olaf"]));
      }),
    );
  });
});

describe("whoever lent", () => {
  const loan = loanOf(signed(danaLends), confirming(olaf));
  const second = { index: 1, name: "model and operations", round: 1, openedAt: now, deadline: loan.until, open: true };
  const lent: Partial<Promotion> = {
    status: "loaned",
    loan,
    stage: second,
    settled: [{ index: 0, seats: [] }],
  };

  it("cannot ratify it, and the explanation says why and what is lent", () => {
    const signOffs = [approving(danaLends, { stage: 1 })];
    const { outcome, explanation } = evaluateApproval(inputFor({ promotion: lent, signOffs }).approval);
    expect(outcome).toMatchObject({ kind: "open", missing: ["lead-data-scientist", "sre"] });
    const stage = explanation.children[1];
    expect(stage?.why).toContain(`Lent until ${minuteText(loan.until)}: Lead data scientist, SRE.`);
    expect(stage?.dismissed).toContainEqual(
      expect.objectContaining({ why: "lent the seats that are missing, and so cannot approve it" }),
    );
  });

  it("can reject it", () => {
    const signOffs = [approving(danaLends, { stage: 1, result: "reject", reason: "It turns people down too." })];
    expect(evaluateApproval(inputFor({ promotion: lent, signOffs }).approval).outcome.kind).toBe("rejected");
  });
});

describe("the budget", () => {
  it.each<["month" | "quarter" | "year", Instant, string]>([
    ["month", "2026-11-30T23:59:59.999Z" as Instant, "2026-11"],
    ["quarter", "2026-12-31T23:59:59.999Z" as Instant, "2026-Q4"],
    ["quarter", "2027-01-01T00:00:00.000Z" as Instant, "2027-Q1"],
    ["quarter", "2026-04-01T00:00:00.000Z" as Instant, "2026-Q2"],
    ["year", "2026-01-01T00:00:00.000Z" as Instant, "2026"],
  ])("of a %s at %s is counted in %s", (per, at, period) => {
    expect(loanPeriodOf(per, at)).toBe(period);
  });

  it("is never exceeded, and a loan has one place however often it is entered", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (loans, most) => {
        let book: LoanBook | undefined;
        const places = new Map<number, number>();
        for (const loan of loans) {
          const entry = enterLoan(book, digestOf(`loan ${loan}`), most);
          if (entry.kind === "used-up") continue;
          expect(places.get(loan) ?? entry.number).toBe(entry.number);
          places.set(loan, entry.number);
          book = entry.book ?? book;
        }
        expect(places.size).toBeLessThanOrEqual(most);
        expect(new Set(places.values()).size).toBe(places.size);
        expect(book?.loans.length ?? 0).toBe(places.size);
      }),
    );
  });
});

it("roles that may lend are part of the requirements, and give no right to reject", () => {
  const { document } = requirementsNow({ ...policy, matrix: withLoans() }, { manifest });
  expect(document.roles["commander"]?.groups).toEqual(["commanders"]);
  const signOffs = [approving(ida, { result: "reject", roles: ["commander"], reason: "No." })];
  expect(evaluateApproval(inputFor({ signOffs }).approval).outcome.kind).toBe("open");
  expect(
    evaluateApproval(inputFor({ signOffs: [approving(cora, { roles: ["compliance-officer"] })] }).approval).outcome
      .kind,
  ).toBe("reached");
});
