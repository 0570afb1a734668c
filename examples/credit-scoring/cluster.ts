import { readFileSync } from "node:fs";
import type { ClusterOptions } from "../../local/kubernetes/cluster.ts";

const shipped = new URL("../../infra/kubernetes/", import.meta.url);

/**
 * The platform team's cluster of the example, which the target `cluster` of policies/targets.yaml names: with what is
 * shipped for them applied to it, and Countersign's functions let in.
 */
export function exampleCluster(): ClusterOptions {
  const deployers = ["DeployFunction", "WatchDeploymentFunction", "CleanUpFunction", "RestrictFunction"];
  return {
    name: "ml-platform",
    manifests: ["access.yaml", "admission-policy.yaml"].map((name) => readFileSync(new URL(name, shipped), "utf8")),
    accessEntries: [
      { principal: "RunInShadowFunction", groups: ["countersign:shadowers"] },
      ...["StageFunction", "AuditRunningFunction"].map((principal) => ({ principal, groups: ["countersign:readers"] })),
      ...deployers.map((principal) => ({ principal, groups: ["countersign:deployers"] })),
    ],
  };
}
