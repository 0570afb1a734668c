/** Tenths, as the index is usually reckoned. */
const tenths = 10;
/** A share of nought would make the index infinite; this is what is usually taken in its place. */
const leastShare = 0.0001;

/** Where one bin ends and the next begins: `from` is in the next one, and so is what is more than `above`. */
interface Edges {
  readonly from: readonly number[];
  readonly above: readonly number[];
}

/**
 * How scores are put into bins. `tenths`: those of the scores before. `common-scores-apart`: the same, and a score that more than one tenth
 * begins with has a bin of its own. Without that whatever is more than the commonest score may be in one bin with it: where nine
 * of ten are 0, nothing would be seen of all of them becoming 1.
 */
export type Binning = "tenths" | "common-scores-apart";

/**
 * Population stability index between two sets of scores: Σ (b − a)·ln(b/a) over the shares of both in the bins of
 * `before`. 0: the same distribution; from about 0.1 on it has shifted, from 0.25 on by much. `undefined` of nothing.
 */
export function stabilityIndex(
  before: readonly number[],
  after: readonly number[],
  binning: Binning,
): number | undefined {
  if (before.length === 0 || after.length === 0) return undefined;
  const edges = edgesOf(before, binning);
  const [was, is] = [sharesIn(before, edges), sharesIn(after, edges)];
  return was.reduce((sum, a, index) => {
    const b = is[index] ?? leastShare;
    return sum + (b - a) * Math.log(b / a);
  }, 0);
}

/** Scores that occur often begin several tenths: there are fewer of them. */
function edgesOf(scores: readonly number[], binning: Binning): Edges {
  const sorted = scores.toSorted((a, b) => a - b);
  // Of fewer than ten scores one place may be that of several tenths, which makes no score common.
  const places = new Set(
    Array.from({ length: tenths - 1 }, (_, at) => Math.floor(((at + 1) * sorted.length) / tenths)),
  );
  const begins = [...places].map((place) => sorted[place]).filter((score) => score !== undefined);
  const common = begins.filter((score, index) => score === begins[index - 1]);
  return { from: [...new Set(begins)], above: binning === "tenths" ? [] : [...new Set(common)] };
}

function sharesIn(scores: readonly number[], { from, above }: Edges): readonly number[] {
  const counts = new Array<number>(from.length + above.length + 1).fill(0);
  for (const score of scores) {
    const bin = from.filter((edge) => edge <= score).length + above.filter((edge) => edge < score).length;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => Math.max(count / scores.length, leastShare));
}
