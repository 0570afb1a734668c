import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Measures, MostShown } from "./measures.tsx";

/** Unit tests, data validation, toxicity and what the model card says: a part for each that there is. */
export function OtherMeasuresSection({ summary }: { readonly summary: EvidenceSummary }) {
  const measures = summary.measures.filter(({ kind }) => kind !== "shadow-run");
  if (measures.length === 0) return null;
  const titles = messages.files.evidenceKinds;
  return (
    <Section id="other-measures" heading={messages.otherMeasures.heading}>
      {[...Map.groupBy(measures, ({ kind }) => kind)].map(([kind, ofKind]) => (
        <div key={kind}>
          <h3>{titles[kind]}</h3>
          <Measures caption={titles[kind]} measures={ofKind} />
        </div>
      ))}
      <MostShown measures={summary.measures} />
    </Section>
  );
}
