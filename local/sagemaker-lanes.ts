import type { Serving } from "./sagemaker-hosting.ts";

/** What answers an endpoint's requests: what serves, and beside it what is on its way in, with its share. */
export interface Lane {
  readonly serving: Serving;
  readonly coming?: { readonly serving: Serving; readonly percent: number };
}

/** Requests dealt out over lanes. */
export interface Lanes {
  get(endpoint: string): Lane | undefined;
  set(endpoint: string, lane: Lane): void;
  remove(endpoint: string): void;
  all(): readonly Lane[];
  /** Who answers the next request: of any hundred in a row, `percent` go to what is coming. */
  deal(endpoint: string): Serving | undefined;
}

export function openLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  const dealt = new Map<string, number>();
  return {
    get: (endpoint) => lanes.get(endpoint),
    set(endpoint, lane) {
      lanes.set(endpoint, lane);
      dealt.set(endpoint, 0);
    },
    remove: (endpoint) => void lanes.delete(endpoint),
    all: () => [...lanes.values()],
    deal(endpoint) {
      const lane = lanes.get(endpoint);
      if (lane?.coming === undefined) return lane?.serving;
      const { serving, percent } = lane.coming;
      const before = dealt.get(endpoint) ?? 0;
      dealt.set(endpoint, before + 1);
      const due = (requests: number) => Math.floor((requests * percent) / 100);
      return due(before + 1) > due(before) ? serving : lane.serving;
    },
  };
}
