import type { Lane } from "../../core/promotion/lane.ts";

/** The lanes in memory: the same condition as adapters/dynamodb/lanes.ts, nothing else. */
export class MemoryLanes {
  readonly #lanes = new Map<string, Lane>();

  readonly load = async (model: string, target: string): Promise<Lane | undefined> =>
    this.#lanes.get(`${model} ${target}`);

  readonly move = async (model: string, target: string, next: Lane): Promise<"moved" | "lost"> => {
    if ((this.#lanes.get(`${model} ${target}`)?.revision ?? 0) !== next.revision - 1) return "lost";
    this.#lanes.set(`${model} ${target}`, next);
    return "moved";
  };

  /** As a service does that would rather not know what is newer. */
  forget(): void {
    this.#lanes.clear();
  }
}
