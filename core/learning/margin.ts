import * as v from "valibot";

/** One gate's finding, as far as its margin is concerned. */
export interface MarginedFinding {
  readonly rule: string;
  readonly title: string;
  /** How far the number was from its nearest bound: 0 at the bound, below it where the rule did not pass, 1 at most. */
  readonly margin: number;
}

const finite = v.pipe(v.number(), v.finite());
const bound = v.object({ min: v.optional(finite), max: v.optional(finite) });
const finding = v.object({ rule: v.string(), title: v.string(), observed: finite, required: bound });
const report = v.object({ findings: v.array(v.unknown()) });

/** The margins in a gate report: of the findings that hold a number against a bound, and no others. */
export function marginsOf(gateReport: unknown): readonly MarginedFinding[] {
  const read = v.safeParse(report, gateReport);
  if (!read.success) return [];
  return read.output.findings.flatMap((each) => {
    const one = v.safeParse(finding, each);
    if (!one.success) return [];
    const { rule, title, observed, required } = one.output;
    const margin = marginOf(observed, required);
    return margin === undefined ? [] : [{ rule, title, margin }];
  });
}

/**
 * The distance to the nearest bound, as a share of the larger of number and bound, or of the span between two bounds:
 * so that margins of different measures can be compared. Undefined without a bound, and where nothing could be better,
 * as with no finding where none is allowed: that is not close.
 */
export function marginOf(
  observed: number,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
): number | undefined {
  if (observed === 0 && max === 0 && (min === undefined || min === 0)) return undefined;
  // Of the halves it is the same, and the largest numbers that there are have a difference.
  const [half, least, most] = [observed / 2, min && min / 2, max && max / 2];
  const gaps = [...(least === undefined ? [] : [half - least]), ...(most === undefined ? [] : [most - half])];
  if (gaps.length === 0) return undefined;
  const gap = Math.min(...gaps);
  const scale =
    least !== undefined && most !== undefined && most > least
      ? (most - least) / 2
      : Math.max(Math.abs(half), Math.abs(least ?? most ?? 0));
  if (scale === 0) return 0;
  return Math.max(-1, Math.min(1, gap / scale));
}
