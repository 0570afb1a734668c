import { isRecord } from "./aws/json-shape.ts";

/** How often something changed, by what it is kept under: whoever waits for news need not ask all the time whether there is any. */
export class News {
  readonly #changes = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Hears that an item with this key, in DynamoDB's JSON, was changed. */
  of(key: Readonly<Record<string, unknown>>): void {
    for (const value of Object.values(key)) {
      if (!isRecord(value) || typeof value["S"] !== "string") continue;
      this.#changes.set(value["S"], this.changes(value["S"]) + 1);
      for (const wake of this.#waiting.get(value["S"]) ?? []) wake();
    }
  }

  changes(part: string): number {
    return this.#changes.get(part) ?? 0;
  }

  /** Resolves once something of it has changed more often than that, or so many milliseconds are over. */
  async beyond(part: string, changes: number, milliseconds: number): Promise<void> {
    if (this.changes(part) > changes) return;
    const waiting = this.#waiting.get(part) ?? new Set();
    this.#waiting.set(part, waiting);
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(part);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      waiting.add(wake);
    });
  }
}
