import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { FactType } from "../../promotion/fact.ts";
import { isPromotionId, type PromotionId } from "../../promotion/promotion-id.ts";
import { type ChangingRemedy, goesFurther } from "../../promotion/remedy.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { outcomeOf } from "../documents/outcome.ts";
import { inPlace } from "../documents/what-took-its-place.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

// What is announced about what runs is done: the model that drifted, or that nobody approved again, makes place, and what
// nobody approved is taken back. Mostly that begins in seconds. A target that is being changed may keep it.

/** Something that a promotion's records announce, and of which they do not say that it was done. */
export interface Announced {
  readonly promotion: PromotionId;
  /** Of the record that announced it. */
  readonly index: number;
  readonly at: Instant;
  readonly what: ChangingRemedy | "take-back";
  /** It is due once this approval has been refused. */
  readonly unless?: PromotionId;
  /** It is due from then on, unless it was approved again. */
  readonly by?: Instant;
  /** When it began, if it did. */
  readonly begunAt?: Instant;
  readonly place: { readonly target: string; readonly endpoint: string };
  /** Of the beginning of its own deployment. */
  readonly deployed: number;
  /** Nobody but its pipeline can look at what runs there, or change it. */
  readonly ofPipeline?: true;
}

/** What a promotion that runs announces and leaves open; mostly nothing. */
export function announcedIn(steps: readonly Step[], records: readonly PromotionRecord[]): readonly Announced[] {
  const last = steps.at(-1)?.after;
  const begun = steps.findLast(({ record }) => record.type === "deployment-started");
  if (last === undefined || begun === undefined) return [];
  const { target } = last.manifest;
  const open = [
    ...(last.status === "restricted" ? driftLeftOpen(steps) : []),
    ...(last.status === "restricted" || last.status === "deployed" ? intrudersLeftOpen(records) : []),
  ];
  return open.map((each) => ({
    promotion: last.id,
    ...each,
    place: { target: target.name, endpoint: target.endpoint },
    deployed: begun.index,
    ...(target.kind === "pipeline" ? { ofPipeline: true } : {}),
  }));
}

type LeftOpen = Pick<Announced, "index" | "at" | "what" | "unless" | "by" | "begunAt">;

function driftLeftOpen(steps: readonly Step[]): readonly LeftOpen[] {
  const drifts = steps.filter(({ record }) => record.type === "drift");
  const [first] = drifts;
  if (first === undefined) return [];
  const { action = "keep", unlessReapproved = "keep", reapproveBy: by } = bodyOf("drift", first.record);
  const told = steps.filter(({ record }) => record.type === "remedy");
  const remedies = told.map(({ record }) => ({ at: record.at, ...bodyOf("remedy", record) }));
  const asked = drifts.map(({ record }) => bodyOf("drift", record).reapproval).findLast((each) => each !== undefined);
  const due = (
    what: ChangingRemedy,
    because: "drift" | "not-reapproved",
    when: Pick<LeftOpen, "unless" | "by"> = {},
  ): readonly LeftOpen[] => {
    // Whichever goes further is done in the place of the other.
    const own = remedies.filter((each) => each.because === because || goesFurther(each.remedy, what));
    if (own.some(({ state }) => state === "done")) return [];
    const begunAt = own[0]?.at;
    return [
      {
        ...{ index: first.index, at: first.record.at, what, ...when },
        ...(begunAt === undefined ? {} : { begunAt }),
      },
    ];
  };
  return [
    ...(action === "keep" ? [] : due(action, "drift")),
    ...((asked === undefined && by === undefined) ||
    unlessReapproved === "keep" ||
    !goesFurther(unlessReapproved, action)
      ? []
      : due(unlessReapproved, "not-reapproved", {
          ...(asked === undefined ? {} : { unless: asked }),
          ...(by === undefined ? {} : { by }),
        })),
  ];
}

