import { complain, fieldsOf, type Place, textOf } from "../../encoding/policy-file.ts";
import type { ClusterMetrics, KubernetesTarget } from "../../promotion/target.ts";
import type { OwnBounds } from "../../promotion/traffic.ts";
import { labelOf } from "./kubernetes-name.ts";
import { boundsOf, trafficOf } from "./load-release.ts";

const label = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
const place = new RegExp(`^(${label})/(${label}):([0-9]{1,5})$`);
const longestQuery = 1000;

/** Reads how a workload on Kubernetes is released and watched; complains where nothing there would do it. */
export function clusterReleaseOf(
  {
    metrics,
    mirror,
    traffic,
    alarms,
    account,
  }: Readonly<Partial<Record<"metrics" | "mirror" | "traffic" | "alarms" | "account", Place>>>,
  workload: KubernetesTarget["workload"],
): Pick<KubernetesTarget, "metrics" | "mirror" | "traffic" | "alarms"> {
  const measured = metrics === undefined ? undefined : metricsOf(metrics);
  if (mirror !== undefined && metrics === undefined)
    complain(mirror, "Nothing would be known of a run in shadow: give 'metrics'.");
  if (mirror !== undefined && workload === "inference-service")
    complain(mirror, "Requests are mirrored for a Deployment or a Rollout; KServe routes by itself.");
  if (traffic !== undefined && workload === "deployment")
    complain(traffic, "How traffic comes over is the workload's own; only the steps of a Rollout can be written here.");
  if (traffic !== undefined && workload === "inference-service" && traffic.value !== "all-at-once")
    complain(
      traffic,
      "Of an InferenceService stands 'all-at-once' here: it then holds a part where an approval asks for one.",
    );
  const shifted = traffic === undefined ? undefined : trafficOf(traffic);
  if (traffic !== undefined && shifted !== undefined && shifted.kind !== "all-at-once" && alarms === undefined)
    complain(traffic, "Nothing would ever take this release back: give bounds for 'alarms'.");
  if (alarms !== undefined && measured === undefined)
    complain(alarms, "Nothing here measures what the bounds are about: give 'metrics'.");
  const bounds = alarms === undefined ? undefined : ownBoundsOf(alarms);
  if (alarms !== undefined && bounds?.p95Milliseconds !== undefined && measured?.p95Seconds === undefined)
    complain(alarms, "'metrics' does not say how fast answers are: give 'p95Seconds' there.");
  return {
    ...(measured === undefined ? {} : { metrics: measured }),
    ...(mirror === undefined ? {} : { mirror: mirrorOf(mirror, account) }),
    ...(shifted === undefined ? {} : { traffic: shifted }),
    ...(bounds === undefined ? {} : { alarms: { kind: "own", ...bounds } }),
  };
}

function mirrorOf(from: Place, account: Place | undefined): NonNullable<KubernetesTarget["mirror"]> {
  const { route, service, captures } = fieldsOf(from, ["route", "service"], ["captures"]);
  const named = { route: labelOf(route, "m"), service: labelOf(service, "m") };
  if (captures === undefined) return named;
  if (captures.value !== "data-capture")
    complain(captures, "This must be data-capture: lines in the form of SageMaker's data capture.");
  if (account !== undefined)
    complain(
      captures,
      "Both models would have to leave what they answer in this account, and the cluster is in another.",
    );
  return { ...named, captures: "data-capture" };
}

function ownBoundsOf(from: Place): OwnBounds | undefined {
  if (!Array.isArray(from.value)) return boundsOf(from, "have one at least of errorPercent and p95Milliseconds");
  complain(from, "Alarms of CloudWatch watch no cluster; here stands errorPercent, p95Milliseconds or both.");
  return undefined;
}

function metricsOf(from: Place): ClusterMetrics {
  const { prometheus, requests, errors, p95Seconds } = fieldsOf(
    from,
    ["prometheus", "requests", "errors"],
    ["p95Seconds"],
  );
  const [, namespace = "", service = "", port = "0"] = place.exec(textOf(prometheus, 140)) ?? [];
  if (prometheus !== undefined && (namespace === "" || Number(port) < 1 || Number(port) > 65_535))
    complain(prometheus, "This must be a service of the cluster: namespace/service:port.");
  return {
    namespace,
    service,
    port: Number(port),
    requests: queryOf(requests),
    errors: queryOf(errors),
    ...(p95Seconds === undefined ? {} : { p95Seconds: queryOf(p95Seconds) }),
  };
}

/** A query that is not about the pods of the candidate, and about now, would judge something else. */
function queryOf(from: Place | undefined): string {
  const text = textOf(from, longestQuery);
  for (const part of ["$pods", "$window"])
    if (from !== undefined && text !== "" && !text.includes(part))
      complain(from, `The query has to hold ${part}, or it measures something else than the candidate of the moment.`);
  return text;
}
