import type { PromotionId } from "../promotion/promotion-id.ts";
import type { OwnBounds, Release, ReleaseAlarms } from "../promotion/traffic.ts";

/** An alarm that is made for a release: what it is called, and what it takes the release back for. */
export interface OwnAlarm {
  readonly name: string;
  readonly bound: keyof OwnBounds;
  /** In the bound's own unit. */
  readonly limit: number;
  /** It is over what answers a part of the requests beside what ran before, and not over what serves alone. */
  readonly beside: boolean;
}

type Watched = { readonly traffic: Release["traffic"]; readonly alarms?: ReleaseAlarms | undefined };

const endings = [
  ["errorPercent", "errors"],
  ["p95Milliseconds", "latency"],
] as const;

/** The alarms that are made for a release, for whoever makes them and whoever verifies that each was looked at. */
export function ownAlarmsOf(promotion: PromotionId, { traffic, alarms }: Watched): readonly OwnAlarm[] {
  const bounds = ownBoundsOf(alarms);
  const over = (prefix: string, beside: boolean) =>
    endings.flatMap(([bound, ending]): readonly OwnAlarm[] => {
      const limit = bounds[bound];
      return limit === undefined ? [] : [{ name: `${prefix}-${ending}`, bound, limit, beside }];
    });
  const prefix = `countersign-${promotion}`;
  return [...(traffic.kind === "weights" ? over(`${prefix}-share`, true) : []), ...over(prefix, false)];
}

/** What all alarms of a release are called: the organisation's, and its own. */
export function alarmNamesOf(promotion: PromotionId, release: Watched): readonly string[] {
  const { alarms } = release;
  return [
    ...(alarms?.kind === "named" ? alarms.names : []),
    ...ownAlarmsOf(promotion, release).map(({ name }) => name),
  ];
}

/** The bounds of a release that are watched by alarms, or measurements, of its own. */
export function ownBoundsOf(alarms: ReleaseAlarms | undefined): OwnBounds {
  return (alarms?.kind === "named" ? alarms.own : alarms) ?? {};
}
