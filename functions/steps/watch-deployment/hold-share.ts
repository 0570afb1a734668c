import type { Deployment, DeploymentTarget, Progress } from "../../../core/deployment/deployment-target.ts";
import { heldShare, standingOf } from "../../../core/deployment/weights.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type RecordPorts, recordProgress } from "../record-progress.ts";

/** What comes of a look at a release that answers a part of the requests. */
export type HeldOutcome =
  /** It is looked at again, in so many seconds at most. */
  | { readonly kind: "held"; readonly secondsLeft?: number }
  | { readonly kind: "shifted" }
  | { readonly kind: "altered"; readonly why: string };

/** A part is held for its time, from the moment at which it was seen and told; then it gets the next, or serves alone. */
export async function holdShare(
  ports: RecordPorts,
  promotion: Promotion,
  {
    deployment,
    target,
    progress,
  }: {
    readonly deployment: Deployment;
    readonly target: DeploymentTarget;
    readonly progress: Progress;
  },
): Promise<HeldOutcome> {
  const { traffic } = deployment.release;
  const { percent = 0 } = progress;
  const told = heldShare(promotion.history);
  const standing = standingOf(traffic.kind === "weights" ? traffic.steps : [], told, percent, ports.now());
  switch (standing.kind) {
    case "held":
    case "altered":
      return standing;
    case "new":
      // Where another run told it meanwhile, that one's instant counts; and of a loan that was rejected nothing is told any more.
      await recordProgress(ports)(promotion.id, progress, (current) =>
        heldShare(current.history)?.since === told?.since && current.status === promotion.status
          ? { change: {}, fact: { type: "traffic-shifted", summary: progress.why, body: { percent } } }
          : undefined,
      );
      return { kind: "held" };
    case "due":
      await target.shift?.(deployment, standing.to);
      return { kind: "shifted" };
    default:
      return standing satisfies never;
  }
}
