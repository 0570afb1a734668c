import { alarmNamesOf } from "../../../adapters/sagemaker/release-config.ts";
import type { Deployment, DeploymentEvidence } from "../../../core/deployment/deployment-target.ts";

/** What a target says of a release that nothing speaks against: each of its alarms is quiet, or nothing was asked of it. */
export function quietEvidence(deployment: Deployment): DeploymentEvidence {
  const { target, release } = deployment;
  if (target.kind === "kubernetes")
    return release.alarms === undefined ? {} : { measured: { requests: 0, pods: 1, windowSeconds: 300 } };
  if (!target.kind.startsWith("sagemaker-")) return {};
  return { alarms: alarmNamesOf(deployment).map((name) => ({ name, state: "OK" })) };
}
