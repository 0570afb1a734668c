import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { numberText } from "../../../core/gates/number-text.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";
import { Measures, MostShown } from "./measures.tsx";

/** How the candidate compares with what runs now, or ran as it was judged, and with the releases before it. */
export function ComparisonSection(props: { readonly summary: EvidenceSummary; readonly status: Status }) {
  const { releases, comparisons } = props.summary;
  // Where no rule compares, nobody looked, and there is nothing to say.
  if (releases === null) return null;
  const words = messages.comparison;
  const [champion] = releases;
  const open = isOpen(props.status);
  const heading = words.heading(open);
  return (
    <Section id="comparison" heading={heading}>
      <p>
        <Foreign
          text={champion === undefined ? words.first : words.with(champion.version, releases.length - 1, open)}
        />
      </p>
      <Measures
        caption={heading}
        measures={comparisons}
        picture={{
          title: words.before(open),
          of: ({ before }) => <span class="number">{before === null ? words.unknown : numberText(before)}</span>,
        }}
      />
      <MostShown measures={comparisons} />
    </Section>
  );
}
