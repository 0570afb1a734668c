import * as v from "valibot";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { whyNotAllowed, whyNotHeld, whyNotKept } from "../../../core/deployment/conditions.ts";
import {
  type ConditionKind,
  type ConditionsInForce,
  conditionKinds,
  type ReleaseConditions,
  releaseConditionsSchema,
  strictest,
} from "../../../core/promotion/release-conditions.ts";
import type { ShownPromotion } from "../api/contract.ts";
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

/** Small things to ask: what cannot keep them keeps nothing of the kind. */
const leastAsked: Readonly<Record<ConditionKind, ConditionsInForce>> = {
  trafficPercent: { forSeconds: 60, traffic: { percent: 50, forSeconds: 60 } },
  errorPercent: { forSeconds: 60, errorPercent: 100 },
  p95Milliseconds: { forSeconds: 60, p95Milliseconds: 60_000 },
};

/** What is left of that where nothing is released any more, or the target could not keep it. */
export function kindsOffered({ status, requirements, manifest }: Judged): readonly ConditionKind[] {
  if (status === "loaned") return [];
  return kindsAllowed(requirements.document.rule).filter(
    (kind) => whyNot(leastAsked[kind], manifest.target) === undefined,
  );
}

/** Why the service would not take these conditions, as far as the page knows; it judges again, with what others ask. */
export function whyConditionsRefused(
  conditions: ReleaseConditions,
  { requirements, manifest }: Judged,
): string | undefined {
  const alone = strictest([conditions]);
  return (
    whyNotAllowed(conditions, requirements.document.rule) ??
    (alone === undefined ? undefined : whyNot(alone, manifest.target))
  );
}

function whyNot(conditions: ConditionsInForce, target: Judged["manifest"]["target"]): string | undefined {
  return whyNotKept(conditions, target, "update") ?? whyNotHeld(conditions, target);
}

type Judged = Pick<ShownPromotion, "status" | "requirements" | "manifest">;

/** The conditions that a draft stands for; `undefined` where they cannot be read. */
export function conditionsFrom({ kinds, ...holding }: ConditionsDraft): ReleaseConditions | undefined {
  const asked = conditionKinds.flatMap((kind) => (kinds[kind].trim() === "" ? [] : [[kind, Number(kinds[kind])]]));
  const conditions = { forSeconds: secondsTyped(holding), ...Object.fromEntries(asked) };
  const read = v.safeParse(releaseConditionsSchema, conditions);
  return read.success ? read.output : undefined;
}
