import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { lifeCycleOf } from "../record/life-cycle.ts";
import { Section } from "../ui/section.tsx";
import { Apart } from "../ui/text.tsx";

/** What happens next, in order, as long as something does. */
export function NextStepsSection({ promotion }: { readonly promotion: ShownPromotion }) {
  const words = messages.next;
  const ahead = lifeCycleOf(promotion).filter(({ state }) => state === "current" || state === "ahead");
  if (ahead.length === 0) return null;
  return (
    <Section id="next" heading={words.heading}>
      <ol>
        {ahead.map(({ title, state }) => (
          <li key={title} aria-current={state === "current" ? "step" : undefined}>
            <Apart text={title} />
            {state === "current" && <span class="quiet"> ({words.now})</span>}
          </li>
        ))}
      </ol>
      <p class="quiet">{words.note}</p>
    </Section>
  );
}
