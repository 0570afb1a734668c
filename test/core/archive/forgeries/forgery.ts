import type { Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { House } from "../house.ts";
import type { Retold } from "../retelling.ts";

/** What a service tells that makes all of its own fit, and what each verifier says of it. */
export interface Forgery {
  readonly tell: () => Promise<{ readonly house: House } & Retold>;
  readonly ours: RegExp;
  /** `not derived`: what follows from the YAML of the policies alone, of which the second verifier takes no requirements. */
  readonly second: RegExp | "not derived";
}

/** Made once, however many forgeries begin with it. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The facts with one or more in the place of some. */
export function instead(
  facts: readonly Fact[],
  is: (fact: Fact) => boolean,
  make: (fact: Fact) => readonly Fact[],
): readonly Fact[] {
  const changed = facts.flatMap((fact) => (is(fact) ? make(fact) : [fact]));
  if (!facts.some(is)) throw new Error("There is no such record.");
  return changed;
}

export function without(facts: readonly Fact[], is: (fact: Fact) => boolean): readonly Fact[] {
  return instead(facts, is, () => []);
}

/** The facts with some of them taken out, and told right behind another instead. */
export function behind(
  facts: readonly Fact[],
  is: (fact: Fact) => boolean,
  other: (fact: Fact) => boolean,
  tell: (fact: Fact, after: Fact) => Fact = (fact) => fact,
): readonly Fact[] {
  const moved = facts.filter(is);
  const rest = facts.filter((fact) => !is(fact));
  const place = rest.findLastIndex(other);
  const after = rest[place];
  if (after === undefined || moved.length === 0) throw new Error("There is no such record.");
  return rest.toSpliced(place + 1, 0, ...moved.map((fact) => tell(fact, after)));
}

/** Whether a fact is of a type, and of a promotion where one is said. */
export function isOf(type: Fact["type"], promotion?: PromotionId, more: (fact: Fact) => boolean = () => true) {
  return (fact: Fact): boolean =>
    fact.type === type && (promotion === undefined || fact.promotion === promotion) && more(fact);
}
