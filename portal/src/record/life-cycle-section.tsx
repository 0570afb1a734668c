import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Apart } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { lifeCycleOf, type StepState } from "./life-cycle.ts";

const marks: Record<StepState, string> = { done: "✓", current: "●", ended: "✕", ahead: "", unreached: "" };

/** The promotion's way as a picture: a list that is drawn as a line with its stations, so it needs no other text. */
export function LifeCycleSection({ promotion }: { readonly promotion: ShownPromotion }) {
  const words = messages.record;
  return (
    <Section id="life-cycle" heading={words.lifeCycle}>
      <ol class="life-cycle">
        {lifeCycleOf(promotion).map(({ title, state, at, before }) => (
          <li key={title} class={state} aria-current={state === "current" ? "step" : undefined}>
            <span class="station" aria-hidden="true">
              {marks[state]}
            </span>
            <span class="step">
              <strong>
                <Apart text={title} />
              </strong>
              <span class="quiet">
                {state === "ended"
                  ? messages.statuses[promotion.status]
                  : before
                    ? words.notAgain
                    : words.states[state]}
                {at !== undefined && (
                  <>
                    {" "}
                    <Time at={at} />
                  </>
                )}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
