/** How traffic comes over from what served before to what was approved. Waits are seconds. */
export type Traffic =
  | ShiftedTraffic
  | RollingTraffic
  /**
   * Parts of the requests by weight, beside what served before, each held for its wait while our own watch looks; after
   * the last, all of them. For a part that the target holds too shortly, or not at all, where it shifts traffic by itself.
   */
  | { readonly kind: "weights"; readonly steps: readonly WeightStep[] };

export type WeightStep = {
  readonly percent: number;
  readonly waitSeconds: number;
};

/** What a target does by itself, and may ask for. */
export type ShiftedTraffic =
  /** All of it in one step, then `waitSeconds` in which alarms may still take it back. */
  | { readonly kind: "all-at-once"; readonly waitSeconds: number }
  /** A first part, a wait, then the rest, and the wait again. */
  | { readonly kind: "canary"; readonly percent: number; readonly waitSeconds: number }
  /** In equal steps, with a wait after each. */
  | { readonly kind: "linear"; readonly percent: number; readonly waitSeconds: number };

/**
 * Copies of a model are replaced `copies` at a time, `of` so many, with a wait after each batch. Each copy takes the requests
 * that come to it, so no part of them is held.
 */
export type RollingTraffic = {
  readonly kind: "rolling";
  readonly copies: number;
  readonly of: number;
  readonly waitSeconds: number;
};

/** So many alarms SageMaker heeds in one update: API_AutoRollbackConfig.html. */
export const mostAlarms = 10;

/** What takes a release back while traffic comes over. */
export type ReleaseAlarms =
  /** Alarms of the organisation, by their names; an approval may ask for bounds beside them. */
  | { readonly kind: "named"; readonly names: readonly string[]; readonly own?: OwnBounds }
  /** Alarms over what was approved alone, made for the release and removed after it. One bound at least is there. */
  | ({ readonly kind: "own" } & OwnBounds);

/** What the new model may do at most before it is taken back. */
export type OwnBounds = {
  /** Of 100 requests, how many may be answered by a server error. */
  readonly errorPercent?: number;
  /** 95 of 100 requests are answered within this time. */
  readonly p95Milliseconds?: number;
};

/** How a release goes: where nothing ran before there is nothing to take traffic from. */
export type Release = {
  readonly kind: "first" | "update";
  readonly traffic: Traffic;
  readonly alarms?: ReleaseAlarms;
  /** It ends no earlier than so many seconds after its beginning, and its alarms are watched until then. */
  readonly watchSeconds?: number;
};

/** What a release may take beside its waits: starting instances, loading the model. */
export const provisioningSeconds = 1800;
/** The most that SageMaker gives an update, waits included: API_BlueGreenUpdatePolicy.html, API_InferenceComponentRollingUpdatePolicy.html */
export const longestUpdateSeconds = 28_800;

/** For an approval that limits traffic and does not say for how long, in a target that does not either. */
export const defaultWaitSeconds = 600;

/** How many batches replace all copies. */
export function batchesOf({ copies, of }: RollingTraffic): number {
  return Math.ceil(of / copies);
}

/** Seconds of a release's waits, where they last longer than a loan does: it is taken back on its way then. */
export function waitsBeyond(traffic: Traffic | undefined, loanSeconds: number): number | undefined {
  const waits = traffic === undefined ? 0 : waitsOf(traffic);
  return waits < loanSeconds ? undefined : waits;
}

/** Seconds that the waits of a release come to. */
export function waitsOf(traffic: Traffic): number {
  switch (traffic.kind) {
    case "all-at-once":
      return traffic.waitSeconds;
    case "canary":
      return 2 * traffic.waitSeconds;
    case "linear":
      return Math.ceil(100 / traffic.percent) * traffic.waitSeconds;
    case "rolling":
      return batchesOf(traffic) * traffic.waitSeconds;
    case "weights":
      return traffic.steps.reduce((sum, { waitSeconds }) => sum + waitSeconds, 0);
    default:
      return traffic satisfies never;
  }
}

/** Seconds for which what served before answers a part of the requests, beside what comes over. */
export function secondsBeside(traffic: Traffic): number {
  switch (traffic.kind) {
    case "all-at-once":
      return 0;
    case "canary":
      return traffic.waitSeconds;
    case "linear":
      return (Math.ceil(100 / traffic.percent) - 1) * traffic.waitSeconds;
    case "rolling":
      return (batchesOf(traffic) - 1) * traffic.waitSeconds;
    case "weights":
      return traffic.steps.reduce((sum, { percent, waitSeconds }) => sum + (percent < 100 ? waitSeconds : 0), 0);
    default:
      return traffic satisfies never;
  }
}
