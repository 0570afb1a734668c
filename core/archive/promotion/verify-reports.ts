import { plansOf } from "../../deployment/plan-state.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { hasEnded } from "../../promotion/life-cycle.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import { hasPassed } from "../policies/verify-policies.ts";

/**
 * What the service says on somebody's word, held against their record of it: that a pipeline applied the plan that was
 * signed, and that a pipeline or a receiver deployed the candidate; neither is told of what nobody was waited for to do. And what a monitor found: it is told beside the history of
 * what is restricted already, or gone, and of nothing that serves on as if nobody had found anything. What became of a candidate
 * is told of one that began to be deployed.
 */
export function recheckReports(
  records: readonly PromotionRecord[],
  steps: readonly Step[],
): readonly { readonly index: number; readonly sentence: string }[] {
  const told = records.map(({ record }) => record);
  // Also where nothing rests on it: whoever asks for a report by its type is told what it says.
  for (const record of told)
    if (record.type === "plan-reported" || record.type === "deployment-reported") bodyOf(record.type, record);
  const wrong = steps.flatMap((step) => {
    const sentence = wrongWith(step, told);
    return sentence === undefined ? [] : [{ index: step.index, sentence }];
  });
  // One that the history tells restricts it itself.
  const served = records.filter(({ record }) => record.type === "drift" && servesOn(steps, record.at));
  const became = records.filter(({ record }) => record.type === "outcome" && !hasBegun(steps, record.at));
  const unasked = records.flatMap(({ record, index }) => {
    const sentence = whyUnasked(record, steps);
    return sentence === undefined ? [] : [{ index, sentence }];
  });
  return [
    ...wrong,
    ...served.map(({ index }) => ({ index, sentence })),
    ...became.map(({ index }) => ({
      index,
      sentence: "What became of the candidate is told, and it had not begun to be deployed.",
    })),
    ...unasked,
  ];
}

const sentence =
  "A monitor's report is told beside the history of what was neither restricted for one by then nor over.";

function servesOn(steps: readonly Step[], at: Instant): boolean {
  const until = addSeconds(at, clockToleranceSeconds);
  const before = steps.filter(({ record }) => record.at <= until);
  const status = before.at(-1)?.after.status;
  return !(status !== undefined && hasEnded(status)) && !before.some(({ record }) => record.type === "drift");
}

function hasBegun(steps: readonly Step[], at: Instant): boolean {
  return isThereBy(steps, at, ({ type }) => type === "deployment-started");
}

function isThereBy(steps: readonly Step[], at: Instant, wanted: (record: LedgerRecord) => boolean): boolean {
  const until = addSeconds(at, clockToleranceSeconds);
  return steps.some(({ record }) => wanted(record) && record.at <= until);
}

/** Why nobody can have reported that: the service takes a report of what it waits for, and of nothing else. */
function whyUnasked({ type, at }: LedgerRecord, steps: readonly Step[]): string | undefined {
  if (type === "plan-reported")
    return isThereBy(steps, at, hasPassed)
      ? undefined
      : "What became of a plan is reported, and no verdict let anybody apply it.";
  if (type !== "deployment-reported") return undefined;
  const kind = steps.at(-1)?.after.manifest.target.kind;
  return (kind === "pipeline" || kind === "webhook") && hasBegun(steps, at)
    ? undefined
    : "What came of a deployment is reported, and nobody was waited for to deploy it.";
}

function wrongWith({ record, before, after }: Step, told: readonly LedgerRecord[]): string | undefined {
  switch (record.type) {
    case "deployment-started": {
      if (before === undefined) return undefined;
      const formats = new Map(plansOf(before.manifest).map(({ sha256, format }) => [sha256, format]));
      for (const { plan, by } of bodyOf("deployment-started", record).infrastructure ?? []) {
        if ((formats.get(plan) === "terraform-plan") !== (by === "report"))
          return `Whether the plan ${plan} is applied is said by '${by}', which nobody asks about such a plan.`;
        if (by === "report" && !reported(told, record.at, (each) => appliedIn(each) === plan))
          return `The plan ${plan} is said to be applied on its pipeline's word, and there is none before.`;
      }
      return undefined;
    }
    case "deployed":
    case "loan-running": {
      const { kind } = after.manifest.target;
      if (kind !== "pipeline" && kind !== "webhook") return undefined;
      if (kind === "pipeline" && record.type === "loan-running")
        return "What is lent is said to run where a pipeline deploys, to which nothing is lent: nobody else could take it back.";
      return reported(told, record.at, deployedIn)
        ? undefined
        : `It is recorded as ${record.type}, and whoever deploys to such a target had not reported that.`;
    }
    default:
      return undefined;
  }
}

function appliedIn(record: LedgerRecord): string | undefined {
  if (record.type !== "plan-reported") return undefined;
  const { plan, outcome } = bodyOf("plan-reported", record);
  return outcome === "applied" ? plan : undefined;
}

function deployedIn(record: LedgerRecord): boolean {
  return record.type === "deployment-reported" && bodyOf("deployment-reported", record).outcome === "deployed";
}

function reported(told: readonly LedgerRecord[], until: Instant, says: (record: LedgerRecord) => boolean): boolean {
  const latest = addSeconds(until, clockToleranceSeconds);
  return told.some((record) => record.at <= latest && says(record));
}
