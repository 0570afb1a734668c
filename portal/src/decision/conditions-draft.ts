import * as v from "valibot";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import {
  type ConditionKind,
  conditionKinds,
  type ReleaseConditions,
  releaseConditionsSchema,
} from "../../../core/promotion/release-conditions.ts";
import { secondsTyped, type TypedDuration } from "../ui/duration.ts";

/** Conditions as somebody types them; empty is not asked. */
export interface ConditionsDraft extends TypedDuration {
  readonly kinds: Readonly<Record<ConditionKind, string>>;
}

export const emptyConditions: ConditionsDraft = {
  duration: "24",
  unit: "hours",
  kinds: { trafficPercent: "", errorPercent: "", p95Milliseconds: "" },
};

/** What approvers may ask for by the rule; empty where it takes no conditions. */
export function kindsAllowed({ conditions }: Pick<ApprovalRule, "conditions">): readonly ConditionKind[] {
  return conditions === "forbidden" ? [] : (conditions?.allowed ?? conditionKinds);
}

/** The conditions that a draft stands for; `undefined` where they cannot be read. */
export function conditionsFrom({ kinds, ...holding }: ConditionsDraft): ReleaseConditions | undefined {
  const asked = conditionKinds.flatMap((kind) => (kinds[kind].trim() === "" ? [] : [[kind, Number(kinds[kind])]]));
  const conditions = { forSeconds: secondsTyped(holding), ...Object.fromEntries(asked) };
  const read = v.safeParse(releaseConditionsSchema, conditions);
  return read.success ? read.output : undefined;
}
