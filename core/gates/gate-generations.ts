import type { Generations } from "../encoding/generation.ts";
import { earlierRelease } from "./earlier-releases.ts";
import { evidenceSummary } from "./evidence-summary.ts";
import { judge } from "./judge.ts";
import { firstShadowReport, secondShadowReport } from "./shadow/report.ts";

/**
 * How evidence was judged (`reportVersion`) and summed up for reviewers (`summaryVersion`) over time. Both documents are
 * signed for, and made again by whoever verifies: a change of what one of these makes, be it one word of a sentence, is a
 * new version beside the ones before, which stay (docs/decisions/0046).
 */
export interface GateGenerations {
  readonly reports: Generations<typeof judge>;
  readonly summaries: Generations<typeof evidenceSummary>;
  /** What evidence says of an earlier release (`documentVersion` of `earlier-releases.json`). */
  readonly releases: Generations<typeof earlierRelease>;
}

/** The same for the report of a run in shadow (`reportVersion`). */
export const shadowReportGenerations: Generations<typeof firstShadowReport> = new Map([
  [1, firstShadowReport],
  [2, secondShadowReport],
]);

export const gateGenerations: GateGenerations = {
  reports: new Map([[1, judge]]),
  summaries: new Map([[1, evidenceSummary]]),
  releases: new Map([[1, earlierRelease]]),
};
