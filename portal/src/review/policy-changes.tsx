import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Sentences } from "../ui/sentences.tsx";

/** Of a change of the policies: what it changes, as everybody signs it. */
export function PolicyChangesSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.policyChanges;
  if (summary.policyChanges === undefined) return null;
  const { sentences, more } = summary.policyChanges;
  return (
    <Section id="policy-changes" heading={words.heading}>
      <Sentences texts={sentences} />
      {more > 0 && <p>{words.more(more)}</p>}
    </Section>
  );
}
