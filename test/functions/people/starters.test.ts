import { expect, it } from "vitest";
import { startersOf } from "../../../functions/people/starters.ts";
import { dana, everybody, manifest, sam, tom } from "../../core/promotion/promotion-in-review.ts";

const startedBy = { address: "SAM@example.org" };

it("whoever started the run owns the promotion, by whatever writing of their address, and nobody else", () => {
  expect(startersOf({ manifest, startedBy }, everybody, [])).toEqual([sam]);
  // Whoever trained the model did not start the run.
  expect(startersOf({ manifest, startedBy: { address: "pat@example.org" } }, everybody, [])).toEqual([]);
  expect(startersOf({ manifest }, everybody, [])).toEqual([]);
  expect(startersOf({ manifest, startedBy: { address: tom.address } }, everybody, [])).toEqual([tom]);
});

it("an account that is disabled is nobody's to be written to", () => {
  const gone = { ...sam, enabled: false };
  const members = everybody.map((each) => (each === sam ? gone : each));
  expect(startersOf({ manifest, startedBy }, members, [])).toEqual([]);
});

it("the file of people tells whose account started it", () => {
  const account = { provider: "github", id: "417" } as const;
  const entry = {
    name: "Dana",
    addresses: [dana.address],
    accounts: [account],
    identities: [],
    outside: false,
  };
  expect(startersOf({ manifest, startedBy: { account } }, everybody, [entry])).toEqual([dana]);
  expect(startersOf({ manifest, startedBy: { account } }, everybody, [])).toEqual([]);
});