/** Of each place the latest finding counts: what it does not tell any more is not there any more. */
function intrudersLeftOpen(records: readonly PromotionRecord[]): readonly LeftOpen[] {
  const latest = new Map<string, PromotionRecord>();
  for (const each of ofType(records, "intruder-found")) {
    const { kind, target, endpoint } = bodyOf("intruder-found", each.record).place;
    latest.set(JSON.stringify([kind, target, endpoint]), each);
  }
  const about = (type: "intruder-gone" | "take-back", id: string) =>
    ofType(records, type).find(({ record }) => bodyOf(type, record).found === id)?.record.at;
  return [...latest.values()].flatMap(({ record, index }): readonly LeftOpen[] => {
    if (bodyOf("intruder-found", record).action !== "take-back") return [];
    if (about("intruder-gone", record.id) !== undefined) return [];
    const begunAt = about("take-back", record.id);
    return [{ index, at: record.at, what: "take-back", ...(begunAt === undefined ? {} : { begunAt }) }];
  });
}

function ofType(records: readonly PromotionRecord[], type: FactType): readonly PromotionRecord[] {
  return records.filter(({ record }) => record.type === type);
}

/** So long a target may keep what was announced from beginning, and somebody to help it. */
const beginsWithinSeconds = 86_400;

/** What else the log tells. */
export interface Elsewhere {
  /** As late as the log goes on. */
  readonly goesTo: Instant | undefined;
  /** Whether what is asked for is here wherever the log has it. */
  readonly whole: boolean;
  /** All records of a promotion; none where it is not here. */
  readonly recordsOf: (promotion: PromotionId) => Promise<readonly PromotionRecord[]>;
  /** The beginnings of all deployments. */
  readonly deployments: () => Promise<readonly PromotionRecord[]>;
}

/**
 * What was announced, and of which nothing is told: wrong where it was due a day before the end of the log, and nothing else
 * has come to run in its place.
 */
export async function recheckAnnounced(
  announced: readonly Announced[],
  elsewhere: Elsewhere,
): Promise<{ readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] }> {
  const findings: PackFinding[] = [];
  const unchecked: Unchecked[] = [];
  const { goesTo, whole } = elsewhere;
  const rivalOf = rivals(elsewhere);
  for (const each of announced) {
    const { promotion, index, what, begunAt, unless } = each;
    const due = await dueFrom(each, elsewhere);
    const untold = (why: string) =>
      void unchecked.push({ promotion, sentence: `Whether ${subjects[what]}: '${what}' ${why}.` });
    if (due === undefined) continue;
    if (due === "untold") {
      untold(`was announced unless it is approved again, and what became of that, ${unless} tells, which is not here`);
      continue;
    }
    const rival = await rivalOf(each);
    if (rival === "took") continue;
    if (begunAt !== undefined) {
      untold(`began at ${begunAt}, and the log does not say that it was done`);
      continue;
    }
    const since = latestOf([each.at, due, rival === "unsure" ? undefined : rival?.goneAt]) ?? each.at;
    const overdue = goesTo !== undefined && goesTo >= addSeconds(since, beginsWithinSeconds);
    if (!overdue || !whole || rival === "unsure" || each.ofPipeline === true)
      untold(`was announced, and was due from ${since} on, and the log does not say that it began`);
    else
      findings.push({
        code: "deployment-differs",
        path: recordPath(index),
        promotion,
        sentence: `'${what}' was announced, and was due from ${since} on: the log, which goes on until ${goesTo}, does not say that it began.`,
      });
  }
  return { findings, unchecked };
}

function latestOf(instants: readonly (Instant | undefined)[]): Instant | undefined {
  return instants
    .filter((each) => each !== undefined)
    .toSorted()
    .at(-1);
}

const subjects: Readonly<Record<Announced["what"], string>> = {
  previous: "what drifted still serves",
  stop: "what drifted still serves",
  "take-back": "what nobody approved still runs",
};

/** What says that a promotion was refused, or is over otherwise than by a newer one. */
export const refusals: ReadonlySet<FactType> = new Set([
  ...(["blocked", "rejected", "expired", "withdrawn", "failed", "rolled-back", "loan-ended"] as const),
]);

