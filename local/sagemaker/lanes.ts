import type { Serving } from "./hosting.ts";

/** What answers an endpoint's requests: what serves, and beside it what is on its way in, with its share. */
interface Lane {
  readonly serving: Serving;
  /** By the names of the variants of what serves. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly coming?: { readonly serving: Serving; readonly percent: number };
}

/** Requests dealt out over lanes. */
export interface Lanes {
  get(endpoint: string): Lane | undefined;
  set(endpoint: string, lane: Lane): void;
  remove(endpoint: string): void;
  all(): readonly Lane[];
  /** Who answers the next request: of any hundred in a row, `percent` go to what is coming, or what is due to each weight. */
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
      if (lane === undefined) return undefined;
      const before = dealt.get(endpoint) ?? 0;
      dealt.set(endpoint, before + 1);
      const { coming } = lane;
      if (coming !== undefined && isDue(before, coming.percent)) return coming.serving;
      const { beside } = lane.serving;
      return beside !== undefined && isDue(before, percentOf(beside, lane)) ? beside : lane.serving;
    },
  };
}

/** Whether the request after so many others goes to whom so much of a hundred is due. */
function isDue(before: number, percent: number): boolean {
  const due = (requests: number) => Math.floor((requests * percent) / 100);
  return due(before + 1) > due(before);
}

/** SageMaker draws lots by the ratio of a weight to the sum of all; here it comes out even. */
function percentOf(beside: Serving, { serving, weights = {} }: Lane): number {
  const own = weights[beside.variantName] ?? 0;
  return (100 * own) / (own + (weights[serving.variantName] ?? 0));
}
