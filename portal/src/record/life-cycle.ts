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
  /** Of what is not reached: it was, in a review of before, which went back to the gates. */
  readonly before?: true;
}

/** The way of a promotion from its request to its end, and how far it has come. */
export function lifeCycleOf(promotion: ShownPromotion): readonly Step[] {
  const words = messages.record.steps;
  const { status, timeline, gates, verdict, requirements, stage } = promotion;
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
  // What was decided may be open again, since a seat fell open.
  const decidedAt = (index: number) =>
    status === "in-review" && stage?.open === true && stage.index === index ? undefined : decided[index]?.at;
  const stagesBefore = stagesReached(gates === undefined ? timeline : timeline.slice(0, -review.length));
  const planned: readonly (readonly [string, string | undefined, number?])[] = [
    [words.request, first("request") ?? promotion.submittedAt],
    [words.freeze, first("freeze") ?? (gates === undefined ? undefined : promotion.submittedAt)],
    [words.gates, gates?.outcome === "passed" ? (last("gates") ?? promotion.submittedAt) : undefined],
    ...requirements.document.rule.stages.map(
      ({ name }, index) => [words.stage(name), decidedAt(index), index] as const,
    ),
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
  const steps = planned.map(([title, at, index = stagesBefore], place): Step => {
    if (at !== undefined && (reached === -1 || place < reached)) return { title, state: "done", at };
    if (place === reached) return { title, state: ended ? "ended" : "current" };
    if (!ended) return { title, state: "ahead" };
    return { title, state: "unreached", ...(index < stagesBefore ? { before: true } : {}) };
  });
  const after =
    reached === -1 && status !== "deployed" ? [{ title: messages.statuses[status], state: "ended" } as const] : [];
  return [...steps, ...after];
}

/** How many stages were opened in the review that came farthest; each review begins with its gates. */
function stagesReached(timeline: ShownPromotion["timeline"]): number {
  let most = 0;
  let decided = 0;
  for (const { type } of timeline) {
    if (type === "gates") decided = 0;
    if (type === "stage-decided") decided += 1;
    if (type === "stage-opened") most = Math.max(most, decided + 1);
  }
  return most;
}
