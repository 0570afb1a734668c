/** One measured figure, beside what it is held against. */
export interface Figure {
  readonly name: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  /** The peer's figure in the same run, or a limit. */
  readonly reference: number;
  readonly referenceName: string;
  /** `ours / reference`. */
  readonly ratio: number;
  /** What the ratio or the figure must be, as a person reads it. */
  readonly goal: string;
  readonly met: boolean;
}

/** Something that is run over and over; `rounds` of it make one measurement. */
export interface Contender {
  readonly rounds: number;
  readonly run: () => unknown;
}

/**
 * Milliseconds for one run of each contender, and the median of their ratios. They are run in turn, so that a machine
 * that is busy for a while is busy for both; first `warmUps` times for nothing, so that what is compiled while it runs is.
 */
export function inTurn(
  ours: Contender,
  peer: Contender,
  { turns = 15, warmUps = 1 }: { readonly turns?: number; readonly warmUps?: number } = {},
): { readonly ours: number; readonly peer: number; readonly ratio: number } {
  for (let turn = 0; turn < warmUps; turn++) for (const contender of [ours, peer]) milliseconds(contender);
  const pairs = Array.from({ length: turns }, () => [milliseconds(ours), milliseconds(peer)] as const);
  return {
    ours: median(pairs.map(([mine]) => mine)),
    peer: median(pairs.map(([, theirs]) => theirs)),
    ratio: median(pairs.map(([mine, theirs]) => mine / theirs)),
  };
}

/** The median time of one run, in milliseconds. */
export function medianTime(contender: Contender, turns = 15): number {
  milliseconds(contender);
  return median(Array.from({ length: turns }, () => milliseconds(contender)));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
}

function milliseconds({ rounds, run }: Contender): number {
  const began = performance.now();
  for (let round = 0; round < rounds; round++) run();
  return (performance.now() - began) / rounds;
}
