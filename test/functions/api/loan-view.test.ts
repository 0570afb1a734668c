import { describe, expect, it } from "vitest";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { loanView } from "../../../functions/api/read-promotions/loan-view.ts";
import { nothingLent } from "../../../functions/api/read-promotions/nothing-lent.ts";
import { asked, ida, olaf, signed, terms, withLoans } from "../../core/approval/lenders.ts";
import {
  id,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";

// By its id alone it would come first.
const confirmed = signed(olaf, { confirms: asked.id, id: "0".repeat(64) as typeof asked.id });
const loan = { terms, lenders: [], at: now, until: addSeconds(now, 3600) } as const;
const recorded = (...signatures: readonly LenderSignature[]) =>
  signatures.map((signature): RecordedLoan => ({ signature }) as RecordedLoan);

/** What a reader is told of a promotion about which both of them signed. */
const shown = (over: Partial<Promotion> = {}, signatures = [confirmed, asked], reader = ida.identity) =>
  loanView(promotionInReview(over), recorded(...signatures), reader);

describe("what lenders signed", () => {
  it("is told in its order, also where the clock did not move, and which of it is the reader's own", () => {
    expect(shown()?.requests.map(({ id: each, lender, own, confirms }) => [each, lender, own, confirms])).toEqual([
      [asked.id, "Ida", true, undefined],
      [confirmed.id, "Olaf", undefined, asked.id],
    ]);
    const earlier = signed(olaf, { recordedAt: addSeconds(now, -1) });
    expect(shown({}, [asked, earlier])?.requests.map(({ lender }) => lender)).toEqual(["Olaf", "Ida"]);
    const toMachine = loanView(promotionInReview(), recorded(asked), undefined);
    expect(toMachine?.requests[0]).not.toHaveProperty("own");
  });

  it("is told with why nothing was lent by it", () => {
    const refusal = { id: `${id}/0`, at: now, promotion: id, summary: "The budget is used up.", attachments: [] };
    const history = (["loan-refused", "loan"] as const).map((type, at) => ({
      ...{ ...refusal, type, summary: at === 0 ? refusal.summary : "It is lent." },
      body: { signature: confirmed.id },
    }));
    expect(shown({ history })?.requests.map(({ refused }) => refused)).toEqual([undefined, refusal.summary]);
  });

  it("is nothing where nobody asked", () => {
    expect(shown({ loan }, [])).toBeUndefined();
  });

  it("is told with what was lent by it, and what became of that", () => {
    expect(shown()).not.toHaveProperty("given");
    const { at, until } = loan;
    expect(shown({ loan })?.given).toEqual({ at, until });
    const later = { runningSince: now, ratifiedAt: addSeconds(now, 1), takenBackAt: addSeconds(now, 2) };
    expect(shown({ loan: { ...loan, ...later } })?.given).toEqual({ at, until, ...later });
  });
});

describe("that nothing is lent", () => {
  const when = { from: addSeconds(now, -60), until: addSeconds(now, 60) };
  const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
  const matrix = { ...withLoans(), freezeWindows };
  const frozen = { policy: { ...policy, matrix }, loanBooks: new MemoryLoanBooks() };
  const [rule = expect.unreachable()] = matrix.rules;
  const asOlaf = { kind: "person", person: { ...olaf, authenticatedAt: now } } as const;
  const told = (
    over: Partial<Promotion> = {},
    reader: Parameters<typeof nothingLent>[2] = asOlaf,
    ports: Parameters<typeof nothingLent>[4] = frozen,
    of = rule,
  ) => nothingLent(promotionInReview(over), { rule: of, roles: matrix.roles }, reader, now, ports);

  it("is told to whoever may lend, and why", async () => {
    expect(await told()).toMatch(/^Changes are frozen \('Year end'\).* Nothing is lent before\.$/);
    expect(await told({}, asOlaf, { ...frozen, policy: { ...policy, matrix: withLoans() } })).toBeUndefined();
  });

  const { loan: _, ...without } = rule;
  it.each<[string, Parameters<typeof told>]>([
    ["a pipeline", [{}, { kind: "machine", identity: manifest.requester }]],
    ["whoever holds no role that lends", [{}, { kind: "person", person: { ...sam, authenticatedAt: now } }]],
    ["anybody once it is decided", [{ status: "approved" }]],
    ["anybody between two stages", [{ stage: openStage(0, { open: false }) }]],
    ["anybody where the rule lends nothing", [{}, asOlaf, frozen, without]],
  ])("is not told to %s", async (_, given) => {
    expect(await told(...given)).toBeUndefined();
  });

  it("is told where one of several roles lends", async () => {
    const roles = { ...rule, loan: { ...(rule.loan ?? expect.unreachable()), roles: ["sre", "commander"] } };
    expect(await told({}, asOlaf, frozen, roles)).toContain("Nothing is lent before.");
  });
});
