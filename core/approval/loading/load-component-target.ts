import { complain, countOf, durationText, fieldsOf, type Place, secondsOf } from "../../encoding/policy-file.ts";
import type { ComponentHandling, ComponentResources, ComponentTarget } from "../../promotion/target.ts";
import { longestUpdateSeconds, provisioningSeconds, waitsOf } from "../../promotion/traffic.ts";
import { servingAccountOf } from "./load-account.ts";
import { demandsOf } from "./load-demands.ts";
import { endpointNameOf, groupOf, networkOf } from "./load-hosted.ts";
import { alarmsOf } from "./load-release.ts";

type ComponentRule = Omit<ComponentTarget, "name">;

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html
const longestWait = 3600;
const largestBatch = { part: 2, words: "half of the copies" };
const smallestBatch = { part: 20, words: "a twentieth of the copies" };
// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html
const leastMemory = 128;
const leastCores = 0.25;
// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentStartupParameters.html
const [shortestStart, longestStart] = [60, 3600];
const longestWatch = 7 * 86_400;

/** Reads a target that is an inference component. What SageMaker does not do for one is refused, or has to be said by name. */
export function componentTargetOf(place: Place): ComponentRule {
  const fields = fieldsOf(
    place,
    ["kind", "endpoint", "host", "copies", "resources", "traffic"],
    ["handling", "alarms", "watch", "network", "registry", "account", "infrastructure"],
  );
  const { endpoint, host, copies, resources, handling, traffic, alarms, watch } = fields;
  const { network, registry, account, infrastructure } = fields;
  const count = countOf(copies, 2, 1000);
  const shifted = traffic === undefined ? undefined : trafficOf(traffic, count);
  if (traffic !== undefined && shifted?.kind === "rolling" && alarms === undefined)
    complain(traffic, "Nothing would ever take this release back: name 'alarms', or bounds for alarms of its own.");
  if (watch !== undefined && alarms === undefined)
    complain(watch, "There is nothing to watch: name 'alarms', or bounds for alarms of its own.");
  if (shifted?.kind === "all-at-once" && alarms !== undefined && watch === undefined)
    complain(
      alarms,
      "SageMaker heeds no alarm where all copies are replaced at once: say for how long Countersign does, with 'watch'.",
    );
  return {
    kind: "sagemaker-inference-component",
    endpoint: endpointNameOf(endpoint, "An inference component's name"),
    host: endpointNameOf(host, "An endpoint's name"),
    copies: count,
    resources: resourcesOf(resources),
    ...(handling === undefined ? {} : { handling: handlingOf(handling) }),
    traffic: shifted ?? allAtOnce,
    ...(alarms === undefined ? {} : { alarms: alarmsOf(alarms) }),
    ...(watch === undefined ? {} : { watchSeconds: secondsOf(watch, 60, longestWatch) }),
    ...(network === undefined ? {} : networkOf(network)),
    ...(registry === undefined ? {} : { registry: groupOf(registry) }),
    ...(account === undefined ? {} : { account: servingAccountOf(account) }),
    ...demandsOf({ infrastructure }),
  };
}

const allAtOnce = { kind: "all-at-once", waitSeconds: 0 } as const;

