import {
  complain,
  countOf,
  durationText,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Place,
  refuseRepeats,
  secondsOf,
  textOf,
} from "../../encoding/policy-file.ts";
import {
  longestUpdateSeconds,
  mostAlarms,
  type OwnBounds,
  provisioningSeconds,
  type ReleaseAlarms,
  type ShiftedTraffic,
  waitsOf,
} from "../../promotion/traffic.ts";

// SageMaker's bounds: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html and, for the
// whole of an update, API_BlueGreenUpdatePolicy.html.
const longestWait = 3600;
const largestStep = 50;
const smallestLinearStep = 10;
// A model has 60 seconds to answer, API_runtime_InvokeEndpoint.html; of what was queued an hour, API_runtime_InvokeEndpointAsync.html.
const longestAnswer = 60_000;
export const longestQueuedAnswer = 3_600_000;

/** What a target says about how traffic comes to a new model. */
export interface ReleaseRule {
  readonly traffic?: ShiftedTraffic;
  readonly alarms?: ReleaseAlarms;
}

/** Reads `traffic` and `alarms` of a target, and complains where SageMaker would not do what they say. */
export function releaseOf(
  { traffic, alarms }: { readonly traffic: Place | undefined; readonly alarms: Place | undefined },
  machine: { readonly instanceType: string; readonly instanceCount: number },
  longest = longestAnswer,
): ReleaseRule {
  const shifted = traffic === undefined ? undefined : trafficOf(traffic);
  if (traffic !== undefined && shifted !== undefined) refuseWhatIsNotDone(traffic, shifted, machine, alarms);
  if (alarms !== undefined && (shifted?.waitSeconds ?? 0) === 0)
    complain(alarms, "Alarms need time to speak up: give 'traffic' with a wait.");
  return {
    ...(shifted === undefined ? {} : { traffic: shifted }),
    ...(alarms === undefined ? {} : { alarms: alarmsOf(alarms, longest) }),
  };
}

/** Reads the traffic of a target. */
export function trafficOf(place: Place): ShiftedTraffic | undefined {
  if (place.value === "all-at-once") return { kind: "all-at-once", waitSeconds: 0 };
  const entries = typeof place.value === "object" ? (entriesOf(place) ?? []) : [];
  const [entry, ...others] = entries;
  if (entry === undefined || others.length > 0 || typeof place.value !== "object") {
    complain(place, "This must be one of canary: { percent, wait }, linear: { percent, wait } and all-at-once.");
    return undefined;
  }
  const [kind, how] = entry;
  switch (kind) {
    case "all-at-once":
      return { kind, waitSeconds: waitOf(fieldsOf(how, ["wait"]).wait) };
    case "canary":
    case "linear": {
      const { percent, wait } = fieldsOf(how, ["percent", "wait"]);
      const step = countOf(percent, 1, largestStep);
      if (kind === "linear" && percent !== undefined && step < smallestLinearStep)
        complain(percent, `A linear step is ${smallestLinearStep} to ${largestStep} percent.`);
      return { kind, percent: step, waitSeconds: waitOf(wait) };
    }
    default:
      complain(how, `'${kind}' is not a way in which traffic comes over; known are canary, linear and all-at-once.`);
      return undefined;
  }
}

function waitOf(place: Place | undefined): number {
  return secondsOf(place, 1, longestWait);
}

/** SageMaker falls back to all at once without a word for some endpoints; here that is refused instead. */
function refuseWhatIsNotDone(
  place: Place,
  traffic: ShiftedTraffic,
  machine: { readonly instanceType: string; readonly instanceCount: number },
  alarms: Place | undefined,
): void {
  if (waitsOf(traffic) + provisioningSeconds > longestUpdateSeconds) {
    const most = durationText(longestUpdateSeconds - provisioningSeconds);
    complain(place, `The waits come to ${durationText(waitsOf(traffic))} together; SageMaker's time allows ${most}.`);
  }
  if (traffic.kind === "all-at-once") return;
  if (alarms === undefined)
    complain(place, "Nothing would ever take this release back: name 'alarms', or bounds for alarms of its own.");
  if (machine.instanceCount < 2)
    complain(place, "A part of the traffic needs a part of the instances: instanceCount must be 2 or more.");
  if (machine.instanceType.startsWith("ml.inf1."))
    complain(place, "On Inf1 instances SageMaker shifts all traffic at once, whatever is said here.");
}

/** Reads the alarms of a target. @param longest milliseconds that SageMaker gives a model to answer */
export function alarmsOf(place: Place, longest = longestAnswer): ReleaseAlarms {
  if (Array.isArray(place.value)) {
    const names = itemsOf(place).map((item) => textOf(item, 255));
    if (names.length > mostAlarms) complain(place, `SageMaker heeds ${mostAlarms} alarms at most.`);
    refuseRepeats(place, names);
    return { kind: "named", names };
  }
  return {
    kind: "own",
    ...boundsOf(place, "be a list of alarms' names, or have one at least of errorPercent and p95Milliseconds", longest),
  };
}

/** Reads bounds for alarms of a release's own; `otherwise` says what may stand there. */
export function boundsOf(place: Place, otherwise: string, longest = longestAnswer): OwnBounds {
  const { errorPercent, p95Milliseconds } = fieldsOf(place, [], ["errorPercent", "p95Milliseconds"]);
  if (errorPercent === undefined && p95Milliseconds === undefined) complain(place, `This must ${otherwise}.`);
  return {
    ...(errorPercent === undefined ? {} : { errorPercent: percentOf(errorPercent) }),
    ...(p95Milliseconds === undefined ? {} : { p95Milliseconds: countOf(p95Milliseconds, 1, longest) }),
  };
}

function percentOf(place: Place): number {
  const { value } = place;
  if (typeof value === "number" && value > 0 && value <= 100) return value;
  complain(place, "This must be a percentage above 0 and up to 100, without a sign.");
  return 100;
}
