import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";

// The steps of a promotion's life with one thing told otherwise: what a rule about one step is handed.

/** The first step of a type. */
export function stepOf(steps: readonly Step[], type: FactType): Step {
  const step = steps.find(({ record }) => record.type === type);
  if (step === undefined) throw new Error(`There is no ${type}.`);
  return step;
}

export function momentOf(steps: readonly Step[], type: FactType): Instant {
  return stepOf(steps, type).record.at;
}

/** With the first step of a type changed. */
export function withStep(
  steps: readonly Step[],
  type: FactType,
  change: (step: Step) => Partial<Step>,
): readonly Step[] {
  const wanted = stepOf(steps, type);
  return steps.map((step) => (step === wanted ? { ...step, ...change(step) } : step));
}

/** With other words in the first record of a type. */
export function sayingIn(steps: readonly Step[], type: FactType, body: Step["record"]["body"]): readonly Step[] {
  return withStep(steps, type, ({ record }) => ({ record: { ...record, body: { ...record.body, ...body } } }));
}

/** With the first record of a type told as of another moment. */
export function at(steps: readonly Step[], type: FactType, moment: Instant): readonly Step[] {
  return withStep(steps, type, ({ record }) => ({ record: { ...record, at: moment } }));
}

/** With the promotion otherwise than it was before the first record of a type. */
export function knowing(steps: readonly Step[], type: FactType, before: Partial<Promotion>): readonly Step[] {
  return withStep(steps, type, (step) => (step.before === undefined ? {} : { before: { ...step.before, ...before } }));
}

/** With another approval rule asked of it, from the first record of a type on. */
export function asking(
  steps: readonly Step[],
  change: (rule: NonNullable<Step["requirements"]>["rule"]) => NonNullable<Step["requirements"]>["rule"],
): readonly Step[] {
  return steps.map((step) => {
    const { requirements } = step;
    return requirements === undefined
      ? step
      : { ...step, requirements: { ...requirements, rule: change(requirements.rule) } };
  });
}
