import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { AsPrinted } from "../ui/as-printed.tsx";
import { Section } from "../ui/section.tsx";
import { Digest } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";

/** What names the promotion and what was signed, for whoever has the page on paper or looks for it elsewhere. */
export function AboutSection({ promotion, now }: { readonly promotion: ShownPromotion; readonly now: number }) {
  const { id, freezeDigest, submittedAt, verdict } = promotion;
  const words = messages.record.about;
  return (
    <Section id="about" heading={words.heading}>
      <dl>
        <dt>{words.promotion}</dt>
        <dd>
          <code>{id}</code>
        </dd>
        <dt>{messages.change.digest}</dt>
        <dd>
          <Digest value={freezeDigest} />
        </dd>
        <dt>{words.submitted}</dt>
        <dd>
          <Time at={submittedAt} />
        </dd>
        {verdict !== undefined && (
          <>
            <dt>{words.verdict}</dt>
            <dd>
              {words.verdicts[verdict.result]}, <Time at={verdict.at} />
              <br />
              <Digest value={verdict.sha256} />
            </dd>
          </>
        )}
      </dl>
      <AsPrinted now={now} />
    </Section>
  );
}
