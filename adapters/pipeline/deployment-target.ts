import type { DeploymentTarget, Progress } from "../../core/deployment/deployment-target.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { type ReportedOutcome, reportIn } from "../../core/promotion/deployment-report.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** What the pipeline has said, and since when it may say it. */
export interface PipelineReports {
  load(id: PromotionId): Promise<Promotion | undefined>;
  facts(id: PromotionId): Promise<readonly Fact[]>;
}

/**
 * A target to which a pipeline deploys by itself, once it has its passport. Nothing is done here and nothing can be
 * looked at: what runs there is what the pipeline says.
 */
export function pipelineTarget(reports: PipelineReports, now: () => Instant): DeploymentTarget {
  return {
    describeRunning: () => Promise.resolve({}),
    preflight: (_, release) => Promise.resolve({ kind: "possible", release: release({}), running: {} }),
    start: () => Promise.resolve(),
    async check({ promotion: id, target }): Promise<Progress> {
      const { name, withinSeconds } = requireKind(target, "pipeline");
      const report = reportIn(await reports.facts(id));
      if (report !== undefined) {
        const { outcome, detail, at } = report;
        return { kind: kinds[outcome], why: `The pipeline says: ${detail}`, evidence: { outcome, detail, at } };
      }
      const started = (await reports.load(id))?.deployment?.startedAt;
      if (started !== undefined && now() >= addSeconds(started, withinSeconds))
        return { kind: "displaced", why: `The pipeline did not say in time what came of it in ${name}.`, evidence: {} };
      return { kind: "under-way", why: "The pipeline has not said yet what came of it.", evidence: {} };
    },
    rollBack: () =>
      Promise.reject(new Failure("deployment-refused", "What a pipeline deployed, it alone can take back.")),
    settle: () => Promise.resolve(),
    cleanUp: () => Promise.resolve({ removed: [], left: [] }),
  };
}

/** Where a deployment failed, and nobody says that what ran before is back, nobody knows what runs. */
const kinds = { deployed: "serving", "rolled-back": "returned", failed: "displaced" } as const satisfies Readonly<
  Record<ReportedOutcome, Progress["kind"]>
>;
