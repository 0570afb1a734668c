import { addSeconds, type Instant } from "../encoding/instant.ts";
import { durationText } from "../encoding/policy-file.ts";
import { by } from "../encoding/text-order.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { runUnder } from "../promotion/shadow.ts";
import { bodyOf } from "./documents/fact-bodies.ts";
import { attempt, promotionHistory } from "./history/promotion-history.ts";
import type { Step } from "./history/replay-promotion.ts";
import { clockToleranceSeconds } from "./pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import { recordPath } from "./pack/pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "./pack/promotion-file.ts";
import { secondsUntilDeployed } from "./promotion/verify-deployment.ts";
import { shortestRunSeconds } from "./promotion/verify-shadow.ts";
import { type CameLate, earliestOf, type LateRecords } from "./recorded-when.ts";

/** A time that must pass from a record on, and when what had to wait for it came. */
interface Wait {
  readonly from: Step;
  readonly seconds: number;
  readonly until: Instant;
  readonly what: string;
}

/**
 * What of a promotion was in the log long after it says it was. Where something had to wait from then on, and came when the log
 * could have shown it, the wait is counted from there: otherwise a stage would have been open, and a release watched, for as
 * long as somebody cares to write.
 */
export async function recheckLate(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  late: LateRecords,
  read: ReadDocument,
): Promise<{ readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] }> {
  const ofHistory = records.filter(({ record, index }) => late.has(index) && /\/\d+$/.test(record.id));
  const [first] = ofHistory;
  const firstCame = first === undefined ? undefined : late.get(first.index);
  if (first === undefined || firstCame === undefined) return { findings: [], unchecked: [] };
  const nothing = () => {};
  const waits = await attempt("order", recordPath(first.index), nothing, async () => {
    const { steps } = await promotionHistory(promotion, records, read, nothing);
    return steps.flatMap((step) => waitsFrom(step, steps, records));
  });
  const findings = (waits ?? []).flatMap(
    ({ from: { record, index }, seconds, until, what }): readonly PackFinding[] => {
      const came = late.get(index);
      if (came === undefined) return [];
      const earliest = earliestOf(came.after);
      if (until < earliest || addSeconds(until, clockToleranceSeconds) >= addSeconds(earliest, seconds)) return [];
      const sentence = `'${record.id}' says that it was at ${record.at}, and ${cameText(came)}: that ${what} waited for ${durationText(seconds)} is not so by the log.`;
      return [{ code: "order", path: recordPath(index), promotion, sentence }];
    },
  );
  const others = ofHistory.length === 1 ? "" : `, and ${ofHistory.length - 1} others,`;
  const sentence = `Whether '${first.record.id}'${others} was as early as it says is told by it alone: it says ${first.record.at}, and ${cameText(firstCame)}.`;
  return { findings, unchecked: [{ promotion, sentence }] };
}

function cameText({ after, signed }: CameLate): string {
  return signed === "with it"
    ? `the first checkpoint that has it was signed at ${after}`
    : `the log was signed without it at ${after}`;
}

function waitsFrom(from: Step, steps: readonly Step[], records: readonly PromotionRecord[]): readonly Wait[] {
  const { record, requirements } = from;
  const next = (...types: readonly string[]) =>
    steps.find(({ record: { type }, index }) => index > from.index && types.includes(type))?.record;
  const wait = (seconds: number | undefined, until: Instant | undefined, what: string): readonly Wait[] =>
    seconds === undefined || seconds === 0 || until === undefined ? [] : [{ from, seconds, until, what }];
  switch (record.type) {
    case "stage-opened": {
      const { stage, review } = bodyOf("stage-opened", record);
      const approved = records
        .filter(({ record: { type } }) => type === "sign-off")
        .map((each) => ({ at: each.record.at, body: bodyOf("sign-off", each.record) }))
        .filter(
          ({ at, body }) =>
            body.result === "approve" && body.stage === stage && body.review === review && at >= record.at,
        )
        .toSorted(by(({ at }) => at));
      const first = steps.find(
        ({ record: { type, body } }) => type === record.type && body["review"] === review && body["stage"] === stage,
      );
      // By the escalation alone: in a role that its signer did not sign in.
      const seats = steps.flatMap((step) =>
        step.record.type === "stage-decided" ? bodyOf("stage-decided", step.record).seats : [],
      );
      const escalated = approved.find(({ body: { signOff, roles } }) =>
        seats.some((seat) => seat.signOff === signOff && !roles.includes(seat.role)),
      );
      return [
        ...wait(requirements?.rule.stages[stage]?.minimumReviewSeconds, approved[0]?.at, "its first approval"),
        // One that opens again has waited before (`escalationsOf`).
        ...(first === from
          ? wait(requirements?.rule.escalation?.afterSeconds, escalated?.at, "who it was escalated to")
          : []),
      ];
    }
    case "deployment-started": {
      const until = next("deployed")?.at;
      return wait(until && secondsUntilDeployed(record), until, "its release");
    }
    case "traffic-shifted": {
      const begun = steps.findLast(
        ({ record: { type }, index }) => type === "deployment-started" && index < from.index,
      );
      const traffic = begun === undefined ? undefined : bodyOf("release", begun.record).release.traffic;
      const { percent } = bodyOf("traffic-shifted", record);
      const held = traffic?.kind === "weights" ? traffic.steps.find((each) => each.percent === percent) : undefined;
      return wait(
        held?.waitSeconds,
        next("traffic-shifted", "deployed")?.at,
        "what followed this part of the requests",
      );
    }
    case "shadow-run": {
      const plan = requirements?.rule.shadow;
      const own = runUnder(plan, from.after.shadow);
      if (plan === undefined || own === undefined || bodyOf("shadow-run", record).state !== "running") return [];
      const over = steps.find(({ record: each, index }) => index > from.index && isOver(each))?.record;
      return wait(shortestRunSeconds(plan), over?.at, "the end of its run in shadow");
    }
    default:
      return [];
  }
}

function isOver(record: LedgerRecord): boolean {
  return record.type === "shadow-run" && bodyOf("shadow-run", record).state === "over";
}
