import type { House } from "../house.ts";

/** A function that stops in the middle, as a Lambda does that runs out of time. */
export class Died extends Error {}

/** What befalls one piece of work. */
export interface Mishap {
  /** Somebody else does this at the `at`-th call that it makes, or only time goes by. */
  readonly meanwhile?: readonly { readonly at: number; readonly act: () => Promise<void> }[];
  /** It dies at its `at`-th write, before or after that is done. */
  readonly dies?: { readonly at: number; readonly when: "before" | "after" };
}

/** Watches what the functions of a house read and write, and lets things happen in between. */
export class Turns {
  #mishap: Mishap = {};
  #calls = 0;
  #writes = 0;

  /** Does a piece of work, with what befalls it. */
  async take<Outcome>(mishap: Mishap, work: () => Promise<Outcome>): Promise<Outcome> {
    const before = [this.#mishap, this.#calls, this.#writes] as const;
    [this.#mishap, this.#calls, this.#writes] = [mishap, 0, 0];
    try {
      return await work();
    } finally {
      [this.#mishap, this.#calls, this.#writes] = before;
    }
  }

  /** Something is asked of the outside. */
  readonly called = async (): Promise<void> => {
    this.#calls += 1;
    const now = (this.#mishap.meanwhile ?? []).filter(({ at }) => at === this.#calls);
    for (const { act } of now) await this.take({}, act);
  };

  /** Every write of these functions: it may come between two. */
  wrap<Arguments extends readonly unknown[], Outcome>(
    write: (...args: Arguments) => Promise<Outcome>,
    written: (outcome: Outcome, ...args: Arguments) => void = () => {},
    before: (...args: Arguments) => void = () => {},
  ): (...args: Arguments) => Promise<Outcome> {
    return async (...args) => {
      await this.called();
      this.#writes += 1;
      const { dies } = this.#mishap;
      const now = dies?.at === this.#writes ? dies.when : undefined;
      if (now === "before") throw new Died();
      before(...args);
      const outcome = await write(...args);
      written(outcome, ...args);
      if (now === "after") throw new Died();
      return outcome;
    };
  }

  reading<Arguments extends readonly unknown[], Outcome>(
    read: (...args: Arguments) => Promise<Outcome>,
  ): (...args: Arguments) => Promise<Outcome> {
    return async (...args) => {
      await this.called();
      return read(...args);
    };
  }
}

export type Tables = Pick<House, "promotions" | "lanes" | "passkeys" | "delegations" | "loanBooks">;
