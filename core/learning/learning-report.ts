import { by, compareText } from "../encoding/text-order.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { Episode } from "./episode.ts";
import { type Median, medianOf, type Rate, rateOf } from "./interval.ts";
import { peopleOf, type RolePeople, type Signals, signalsOf, takenIn } from "./signals.ts";

/** The least that `fewestDecisions` may be: below it a 95 % interval spans most of everything. */
export const leastDecisions = 5;

/** Where the assessment failed. Shares are of what ran; what was never told of counts as not spoken against. */
export interface LearningReport {
  readonly reportVersion: 1;
  readonly promotions: number;
  readonly ran: number;
  /** Of those that ran, how many anything was told of at all: the fewer, the less the other shares say. */
  readonly told: Rate;
  readonly spokenAgainst: Rate;
  readonly models: readonly {
    readonly model: string;
    readonly target: string;
    readonly told: Rate;
    readonly spokenAgainst: Rate;
  }[];
  /** By rule: what became of the candidates for which it was the gate that came closest, those of most first. */
  readonly gates: readonly {
    readonly rule: string;
    readonly title: string;
    readonly margin: Median;
    readonly spokenAgainst: Rate;
  }[];
  /** What was spoken against, with the gate that came closest. */
  readonly failures: readonly {
    readonly promotion: PromotionId;
    readonly closest?: { readonly rule: string; readonly title: string; readonly margin: number };
  }[];
  /** Absent for those who may not see how people decide. A role with too few decisions is named and no more. */
  readonly roles?: readonly ({ readonly role: string } & (Signals | { readonly decisions: "too-few" }))[];
  readonly people?: readonly RolePeople[];
  readonly fewestDecisions?: number;
}

export interface LearningOptions {
  /** From so many decisions on, how a role or a person decides is shown; absent: not at all. */
  readonly fewestDecisions?: number;
}

/** The report over some promotions. Says numbers only; what they mean is for people to find out. */
export function learningReport(episodes: readonly Episode[], { fewestDecisions }: LearningOptions): LearningReport {
  const ran = episodes.filter((episode) => episode.ran);
  const fewest = fewestDecisions === undefined ? undefined : Math.max(leastDecisions, fewestDecisions);
  const roles = [...new Set(episodes.flatMap(({ decisions }) => decisions.flatMap((each) => each.roles)))].toSorted();
  return {
    reportVersion: 1,
    promotions: episodes.length,
    ran: ran.length,
    told: toldOf(ran),
    spokenAgainst: againstOf(ran),
    models: grouped(ran, ({ model, target }) => [model, target]).map(([[model = "", target = ""], own]) => ({
      model,
      target,
      told: toldOf(own),
      spokenAgainst: againstOf(own),
    })),
    gates: gatesOf(ran),
    failures: ran
      .filter(({ failed }) => failed)
      .map((episode) => {
        const closest = closestGate(episode);
        return { promotion: episode.promotion, ...(closest === undefined ? {} : { closest }) };
      }),
    ...(fewest === undefined
      ? {}
      : {
          roles: roles.map((role) => {
            const taken = takenIn(role, episodes);
            return taken.length < fewest ? { role, decisions: "too-few" as const } : { role, ...signalsOf(taken) };
          }),
          people: roles.map((role) => peopleOf(role, episodes, fewest)),
          fewestDecisions: fewest,
        }),
  };
}

/** The gate whose number was nearest to its bound, of those with a number; undefined where there is none. */
export function closestGate({ margins }: Episode): Episode["margins"][number] | undefined {
  return margins.toSorted((a, b) => a.margin - b.margin || compareText(a.rule, b.rule))[0];
}

function gatesOf(ran: readonly Episode[]): LearningReport["gates"] {
  const closest = ran.flatMap((episode) => {
    const gate = closestGate(episode);
    return gate === undefined ? [] : [{ gate, episode }];
  });
  return grouped(closest, ({ gate }) => [gate.rule])
    .flatMap(([[rule = ""], own]) => {
      const margin = medianOf(own.map(({ gate }) => gate.margin));
      const spokenAgainst = againstOf(own.map(({ episode }) => episode));
      return margin === undefined ? [] : [{ rule, title: own[0]?.gate.title ?? rule, margin, spokenAgainst }];
    })
    .toSorted((a, b) => b.spokenAgainst.of - a.spokenAgainst.of || compareText(a.rule, b.rule));
}

function toldOf(ran: readonly Episode[]): Rate {
  return rateOf(ran.filter(({ told }) => told).length, ran.length);
}

function againstOf(ran: readonly Episode[]): Rate {
  return rateOf(ran.filter(({ failed }) => failed).length, ran.length);
}

/** Values by their key, in the order of the keys. */
function grouped<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => readonly string[],
): readonly (readonly [readonly string[], readonly Value[]])[] {
  const groups = new Map<string, { readonly key: readonly string[]; readonly own: Value[] }>();
  for (const value of values) {
    const key = keyOf(value);
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, own: [] };
    group.own.push(value);
    groups.set(name, group);
  }
  return [...groups].toSorted(by(([name]) => name)).map(([, { key, own }]) => [key, own]);
}