/** From when on something is due; `undefined`: it is not, as far as the log goes. */
async function dueFrom(
  { at, unless, by }: Announced,
  { whole, goesTo, recordsOf }: Pick<Elsewhere, "whole" | "goesTo" | "recordsOf">,
): Promise<Instant | "untold" | undefined> {
  if (unless === undefined && by === undefined) return at;
  const records = unless === undefined ? [] : await recordsOf(unless);
  // In a log that has all of it nobody was asked yet.
  if (unless !== undefined && records.length === 0 && !whole) return "untold";
  const end = outcomeOf(records)?.record;
  if (end !== undefined && refusals.has(end.type)) return end.at;
  if (by === undefined || isGranted(records)) return undefined;
  return goesTo === undefined || goesTo >= by ? by : undefined;
}

const decided: ReadonlySet<FactType> = new Set([
  ...(["stage-decided", "loan", "held", "verdict", "deployment-started", "deployed", "loan-ratified"] as const),
]);
const asked: ReadonlySet<FactType> = new Set(["stage-opened", "seat-reopened", "superseded"]);

/** Whether people have given an approval that nobody refused, or are about to have: what it lets run on is not taken away. */
function isGranted(records: readonly PromotionRecord[]): boolean {
  const last = records.findLast(({ record: { type } }) => decided.has(type) || asked.has(type))?.record.type;
  // What was lent is reviewed while it runs.
  const lent = last === "stage-opened" && records.some(({ record }) => record.type === "loan");
  return lent || (last !== undefined && decided.has(last));
}

/** `took`: something else serves instead, or nothing; `unsure`: it may. Otherwise when the last that did not stay was gone. */
type Rival = "took" | "unsure" | Gone | undefined;

interface Gone {
  readonly goneAt: Instant;
}

/** Answers what else was deployed in the place of something since. */
function rivals({ deployments, recordsOf }: Elsewhere): (announced: Announced) => Promise<Rival> {
  let byEndpoint: ReadonlyMap<string, readonly PromotionRecord[]> | undefined;
  const known = new Map<
    PromotionId,
    { readonly target: unknown; readonly there: ReturnType<typeof inPlace>; readonly leftTo: LeftTo }
  >();
  const look = async (other: PromotionId) => {
    const before = known.get(other);
    if (before !== undefined) return before;
    const records = await recordsOf(other);
    const request = records.find(({ record }) => record.type === "request");
    const there = inPlace(records);
    const seen = { target: request?.record.body["target"], there, leftTo: leftTo(records, there?.at) };
    known.set(other, seen);
    return seen;
  };
  return async ({ promotion, place, deployed }) => {
    byEndpoint ??= Map.groupBy(await deployments(), ({ record }) => endpointOf(record.body["endpoint"]));
    let found: "unsure" | Gone | undefined;
    // The latest first: mostly that is what serves there.
    for (const { record, index } of (byEndpoint.get(endpointOf(place.endpoint)) ?? []).toReversed()) {
      const other = record.promotion;
      if (index <= deployed || other === undefined || other === promotion) continue;
      const { target, there, leftTo } = await look(other);
      if (there === undefined) continue;
      // Another target may lead to an endpoint of that name elsewhere. Where it was taken out itself, nothing serves there, or what it
      // says: what drifted before is passed over.
      const past = leftTo !== undefined && leftTo !== promotion;
      if ((there.state === "serves" || past) && target === place.target) return "took";
      if (there.state !== "gone") found = "unsure";
      else if (found !== "unsure") found = { goneAt: latestOf([found?.goneAt, there.at]) ?? there.at };
    }
    return found;
  };
}

/** What serves where something was taken out of service because of its drift; `undefined` where it was not. */
type LeftTo = PromotionId | "nothing" | undefined;

function leftTo(records: readonly PromotionRecord[], at: Instant | undefined): LeftTo {
  const remedies = records.filter(({ record }) => record.type === "remedy");
  const done = remedies.find(({ record }) => record.at === at && record.body["state"] === "done");
  if (done === undefined) return undefined;
  if (done.record.body["remedy"] === "stop") return "nothing";
  const to = remedies.findLast(({ record }) => record.body["state"] === "started")?.record.body["to"];
  // What is wrong with another promotion is said of that one.
  return isPromotionId(to) ? to : undefined;
}

function endpointOf(told: unknown): string {
  return typeof told === "string" ? told.toLowerCase() : "";
}
