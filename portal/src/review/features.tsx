import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { numberText } from "../../../core/gates/number-text.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";

/** The features that move the model's answers most. */
export function FeaturesSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.features;
  const { attributions } = summary;
  const [first] = attributions;
  const largest = Math.max(...attributions.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return (
    <Section id="features" heading={words.heading}>
      {first === undefined ? (
        <p>{words.none}</p>
      ) : (
        <>
          <p>
            <Foreign text={words.lead(first.feature)} />
          </p>
          <Table
            caption={words.heading}
            head={[words.feature, words.value, words.share]}
            rows={attributions.map(({ feature, value }) => ({
              key: feature,
              cells: [
                <Foreign key="feature" text={feature} />,
                numberText(value),
                <svg key="bar" class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect x="0" y="0" width={Math.max(0.5, (100 * Math.abs(value)) / largest)} height="10" />
                </svg>,
              ],
            }))}
          />
        </>
      )}
    </Section>
  );
}
