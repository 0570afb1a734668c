import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { numberText } from "../../../core/gates/number-text.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";
import { Measures } from "./measures.tsx";

/** How the candidate compares with what runs now and with the releases before it. */
export function ComparisonSection({ summary: { releases, comparisons } }: { readonly summary: EvidenceSummary }) {
  // Where no rule compares, nobody looked, and there is nothing to say.
  if (releases === null) return null;
  const words = messages.comparison;
  const [champion] = releases;
  return (
    <Section id="comparison" heading={words.heading}>
      <p>
        <Foreign text={champion === undefined ? words.first : words.with(champion.version, releases.length - 1)} />
      </p>
      <Measures
        caption={words.heading}
        measures={comparisons}
        picture={{
          title: words.before,
          of: ({ before }) => <span class="number">{before === null ? words.unknown : numberText(before)}</span>,
        }}
      />
    </Section>
  );
}
