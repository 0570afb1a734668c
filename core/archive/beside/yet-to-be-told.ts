import type { Instant } from "../../encoding/instant.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { mayBeOnItsWay } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";

// Each promotion is told to the log by itself. What one says of another may be there before the other's own record is, for as
// long as that may be on its way; and no record that comes later takes back what another already says.

/** What is wrong with a promotion by what others say. */
export interface AgainstOthers {
  readonly findings: PackFinding[];
  readonly unchecked: Unchecked[];
  /** Wrong whatever else may come. */
  readonly wrong: (finding: OfPromotion) => void;
  /** Wrong unless a record of another is on its way, of which this one says at `at` that it was there. */
  readonly missing: (at: Instant, finding: OfPromotion) => void;
}

type OfPromotion = PackFinding & { readonly promotion: PromotionId };

/** @param goesTo as late as the log goes on; where nobody knows, nothing is taken to be on its way */
export function againstOthers(goesTo: Instant | undefined): AgainstOthers {
  const findings: PackFinding[] = [];
  const unchecked: Unchecked[] = [];
  const wrong = (finding: OfPromotion) => void findings.push(finding);
  return {
    findings,
    unchecked,
    wrong,
    missing: (at, finding) => {
      if (!mayBeOnItsWay(at, goesTo)) return wrong(finding);
      const { promotion, sentence } = finding;
      unchecked.push({
        promotion,
        sentence: `Whether what is missing was on its way to the log, which goes on until ${goesTo}: ${sentence}`,
      });
    },
  };
}
