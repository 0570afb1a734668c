import { msOfInstant } from "../../../../core/encoding/instant.ts";
import type { House } from "../house.ts";
import type { People } from "./people.ts";
import { issuers } from "./providers.ts";
import type { Step } from "./step.ts";

/** From which of two identity providers people sign in, and how a deployment goes over to the other. */
export class ProviderMoves {
  readonly #house: House;
  readonly #people: People;
  #at: (typeof issuers)[number] = issuers[0];
  #movedAt = 0;

  constructor(house: House, people: People) {
    this.#house = house;
    this.#people = people;
  }

  get at(): (typeof issuers)[number] {
    return this.#at;
  }

  get haveBeen(): boolean {
    return this.#movedAt > 0;
  }

  /**
   * A deployment goes over to another provider: for some minutes functions of before and of after it answer, some people sign in
   * there and some here, and the log is told of it somewhen in these.
   *
   * @param attempt lets one thing happen meanwhile
   */
  async next(who: number, how: number, more: number, attempt: (step: Step) => Promise<void>): Promise<void> {
    if (msOfInstant(this.#house.clock) - this.#movedAt < 7_200_000) return;
    const [before, next] = this.#at === issuers[0] ? issuers : ([issuers[1], issuers[0]] as const);
    this.#at = next;
    this.#house.signInsBy = [before, next];
    this.#people.signInBy(next);
    this.#people.former = before;
    const steps: readonly Step[] = [
      { what: "sign", who, how, more },
      { what: "submit", who: how, how: more, more: who },
      { what: "sign", who: more, how: who, more: how },
      { what: "lend", who, how, more },
      { what: "passkey", who: how, how: who, more },
      { what: "delegate", who: more, how, more: who },
      { what: "resend", who, how: more, more: how },
      { what: "question", who, how, more },
      { what: "settle", who: how, how, more },
    ];
    for (const [at, step] of steps.entries()) {
      if (at === who % steps.length) this.#house.moveTo({ issuer: next });
      await attempt(step);
      if (at === more % steps.length) await attempt({ what: "tell", who: 0, how: 0, more: 0 });
    }
    this.#people.former = undefined;
    this.#house.signInsBy = [next];
    this.#movedAt = msOfInstant(this.#house.clock);
  }
}
