import { describe, expect, it } from "vitest";
import { countersGoneBack, type PasskeyUsed, passkeysUsed } from "../../../../core/archive/people/passkey-counters.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, told } from "../told.ts";

const at = "2026-11-23T09:00:00.000Z" as Instant;
const used: PasskeyUsed = {
  promotion: told.deployed,
  record: `${told.deployed}/sign-off/one`,
  at,
  id: digestOf("passkey"),
  counter: 3,
  said: false,
};
const later = (over: Partial<PasskeyUsed>): PasskeyUsed => ({
  ...used,
  record: `${told.deployed}/sign-off/two`,
  at: addSeconds(at, 60),
  ...over,
});
const sentences = (...uses: readonly PasskeyUsed[]) => countersGoneBack(uses).map(({ sentence }) => sentence);

it("what passkeys signed is told by the records of it", () => {
  const signed = recordsOf(told.house.facts).filter(({ record }) => record.body["passkey"] !== undefined);
  const own = signed.filter(({ record: { type } }) => type === "sign-off" || type === "loan-requested");
  expect(own.length).toBeGreaterThan(0);
  expect(passkeysUsed(signed).map(({ record }) => record)).toEqual(own.map(({ record }) => record.id));
});

describe("a passkey that may have been copied", () => {
  it.each([3, 2, 0])(
    "is said where its counter of 3 is at %i afterwards, whether its record says so or not",
    (counter) => {
      const copied = `Whether the passkey ${used.id} was copied: '${used.promotion}/sign-off/two' is signed with its counter ${counter}, which was at 3 before`;
      expect(sentences(later({ counter }), used)).toEqual([`${copied}, and does not say so.`]);
      expect(sentences(used, later({ counter, said: true }))).toEqual([`${copied}.`]);
    },
  );

  it("is said where its record alone says so", () => {
    expect(sentences(later({ said: true }))).toEqual([
      `Whether the passkey ${used.id} was copied: '${used.promotion}/sign-off/two' is signed with its counter 3, of which it says that it had not risen.`,
    ]);
  });

  it("is not where the counter rises, where none is kept, or of another", () => {
    expect(sentences(used, later({ counter: 4 }))).toEqual([]);
    expect(sentences({ ...used, counter: 0 }, later({ counter: 0 }))).toEqual([]);
    expect(sentences(used, later({ id: digestOf("other") }))).toEqual([]);
  });
});
