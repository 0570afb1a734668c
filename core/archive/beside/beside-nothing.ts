import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { saysDeployed } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { shadowPlanDigest } from "../../promotion/shadow.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { type LanesTold, roomName } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import { againstOthers } from "./yet-to-be-told.ts";

/** That nothing ran there to run in shadow of, where its rule asked for a run. */
export interface BesideNothing {
  readonly index: number;
  readonly at: Instant;
  /** Its own deployment says that something ran. */
  readonly foundSome: boolean;
}

/** When a promotion ran in its target, also on loan, and while it was restricted and nothing was done about it yet. */
export interface RanThere {
  readonly from: Instant;
  /** Absent where it runs to the end of its records. */
  readonly until?: Instant;
  /** That whatever runs there was taken out, as its remedy. */
  readonly stoppedAt?: Instant;
}

/** What a promotion says of when it served in its target. */
interface ServedThere {
  readonly promotion: PromotionId;
  /** Model and target. */
  readonly lane: string;
  /** To which place its target led. */
  readonly place?: string;
  readonly from?: Instant;
  readonly until?: Instant;
  /** Where it ran at other times than it served, as what others are compared with is told. */
  readonly ran?: RanThere;
  readonly besideNothing?: BesideNothing;
}

const running: ReadonlySet<Step["after"]["status"]> = new Set(["deployed", "restricted", "loaned"]);

/** When a promotion ran; `undefined` where it never did. */
export function ranThere(steps: readonly Step[]): RanThere | undefined {
  const began = steps.findIndex(({ record }) => record.type === "loan-running" || saysDeployed(record));
  const from = steps[began]?.record.at;
  if (from === undefined) return undefined;
  const later = steps.slice(began + 1);
  const done = ({ record }: Step) => record.type === "remedy" && bodyOf("remedy", record).state === "done";
  const gone = later.find((step) => !running.has(step.after.status) || done(step));
  const stopped = later.find((step) => done(step) && bodyOf("remedy", step.record).remedy === "stop");
  return {
    from,
    ...(gone === undefined ? {} : { until: gone.record.at }),
    ...(stopped === undefined ? {} : { stoppedAt: stopped.record.at }),
  };
}

/** The last time a promotion says that there was nothing to run beside. */
export function besideNothing(steps: readonly Step[]): BesideNothing | undefined {
  const place = steps.findLastIndex(({ record, requirements }) => {
    if (record.type !== "shadow-run") return false;
    const body = bodyOf("shadow-run", record);
    const plan = requirements?.rule.shadow;
    return body.state === "nothing-to-compare" && plan !== undefined && shadowPlanDigest(plan) === body.plan;
  });
  const said = steps[place];
  if (said === undefined) return undefined;
  const begun = steps.slice(place).find(({ record }) => record.type === "deployment-started")?.record;
  const foundSome = begun !== undefined && bodyOf("deployment-started", begun).previous !== null;
  return { index: said.index, at: said.record.at, foundSome };
}

const foundUntold =
  "What it did not run in shadow of, since nothing is said to have run there: its own deployment found something, and no record of the log tells what ran there then.";

/** What a promotion's own records and the log are behind each other by. */
const seconds = 60;

/**
 * Holds what says that nothing ran there against what was deployed there then. Where its own deployment found nothing either,
 * somebody may have taken it out beside the service: that is said, and is no finding. `told`: of which lanes the log tells all;
 * `goesTo`: as late as it goes on, where that is known.
 */
export function recheckBesideNothing(
  all: readonly ServedThere[],
  told: LanesTold,
  goesTo?: Instant,
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const { findings, unchecked, missing } = againstOthers(goesTo);
  const saying = all.flatMap((each) =>
    each.besideNothing === undefined ? [] : [{ ...each, said: each.besideNothing }],
  );
  const rooms = saying.length === 0 ? undefined : Map.groupBy(all, roomName);
  for (const { promotion, lane, place, said } of saying) {
    if (!told(lane)) {
      unchecked.push({
        promotion,
        sentence: `Whether nothing ran where it was to run in shadow is told by its record alone${said.foundSome ? ", and its deployment found something" : ""}: the whole log tells of every release.`,
      });
      continue;
    }
    const [earliest, latest] = [addSeconds(said.at, -seconds), addSeconds(said.at, seconds)];
    const others = rooms?.get(roomName({ lane, place }))?.filter(({ promotion: other }) => other !== promotion) ?? [];
    // What one was stopped for had taken the place of those before it.
    const stopped = others.flatMap(({ ran }) => ran?.stoppedAt ?? []).filter((at) => at <= latest);
    const served = others
      .flatMap(({ promotion: other, from, until, ran }) => {
        if (ran !== undefined) return { promotion: other, ...ran };
        return from === undefined ? [] : { promotion: other, from, ...(until === undefined ? {} : { until }) };
      })
      .find(
        ({ from, until }) =>
          from <= earliest && (until === undefined || until > latest) && !stopped.some((at) => at > from),
      );
    if (served === undefined) {
      if (said.foundSome) unchecked.push({ promotion, sentence: foundUntold });
      continue;
    }
    if (said.foundSome)
      missing(said.at, {
        code: "gates-differ",
        path: recordPath(said.index),
        promotion,
        sentence: `It did not run in shadow, since nothing is said to have run there; ${served.promotion} served in its target since ${served.from}, and its own deployment found something.`,
      });
    else
      unchecked.push({
        promotion,
        sentence: `Whether nothing ran any more where ${served.promotion} had been deployed is told by its own records alone: no record says who took it out, and it did not run in shadow.`,
      });
  }
  return { findings, unchecked };
}
