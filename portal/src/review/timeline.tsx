import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { LongForeign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";

type Told = ShownPromotion["timeline"][number];

/** Everything that happened, in order. `foldMessages`: whoever decides need not read who was written to when. */
export function TimelineSection(props: { readonly promotion: ShownPromotion; readonly foldMessages?: true }) {
  const words = messages.timeline;
  const { timeline, older } = props.promotion;
  const sent = props.foldMessages === true ? timeline.filter(isAboutMessages) : [];
  return (
    <Section id="timeline" heading={words.heading}>
      {older !== undefined && <p class="quiet">{words.older(older)}</p>}
      <Facts facts={timeline.filter((fact) => !sent.includes(fact))} />
      {sent.length > 0 && (
        <details>
          <summary>{words.messages(sent.length)}</summary>
          <Facts facts={sent} />
        </details>
      )}
    </Section>
  );
}

function Facts({ facts }: { readonly facts: readonly Told[] }) {
  return (
    <ol class="timeline">
      {facts.map(({ id, at, summary, entry }) => (
        <li key={id}>
          <Time at={at} />
          <div>
            <LongForeign text={summary} />
            {entry !== undefined && <span class="quiet entry"> {messages.timeline.entry(entry)}</span>}
          </div>
        </li>
      ))}
    </ol>
  );
}

function isAboutMessages({ type }: Told): boolean {
  return type.startsWith("notification-");
}
