/** Tenths, as the index is usually reckoned. */
const bins = 10;
/** A share of nought would make the index infinite; this is what is usually taken in its place. */
const leastShare = 0.0001;

/**
 * Population stability index between two sets of scores: Σ (b − a)·ln(b/a) over the shares of both in the tenths of
 * `before`. 0: the same distribution; from about 0.1 on it has shifted, from 0.25 on by much. `undefined` of nothing.
 */
export function stabilityIndex(before: readonly number[], after: readonly number[]): number | undefined {
  if (before.length === 0 || after.length === 0) return undefined;
  const edges = tenthsOf(before);
  const [was, is] = [sharesIn(before, edges), sharesIn(after, edges)];
  return was.reduce((sum, a, index) => {
    const b = is[index] ?? leastShare;
    return sum + (b - a) * Math.log(b / a);
  }, 0);
}

/** Inner edges; scores that occur often make fewer bins. */
function tenthsOf(scores: readonly number[]): readonly number[] {
  const sorted = scores.toSorted((a, b) => a - b);
  const edges = Array.from(
    { length: bins - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / bins)],
  );
  return [...new Set(edges)].filter((edge) => edge !== undefined);
}

function sharesIn(scores: readonly number[], edges: readonly number[]): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const score of scores) {
    const bin = edges.filter((edge) => edge <= score).length;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => Math.max(count / scores.length, leastShare));
}
