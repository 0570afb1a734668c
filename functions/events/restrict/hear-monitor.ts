import type { DeploymentTarget } from "../../../core/deployment/deployment-target.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { Failure } from "../../../core/failure.ts";
import type { DriftReport } from "../../../core/promotion/drift.ts";
import { isEndpointHere } from "../../../core/promotion/room.ts";
import type { DeployedKind, Target } from "../../../core/promotion/target.ts";
import type { Log } from "../../log.ts";
import type { PolicyBook } from "../../policies/policy-book.ts";
import { knownLanes } from "../../running/known-lanes.ts";
import { type RestrictModelPorts, restrictModel } from "../../running/restrict-model.ts";
import { type Lane, laneOf, surveyLane } from "../../running/what-runs.ts";

export interface HearMonitorPorts extends RestrictModelPorts {
  readonly log: Log;
  readonly policies: Pick<PolicyBook, "matrix" | "machines" | "targets">;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly targets: Pick<Readonly<Record<DeployedKind, DeploymentTarget>>, "sagemaker-endpoint">;
  /** What a job of Model Monitor came to; `undefined` of any other processing job. */
  readonly monitoringJob: (name: string) => Promise<MonitoredJob | undefined>;
}

export interface MonitoredJob {
  readonly name: string;
  readonly arn: string;
  readonly schedule: string;
  readonly exitMessage: string;
  readonly endpoint: string;
  readonly from: string;
  readonly until: string;
  readonly outputs: readonly string[];
}

/** What Model Monitor's own containers say where something is out of its bounds. */
const violations = /^CompletedWithViolations\b/;

/**
 * A processing job has ended: where it is one of Model Monitor's, and found violations, the model that the endpoint serves
 * has drifted. The event says which job; what that came to is asked of SageMaker.
 */
export function hearMonitor(ports: HearMonitorPorts) {
  const restrict = restrictModel(ports);
  return async (jobName: unknown): Promise<void> => {
    if (typeof jobName !== "string") throw new Failure("invalid-request", "The event names no processing job.");
    const job = await ports.monitoringJob(jobName);
    if (job === undefined || !violations.test(job.exitMessage)) return;
    const lane = (await laneAt(job.endpoint)) ?? (await laneServedAt(job.endpoint));
    if (lane === undefined) return ports.log("info", "monitored by somebody else", { job: job.name });
    const { bytes, report } = reportOf(job, lane.target);
    try {
      await restrict({
        model: lane.model,
        report,
        by: { issuer: "https://sagemaker.amazonaws.com", subject: job.schedule },
        keep: async () => void (await ports.blobs.put(bytes, report.report.mediaType)),
      });
    } catch (error) {
      // What runs there was never approved here: the audit of what runs says so.
      if (!(error instanceof Failure) || error.code !== "not-found") throw error;
      ports.log("info", "drift of nothing that was approved", { job: job.name });
    }
  };

  /**
   * Where the policies say nothing of an endpoint any more, since the target's file names another one for the next release, or no
   * pipeline may submit the model: what serves there says whose it is.
   */
  async function laneServedAt(endpoint: string): Promise<Lane | undefined> {
    const asked: Target = { name: "", kind: "sagemaker-endpoint", endpoint, instanceType: "", instanceCount: 0 };
    const { promotion: id } = await ports.targets["sagemaker-endpoint"].describeRunning(asked);
    const promotion = id === undefined ? undefined : await ports.promotions.load(id);
    const target = promotion?.manifest.target;
    if (promotion === undefined || target === undefined || target.kind === "policy" || !isEndpointHere(target))
      return undefined;
    return target.endpoint === endpoint ? laneOf(promotion) : undefined;
  }

  /** Whose endpoint it is. Where models share one, that which was deployed last is what serves there. */
  async function laneAt(endpoint: string): Promise<Lane | undefined> {
    const lanes = knownLanes(ports.policies)
      .filter(({ place }) => isEndpointHere(place) && place.endpoint === endpoint)
      .map(({ model, place }): Lane => ({ model, target: place.name }));
    if (lanes.length < 2) return lanes[0];
    const deployed = await Promise.all(
      lanes.map(async (lane) => {
        const { running } = await surveyLane(ports.promotions, lane);
        return { lane, since: running?.deployment?.startedAt ?? "" };
      }),
    );
    return deployed.toSorted(by(({ since }) => since)).at(-1)?.lane;
  }
}

/** The job as evidence: what it said, of which time, and where its findings lie. */
function reportOf(job: MonitoredJob, target: string): { readonly bytes: Uint8Array; readonly report: DriftReport } {
  const window = { from: instantFromMs(Date.parse(job.from)), until: instantFromMs(Date.parse(job.until)) };
  const bytes = canonicalJsonBytes({ ...job, ...window, outputs: [...job.outputs] });
  const report = {
    id: job.name,
    target,
    window,
    source: `Model Monitor, ${job.schedule.slice(job.schedule.lastIndexOf("/") + 1)}`,
    metrics: [],
    report: {
      name: "model-monitor.json",
      mediaType: "application/json",
      size: bytes.length,
      sha256: sha256Hex(bytes),
      // Made here, and so nowhere to be fetched from.
      uri: job.arn,
    },
  };
  return { bytes, report };
}
