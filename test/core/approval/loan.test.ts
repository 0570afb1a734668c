import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AttemptedLoan,
  budgetSentence,
  confirmedLoans,
  lendersExcluded,
  loanOf,
  loanRequestLifetimeSeconds,
  loanToConfirm,
  refuseLender,
} from "../../../core/approval/loan.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { digestOf, now, sam } from "../promotion/promotion-in-review.ts";
import {
  approving,
  asked,
  confirming,
  danaLends,
  ida,
  inputFor,
  lending,
  olaf,
  olafsOther,
  people,
  signed,
  terms,
  tomLends,
  withLoans,
} from "./lenders.ts";

describe("what somebody may confirm", () => {
  const later = addSeconds(now, 60);
  const found = (who = olaf, signatures: readonly LenderSignature[] = [asked], at = later) =>
    loanToConfirm(signatures, who, at, inputFor());

  it("is the latest request of another, for an hour", () => {
    const until = addSeconds(now, loanRequestLifetimeSeconds);
    expect(found()).toEqual({ id: asked.id, until });
    expect(found(olaf, [asked], addSeconds(until, -1))).toEqual({ id: asked.id, until });
    expect(found(olaf, [asked], until)).toBeUndefined();
    const second = signed(tomLends, { recordedAt: later });
    expect(found(olaf, [asked, second])?.id).toBe(second.recordedAt > asked.recordedAt ? asked.id : second.id);
  });

  it("is the latest of several, in whatever order they are there", () => {
    const at = addSeconds(later, 60);
    const second = signed(tomLends, {
      id: digestOf("of sam"),
      recordedAt: later,
      reviewer: sam.identity,
      reviewerName: "Sam",
    });
    const members = people.map((each) =>
      each.name === "Sam" ? { ...each, groups: [...each.groups, "commanders"] } : each,
    );
    const of = (...signatures: readonly LenderSignature[]) =>
      loanToConfirm(signatures, olaf, at, inputFor({ members }))?.id;
    const bySam = { ...second, groups: ["sre", "commanders"] };
    expect([of(asked, bySam), of(bySam, asked)]).toEqual([bySam.id, bySam.id]);
  });

  it("is there also where another has confirmed it, by whom nothing was lent", () => {
    expect(found(olaf, [asked, confirming(tomLends)])?.id).toBe(asked.id);
  });

  it("is there for whoever holds one of several roles that lend, and nowhere where nothing is lent", () => {
    const input = (matrix: ReturnType<typeof withLoans>) => inputFor({ matrix });
    const both = input(withLoans({ ...lending, roles: ["sre", "commander"] }));
    expect(loanToConfirm([asked], olaf, later, both)?.id).toBe(asked.id);
    expect(loanToConfirm([asked], olaf, later, input(withLoans("none")))).toBeUndefined();
  });

  it.each([
    ["whoever asked", ida, [asked]],
    ["whoever holds no role that lends", sam, [asked]],
    ["an account that is disabled", { ...olaf, enabled: false }, [asked]],
    ["a confirmation", olaf, [signed(ida, { confirms: digestOf("another") })]],
    ["whoever has confirmed it", olaf, [asked, signed(olaf, { id: digestOf("second"), confirms: asked.id })]],
    ["whoever has confirmed it, by another account", olafsOther, [asked, confirming()]],
    ["a request of an earlier review", olaf, [signed(ida, { review: 0 })]],
  ] as const)("is not there for %s", (_, who, signatures) => {
    expect(found(who, signatures)).toBeUndefined();
  });
});

describe("a lender", () => {
  it("may ask for the longest that there is, and another confirm it in the same instant", () => {
    const longest = { ...terms, seconds: lending.maximumSeconds };
    expect(refuseLender(signed(ida, { terms: longest }), undefined, inputFor())).toBeUndefined();
    expect(refuseLender(confirming(olaf, { recordedAt: asked.recordedAt }), asked, inputFor())).toBeUndefined();
  });

  it("is refused by a code that says whether it is they, or the loan", () => {
    const code = (...of: Parameters<typeof refuseLender>) => refuseLender(...of)?.code;
    expect(code(signed(sam), undefined, inputFor())).toBe("not-entitled");
    expect(code(confirming(ida), asked, inputFor())).toBe("not-entitled");
    expect(code(confirming(), undefined, inputFor())).toBe("loan-refused");
    expect(code(asked, undefined, inputFor({ matrix: withLoans("none") }))).toBe("loan-refused");
  });

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
    [
      "for longer than the rule allows",
      signed(ida, { terms: { ...terms, seconds: 14_401 } }),
      {},
      /lasts 4 hours at most/,
    ],
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
    const [given] = confirmedLoans([confirming(), asked], inputFor());
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
    expect(confirmedLoans(signatures, inputFor())).toEqual([]);
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
        const given = confirmedLoans(signatures, inputFor());
        const reversed = confirmedLoans(signatures.toReversed(), inputFor());
        expect(reversed.map(({ second }) => second.id)).toEqual(given.map(({ second }) => second.id));
        for (const { first, second } of given) {
          const names = [first.reviewerName, second.reviewerName].map((name) => name.replace("2", ""));
          expect(new Set(names)).toEqual(new Set(["Ida", "Olaf"]));
        }
      }),
      // Few drawings are such that one person could have confirmed their own.
      { numRuns: 1000 },
    );
  });
});

it("of several confirmations the earliest comes first, in whatever order they are there; of one instant that of the lower id", () => {
  const [early, late] = [confirming(), confirming(danaLends, { recordedAt: addSeconds(now, 90) })];
  const same = { ...confirming(danaLends), id: digestOf("same") };
  const of = (...signatures: readonly LenderSignature[]) =>
    confirmedLoans(signatures, inputFor()).map(({ second }) => second.id);
  expect(of(asked, late, early)).toEqual([early.id, late.id]);
  expect(of(early, asked, late)).toEqual([early.id, late.id]);
  for (const order of [of(same, early, asked), of(asked, early, same)])
    expect(order).toEqual([early.id, same.id].toSorted());
});

describe("those who lent", () => {
  const loan = loanOf(asked, confirming());

  it("may not ratify, by whichever account of theirs; everybody else may", () => {
    const why = "lent the seats that are missing";
    expect(lendersExcluded(loan, { members: people, people: [] })).toEqual(
      new Map([ida, olaf, olafsOther].map((each) => [identityKey(each.identity), why])),
    );
    expect(lendersExcluded(undefined, { members: people, people: [] }).size).toBe(0);
  });

  it("may not, also where the directory has them no more", () => {
    expect([...lendersExcluded(loan, { members: [], people: [] }).keys()]).toEqual(
      [ida, olaf].map((each) => identityKey(each.identity)),
    );
  });
});

it.each([
  [1, "The budget of 'credit-scoring' is used up: one loan each quarter."],
  [2, "The budget of 'credit-scoring' is used up: 2 loans each quarter."],
])("a budget of %i is used up in words", (loans, sentence) => {
  expect(budgetSentence({ ...lending, budget: { loans, per: "quarter" } }, "credit-scoring")).toBe(sentence);
});
