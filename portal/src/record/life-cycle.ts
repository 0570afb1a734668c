import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";

/** `ended`: here it came to its end, and not to a deployment. `unreached`: what would have followed. */
export type StepState = "done" | "current" | "ended" | "ahead" | "unreached";

/** One step of a promotion's way. */
export interface Step {
  readonly title: string;
  readonly state: StepState;
  /** When it was done. */
  readonly at?: string;
}

/** The way of a promotion from its request to its end, and how far it has come. */
export function lifeCycleOf(promotion: ShownPromotion): readonly Step[] {
  const words = messages.record.steps;
  const { status, timeline, gates, verdict, requirements } = promotion;
  // What came before the newest gates was of an earlier review, and does not count any more.
  const review = timeline.slice(
    Math.max(
      0,
      timeline.findLastIndex(({ type }) => type === "gates"),
    ),
  );
  const last = (type: string) => review.findLast((fact) => fact.type === type)?.at;
  const first = (type: string) => timeline.find((fact) => fact.type === type)?.at;
  const decided = review.filter(({ type }) => type === "stage-decided");
  const planned: readonly (readonly [string, string | undefined])[] = [
    [words.request, first("request") ?? promotion.submittedAt],
    [words.freeze, first("freeze") ?? (gates === undefined ? undefined : promotion.submittedAt)],
    [words.gates, gates?.outcome === "passed" ? (last("gates") ?? promotion.submittedAt) : undefined],
    ...requirements.document.rule.stages.map(({ name }, at) => [words.stage(name), decided[at]?.at] as const),
    [words.verdict, verdict?.result === "PASSED" ? verdict.at : undefined],
    // Policies run nowhere, so no deployment of theirs is begun.
    ...(promotion.manifest.target.kind === "policy"
      ? [[words.inForce, last("policy-activated")] as const]
      : [
          [words.deployment, last("deployment-started")] as const,
          [words.deployed, last("deployed") ?? last("loan-ratified")] as const,
        ]),
  ];
  const reached = planned.findIndex(([, at]) => at === undefined);
  const ended = hasEnded(status);
  const steps = planned.map(([title, at], place): Step => {
    if (at !== undefined && (reached === -1 || place < reached)) return { title, state: "done", at };
    if (place === reached) return { title, state: ended ? "ended" : "current" };
    return { title, state: ended ? "unreached" : "ahead" };
  });
  const after =
    reached === -1 && status !== "deployed" ? [{ title: messages.statuses[status], state: "ended" } as const] : [];
  return [...steps, ...after];
}
