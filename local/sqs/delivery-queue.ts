import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { JsonObject } from "../aws/json-shape.ts";
import { reached, type WakeClock } from "../wake-clock.ts";

/** Milliseconds before the first attempt after a failure; each further pause is twice as long. */
const firstPause = 200;
const longestPause = 60_000;

/** One event on its way to one rule's target. */
export interface Delivery {
  readonly id: string;
  readonly rule: string;
  readonly event: JsonObject;
  /** Attempts that have failed. */
  readonly failures: number;
}

/** Where a rule's events go. */
export interface Destination {
  /** Takes the event; a rejection means that it must come again. */
  readonly target: (event: JsonObject) => Promise<void>;
  /** Takes an event that `target` refused for the last time. */
  readonly deadLetter: (event: JsonObject, error: unknown) => Promise<void>;
  /** Attempts beyond the first. */
  readonly retries: number;
}

/**
 * Deliveries that outlive the process: each lies in a file from before it is promised until its target or the dead
 * letter has taken it, so everything arrives at least once.
 */
export class DeliveryQueue {
  readonly #directory: string;
  readonly #clock: WakeClock;
  readonly #destinations = new Map<string, Destination>();
  readonly #left = new Map<string, Delivery>();
  readonly #underWay = new Map<string, Promise<void>>();
  #sequence: number;
  readonly #closing = new AbortController();

  constructor(directory: string, clock: WakeClock) {
    this.#directory = directory;
    this.#clock = clock;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const names = readdirSync(directory).filter((name) => /^\d{12}\.json$/.test(name));
    for (const name of names.sort()) {
      const delivery = JSON.parse(readFileSync(join(directory, name), "utf8")) as Delivery;
      this.#left.set(delivery.id, delivery);
    }
    this.#sequence = Number(names.at(-1)?.slice(0, 12) ?? 0);
  }

  /** Makes a rule's destination known and goes on with what an earlier process left for it. */
  connect(rule: string, destination: Destination): void {
    this.#destinations.set(rule, destination);
    for (const delivery of this.#left.values()) if (delivery.rule === rule) this.#begin(delivery, destination);
  }

  /** Takes an event for a connected rule; it is on disk once this returns. */
  add(rule: string, event: JsonObject): void {
    this.#sequence += 1;
    const delivery = { id: String(this.#sequence).padStart(12, "0"), rule, event, failures: 0 };
    this.#keep(delivery);
    const destination = this.#destinations.get(rule);
    if (destination !== undefined) this.#begin(delivery, destination);
  }

  /** Resolves once nothing that was added is left for a connected rule. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  /** Ends attempts under way; what waits to be tried again stays on disk. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.idle();
  }

  #begin(delivery: Delivery, destination: Destination): void {
    if (this.#closing.signal.aborted || this.#underWay.has(delivery.id)) return;
    const run = this.#deliver(delivery, destination).finally(() => this.#underWay.delete(delivery.id));
    this.#underWay.set(delivery.id, run);
  }

  async #deliver(first: Delivery, destination: Destination): Promise<void> {
    for (let delivery = first; !this.#closing.signal.aborted; ) {
      try {
        await destination.target(delivery.event);
        return this.#drop(delivery);
      } catch (error) {
        delivery = { ...delivery, failures: delivery.failures + 1 };
        this.#keep(delivery);
        if (delivery.failures > destination.retries) return await this.#bury(delivery, destination, error);
      }
      const pause = Math.min(longestPause, firstPause * 2 ** (delivery.failures - 1));
      await reached(this.#clock, this.#clock.now() + pause, this.#closing.signal);
    }
  }

  async #bury(delivery: Delivery, destination: Destination, error: unknown): Promise<void> {
    try {
      await destination.deadLetter(delivery.event, error);
      this.#drop(delivery);
    } catch (failure) {
      // It stays on disk and is tried once more at the next start.
      console.error(`The dead letter of the rule ${delivery.rule} could not be kept:`, failure);
    }
  }

  #keep(delivery: Delivery): void {
    const path = join(this.#directory, `${delivery.id}.json`);
    writeFileSync(`${path}.new`, JSON.stringify(delivery), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    this.#left.set(delivery.id, delivery);
  }

  #drop(delivery: Delivery): void {
    rmSync(join(this.#directory, `${delivery.id}.json`), { force: true });
    this.#left.delete(delivery.id);
  }
}
