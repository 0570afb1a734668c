import type { Instant } from "../encoding/instant.ts";

/** How an alarm stands; one that is not there, or that nobody may read, watches nothing. */
export interface AlarmReading {
  readonly name: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA" | "missing";
  /** It is `missing` because somebody made another of it: which of its properties is not as it was made. */
  readonly changed?: string;
  /** Of one that was made for a release: when it was made, or somebody changed it last. */
  readonly configuredAt?: Instant;
  /** What the alarm itself says of it. */
  readonly reason?: string;
  /** When it was raised last since the time that was asked for, though it may be quiet again. */
  readonly raisedAt?: Instant;
}

/** An alarm over one metric, raised as soon as one period is above the threshold. */
export interface MetricAlarm {
  readonly name: string;
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  /** `Average` and the like, or a percentile such as `p95`. */
  readonly statistic: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly periodSeconds: number;
  readonly threshold: number;
}

/** What a deployment needs of alarms. Every operation may be repeated. */
export interface AlarmKeeper {
  /** Makes it, or makes it so; one that is there and is so already is left as it is. */
  create(alarm: MetricAlarm): Promise<void>;
  /**
   * One reading for each, in their order; with what was before, where it is asked since when. Somebody else's are named;
   * of one that was made for a release, what it was made as is held against what it is.
   */
  read(alarms: readonly (string | MetricAlarm)[], since?: Instant): Promise<readonly AlarmReading[]>;
  /** Removes those that are there; answers their names. */
  remove(names: readonly string[]): Promise<readonly string[]>;
}
