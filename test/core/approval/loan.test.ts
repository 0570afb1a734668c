import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AttemptedLoan,
  confirmedLoans,
  loanOf,
  loanRequestLifetimeSeconds,
  loanToConfirm,
  refuseLender,
} from "../../../core/approval/loan.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { digestOf, now, sam } from "../promotion/promotion-in-review.ts";
import {
  approving,
  asked,
  confirming,
  danaLends,
  ida,
  inputFor,
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
    );
  });
});
