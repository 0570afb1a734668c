import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { LongForeign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";

/** Everything that happened, in order. */
export function TimelineSection({ promotion }: { readonly promotion: ShownPromotion }) {
  return (
    <Section id="timeline" heading={messages.timeline.heading}>
      <ol class="timeline">
        {promotion.timeline.map(({ id, at, summary, entry }) => (
          <li key={id}>
            <Time at={at} />
            <div>
              <LongForeign text={summary} />
              {entry !== undefined && <span class="quiet entry"> {messages.timeline.entry(entry)}</span>}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