function trafficOf(place: Place, copies: number): ComponentTarget["traffic"] | undefined {
  if (place.value === "all-at-once") return allAtOnce;
  const given = typeof place.value === "object" && place.value !== null && "rolling" in place.value;
  if (!given) {
    complain(
      place,
      "Copies of an inference component are replaced in batches, rolling: { copies, wait }, or all-at-once: SageMaker shifts no other part of its traffic.",
    );
    return undefined;
  }
  const { rolling } = fieldsOf(place, ["rolling"]);
  if (rolling === undefined) return undefined;
  const fields = fieldsOf(rolling, ["copies", "wait"]);
  const waitSeconds = secondsOf(fields.wait, 1, longestWait);
  const traffic = { kind: "rolling", copies: countOf(fields.copies, 1, 1000), of: copies, waitSeconds } as const;
  if (copies < largestBatch.part) complain(place, "One copy is not replaced in batches: say all-at-once by name.");
  else if (traffic.copies * largestBatch.part > copies)
    complain(
      fields.copies ?? rolling,
      `A batch is ${largestBatch.words} at most, of ${copies} so many as ${Math.floor(copies / largestBatch.part)}.`,
    );
  if (traffic.copies * smallestBatch.part < copies)
    complain(
      fields.copies ?? rolling,
      `A batch is ${smallestBatch.words} at least, of ${copies} so many as ${Math.ceil(copies / smallestBatch.part)}.`,
    );
  if (waitsOf(traffic) + provisioningSeconds > longestUpdateSeconds) {
    const most = durationText(longestUpdateSeconds - provisioningSeconds);
    complain(place, `The waits come to ${durationText(waitsOf(traffic))} together; SageMaker's time allows ${most}.`);
  }
  return traffic;
}

function resourcesOf(place: Place | undefined): ComponentResources {
  if (place === undefined) return { memoryMegabytes: leastMemory };
  const { memoryMegabytes, mostMemoryMegabytes, cpuCores, accelerators } = fieldsOf(
    place,
    ["memoryMegabytes"],
    ["mostMemoryMegabytes", "cpuCores", "accelerators"],
  );
  const memory = memoryOf(memoryMegabytes);
  const most = mostMemoryMegabytes === undefined ? undefined : memoryOf(mostMemoryMegabytes);
  if (mostMemoryMegabytes !== undefined && most !== undefined && most < memory)
    complain(mostMemoryMegabytes, `It may take ${memory} MB in any case: here stands as much or more.`);
  return {
    memoryMegabytes: memory,
    ...(most === undefined ? {} : { mostMemoryMegabytes: most }),
    ...(cpuCores === undefined ? {} : { cpuCores: coresOf(cpuCores) }),
    ...(accelerators === undefined ? {} : { accelerators: countOf(accelerators, 1, 64) }),
  };
}

function handlingOf(place: Place): ComponentHandling {
  const { download, start, caching, placement, zoneImbalance } = fieldsOf(
    place,
    [],
    ["download", "start", "caching", "placement", "zoneImbalance"],
  );
  if (caching !== undefined && caching.value !== true) complain(caching, "This must be true, or nothing at all.");
  if (zoneImbalance !== undefined && placement === undefined)
    complain(zoneImbalance, "SageMaker balances zones only beside a 'placement': say spread or pack.");
  return {
    ...(download === undefined ? {} : { downloadSeconds: secondsOf(download, shortestStart, longestStart) }),
    ...(start === undefined ? {} : { startSeconds: secondsOf(start, shortestStart, longestStart) }),
    ...(caching === undefined ? {} : { caching: true }),
    ...(placement === undefined ? {} : { placement: placementOf(placement) }),
    ...(zoneImbalance === undefined ? {} : { zoneImbalance: imbalanceOf(zoneImbalance) }),
  };
}

function placementOf(place: Place): "spread" | "pack" {
  if (place.value === "spread" || place.value === "pack") return place.value;
  complain(place, "This must be spread or pack.");
  return "spread";
}

function imbalanceOf(place: Place): number {
  const { value } = place;
  return value === 0 ? 0 : countOf(place, 1, 1000);
}

function memoryOf(place: Place | undefined): number {
  const megabytes = countOf(place, leastMemory, 100_000_000);
  if (place !== undefined && megabytes < leastMemory)
    complain(place, `SageMaker gives a copy ${leastMemory} MB at least.`);
  return megabytes;
}

function coresOf(place: Place): number {
  const { value } = place;
  if (typeof value === "number" && value >= leastCores && value <= 1000 && Number.isInteger(value * 4)) return value;
  complain(place, "This must be a number of cores in quarters, from 0.25 on.");
  return leastCores;
}
