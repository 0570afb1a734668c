import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Sentences } from "../ui/sentences.tsx";
import { FileName, LongForeign } from "../ui/text.tsx";
import { type ChangePart, changeParts, signOf } from "./changed-lines.ts";

/** Of a change of the policies: what it changes, as everybody signs it. */
export function PolicyChangesSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.policyChanges;
  if (summary.policyChanges === undefined) return null;
  const { sentences, more } = summary.policyChanges;
  return (
    <Section id="policy-changes" heading={words.heading}>
      {changeParts(sentences).map((part, place) =>
        part.kind === "sentences" ? (
          <Sentences key={place} texts={part.texts} />
        ) : (
          <ChangedFile key={place} file={part.file} lines={part.lines} />
        ),
      )}
      {more > 0 && <p>{words.more(more)}</p>}
    </Section>
  );
}

/** The lines of one file that change, and those that they are below. */
function ChangedFile({ file, lines }: Omit<Extract<ChangePart, { kind: "lines" }>, "kind">) {
  const words = messages.policyChanges;
  return (
    <>
      <h3>
        <FileName name={file} />
      </h3>
      <ul class="changed-lines">
        {lines.map(({ became, text }, place) => (
          <li key={place} class={became}>
            <span aria-hidden="true">{signOf[became]}</span>
            <span class="unseen">{words.became[became]} </span>
            <code>
              <LongForeign text={text} />
            </code>
          </li>
        ))}
      </ul>
    </>
  );
}
