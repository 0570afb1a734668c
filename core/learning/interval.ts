/** The normal quantile of a two-sided interval of 95 %. */
const z = 1.959963984540054;

/** So many of so many, and where the true share lies with 95 % confidence. Without any, nothing is known: from 0 to 1. */
export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A share with its Wilson score interval (E. B. Wilson, JASA 22, 1927): unlike the usual one it holds for few cases
 * and for shares near 0 and 1.
 */
export function rateOf(count: number, of: number): Rate {
  if (of === 0) return { count, of, low: 0, high: 1 };
  const share = count / of;
  const spread = z ** 2 / of;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  // At the ends the interval is closed exactly; rounding must not move it past the share itself.
  return {
    count,
    of,
    low: count === 0 ? 0 : Math.max(0, middle - half),
    high: count === of ? 1 : Math.min(1, middle + half),
  };
}

/** Between fewer numbers than these no interval holds the true middle with 95 %: then the range is given. */
export const fewestForMedian = 6;

/** The middle of some numbers, and where the true middle lies with about 95 % confidence; see `fewestForMedian`. */
export interface Median {
  readonly value: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

/** The median with its interval from order statistics, which asks nothing of the distribution; undefined without numbers. */
export function medianOf(numbers: readonly number[]): Median | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const of = sorted.length;
  const at = (rank: number) => sorted[Math.min(Math.max(rank, 1), of) - 1];
  const half = (z * Math.sqrt(of)) / 2;
  const [below, above] = [at(Math.ceil(of / 2)), at(Math.floor(of / 2) + 1)];
  const [low, high] = [at(Math.floor(of / 2 - half)), at(Math.ceil(1 + of / 2 + half))];
  if (below === undefined || above === undefined || low === undefined || high === undefined) return undefined;
  return { value: (below + above) / 2, of, low, high };
}
