import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { Attention } from "../../../core/gates/summary-attention.ts";
import { Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";

const tones: Record<Attention["kind"], Tone> = { failed: "bad", missing: "bad", "on-trial": "warn", unusual: "warn" };

/** What failed, is missing or is unusual: said before anything else. */
export function AttentionSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.attention;
  return (
    <Section id="attention" heading={words.heading}>
      {summary.attention.length === 0 ? (
        <p>{words.nothing}</p>
      ) : (
        <ul class="plain-list">
          {summary.attention.map(({ kind, sentence, where }) => (
            <li key={`${kind} ${sentence} ${where}`} class="attention">
              <Badge tone={tones[kind]} text={words.kinds[kind]} />
              <div>
                <Foreign text={sentence} /> <Where where={where} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
