import { describe, expect, it } from "vitest";
import { toldUnchecked } from "../../../core/archive/told-unchecked.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";

const id = (number: number) => `p-${String(number).padStart(32, "0")}-1` as PromotionId;
const found = (number: number) => ({
  promotion: id(number),
  sentence: `Whether ${id(number)} served until '${id(number + 1)}/9' at 2026-11-23T09:00:0${number % 10}.000Z.`,
});

describe("what could not be checked", () => {
  it("is each thing once, with the promotions that it is so for, and what is about the pack first", () => {
    const left = { sentence: "Left out." };
    const many = [found(1), { promotion: id(1), ...left }, { promotion: id(2), ...left }, { sentence: "No witness." }];
    expect(toldUnchecked(many)).toEqual([
      { sentence: "No witness.", promotions: [], alike: 0 },
      { sentence: found(1).sentence, promotions: [id(1)], alike: 0 },
      { sentence: "Left out.", promotions: [id(1), id(2)], alike: 0 },
    ]);
  });

  it("is one of each kind where there are very many, so that none hides another", () => {
    const many = Array.from({ length: 60 }, (_, number) => found(number));
    const receipt = { sentence: "kept.json: what is in it was signed by no key that counts here." };
    const told = toldUnchecked([...many, { promotion: id(3), sentence: "It was not told." }, receipt]);
    expect(told).toEqual([
      { ...receipt, promotions: [], alike: 0 },
      { sentence: found(0).sentence, promotions: [id(0)], alike: 59 },
      { sentence: "It was not told.", promotions: [id(3)], alike: 0 },
    ]);
    expect(toldUnchecked(many.slice(0, 50))).toHaveLength(50);
  });

  it("names each by whom and for what people signed in, of however many: a forged one reads as the others do", () => {
    const by = (index: number, issuer = "https://login.example", application = "portal") => ({
      promotion: id(index),
      sentence: `Whether the sign-in of 'records/${index}.json' counts. It is by '${issuer}', for the application '${application}'.`,
    });
    const many = Array.from({ length: 60 }, (_, index) => by(index));
    const others = [by(60, "https://login2.example"), by(61, "urn:a"), by(62, "urn:b"), by(63, undefined, "forged")];
    expect(toldUnchecked([...many, ...others]).map(({ promotions, alike }) => [promotions, alike])).toEqual([
      [[id(0)], 59],
      ...[60, 61, 62, 63].map((index) => [[id(index)], 0]),
    ]);
  });
});
