import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { cora, type House, sam } from "../house.ts";
import type { People } from "./people.ts";
import { everyRule, policiesOf, type Rules, textsOf } from "./rules.ts";

/** The rules of a house over time: those in force, those that people signed for, and those that a deployment brought. */
export class Rulebook {
  readonly #house: House;
  readonly #people: People;
  readonly #versions: Rules[];
  /** What people may sign for later, or have signed for. */
  readonly #proposed: Rules[] = [];
  #now: Rules;

  constructor(house: House, people: People, first: Rules) {
    this.#house = house;
    this.#people = people;
    this.#now = first;
    this.#versions = [first];
  }

  get now(): Rules {
    return this.#now;
  }

  /** Whether people.yaml ever took two accounts for one person's. */
  get hasLinked(): boolean {
    return [...this.#versions, ...this.#proposed].some(({ people }) =>
      ["two for one", "one for two", "twice"].includes(people),
    );
  }

  #other(who: number, how: number): Rules {
    const names = Object.keys(everyRule) as (keyof Rules)[];
    const name = names[who % names.length] ?? "toStop";
    // One of before, byte for byte.
    if (how % 5 === 0) return this.#versions[how % this.#versions.length] ?? this.#now;
    const values = everyRule[name];
    return { ...this.#now, [name]: values[how % values.length] };
  }

  /** @param settle lets everybody who may approve it */
  async propose(who: number, how: number, more: number, settle: (id: PromotionId) => Promise<void>): Promise<void> {
    const next = this.#other(who, how);
    const id = await this.#house.proposePolicy(this.#people.now(more % 3 === 0 ? cora : sam), textsOf(next));
    this.#proposed.push(next);
    if (more % 4 === 0) return;
    await settle(id);
    this.#note(next);
  }

  /** A deployment brings others, for which nobody signs. */
  async deploy(who: number, how: number): Promise<void> {
    const next = this.#other(who, how);
    await this.#house.deployPolicies(policiesOf(next));
    this.#note(next);
  }

  #note(next: Rules): void {
    if (this.#house.policies.digest !== policiesOf(next).digest) return;
    this.#now = next;
    this.#versions.push(next);
  }
}
