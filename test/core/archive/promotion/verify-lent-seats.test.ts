import { expect, it } from "vitest";
import { recheckLentSeats } from "../../../../core/archive/promotion/verify-lent-seats.ts";
import type { Json } from "../../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import { identityKey } from "../../../../core/promotion/identity.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { peopleIn, type ToldReview } from "../told.ts";
import { lent } from "../told-loan.ts";
import { stepOf } from "../told-steps.ts";

const verdict = stepOf(lent.steps, "verdict");
const [seat] = verdict.before?.settled.flatMap(({ seats }) => seats) ?? [];
const { signOff, person } = seat ?? expect.unreachable("Compliance had signed.");
const uri = `https://countersign.example/sign-offs/${signOff}`;

/** What is wrong, and what is untold, where the loan's verdict names these. */
function found(named: readonly string[], over: Partial<ToldReview> = {}) {
  const review = { ...lent, ...over };
  const predicate = { inputAttestations: named.map((each) => ({ uri: each })) } satisfies Json;
  const told = new Map([[verdict.index, { predicate }]]);
  const { problems, untold } = recheckLentSeats(review.steps, { ...review, people: peopleIn(review), told });
  return { problems: problems.map(({ sentence }) => sentence), untold };
}

/** An earlier candidate. */
const earlier = promotionId(sha256Hex(new Uint8Array()), 1);
const nothing = { problems: [], untold: [] };
const conditional = lent.held.map((each) => ({
  ...each,
  signOff: { ...each.signOff, conditions: { forSeconds: 600, errorPercent: 1 } },
}));
const untold = [`That the approval ${signOff}, under conditions, had to fall is told by '${verdict.record.id}' alone.`];

it("a loan's verdict rests on the approvals that stand, and on no other", () => {
  expect(found([uri])).toEqual(nothing);
  expect(found([])).toEqual({
    ...nothing,
    problems: [`The loan's verdict leaves out the approval ${signOff}, which stood.`],
  });
});

it("a loan's verdict rests on no approval of somebody who had left, and leaves that out", () => {
  const snapshot = lent.keptForLoan ?? expect.unreachable("It is kept.");
  const members = snapshot.members.map((each) =>
    identityKey(each.identity) === identityKey(person) ? { ...each, enabled: false } : each,
  );
  const keptForLoan = { ...snapshot, members };
  expect(found([], { keptForLoan })).toEqual(nothing);
  expect(found([uri], { keptForLoan })).toEqual({
    ...nothing,
    problems: [`The loan's verdict rests on the approval ${signOff}, which did not stand.`],
  });
});

it("whether a seat was lost nobody tells without the directory: of conditions that is said", () => {
  const keptForLoan = undefined;
  expect(found([], { keptForLoan })).toEqual(nothing);
  expect(found([], { keptForLoan, held: conditional })).toEqual({ ...nothing, untold });
});

it("an approval that was kept from an earlier candidate may fall for what its table alone tells: of conditions that is said", () => {
  const held = conditional.map((each) => ({ ...each, signOff: { ...each.signOff, promotion: earlier } }));
  expect(found([], { held })).toEqual({ ...nothing, untold });
});

it("what has no verdict of a loan that holds is not asked", () => {
  const people = peopleIn(lent);
  expect(recheckLentSeats(lent.steps, { ...lent, people, told: new Map() })).toEqual(nothing);
});
