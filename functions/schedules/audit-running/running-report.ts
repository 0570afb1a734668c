import { type DeploymentTarget, type Running, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import { candidateSaid, placeOfTarget, type RunningReport, saidOf } from "../../../core/deployment/intruder.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { DeployedKind, Target } from "../../../core/promotion/target.ts";
import { type ApprovedOrderPorts, heldAgainstVerdict } from "../../steps/approved-order.ts";
import { deploymentOf } from "../../steps/order.ts";

export interface ReportPorts
  extends Pick<ApprovedOrderPorts, "now" | "attestationBase" | "verifyingKeys" | "verifySignature" | "blobs"> {
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
}

/** What runs in a place and what the records, the verdict and the target say of it. */
export function runningReports(ports: ReportPorts) {
  return reportOf;

  async function reportOf(
    target: Target,
    running: Running,
    expected: Promotion | undefined,
    of: Promotion | undefined,
    settled = true,
  ): Promise<RunningReport> {
    return {
      readAt: ports.now(),
      place: placeOfTarget(target),
      expected: expected?.id ?? null,
      ...saidOf(running),
      candidate: of === undefined ? null : candidateSaid(of, await heldAgainst(of, settled)),
    };
  }

  /** Why the verdict does not allow what runs, and how that differs from what was approved. */
  async function heldAgainst(
    of: Promotion,
    settled: boolean,
  ): Promise<{ verdict: string | null; altered: string | null }> {
    const deployment = deploymentOf(of);
    if (deployment === undefined) return { verdict: "It was never deployed.", altered: null };
    try {
      await heldAgainstVerdict(of, deployment, ports, "again");
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "unavailable") throw error;
      return { verdict: error.message, altered: null };
    }
    const target = targetOfKind(ports.targets, deployment.target.kind);
    // The release's own alarms are gone by now: only whether it still is what was approved is asked.
    const { kind, why, unwell } = await target.check({ ...deployment, release: plainRelease("something") });
    // That what was approved does not do well is for whoever runs the place, and no sign that somebody changed it.
    if (settled && kind === "unhealthy" && unwell !== true) return { verdict: null, altered: why };
    return { verdict: null, altered: (await target.whyAlteredBeside?.(deployment)) ?? null };
  }
}
