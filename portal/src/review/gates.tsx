import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { blocks, type Finding, type GateReport } from "../../../core/gates/gate-report.ts";
import type { Measure } from "../../../core/gates/summary-measure.ts";
import { Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { marginText } from "../ui/number.ts";
import { Section } from "../ui/section.tsx";
import { Foreign, LongForeign } from "../ui/text.tsx";
import { Measures, MostShown } from "./measures.tsx";

const tones: Record<Finding["status"], Tone> = { passed: "good", failed: "bad", missing: "bad" };

/** Whether the gates pass, and by what margin. */
export function GatesSection(props: { readonly report: GateReport; readonly summary: EvidenceSummary }) {
  const { findings } = props.report;
  const words = messages.gates;
  const failed = findings.filter(blocks).length;
  const onTrial = findings.filter(({ status }) => status !== "passed").length - failed;
  const nearest = narrowest([...props.summary.quality, ...props.summary.fairness]);
  return (
    <Section id="gates" heading={words.heading}>
      <p>
        <Badge
          tone={failed === 0 ? "good" : "bad"}
          text={failed === 0 ? words.passed(findings.length - onTrial) : words.failed(failed, findings.length)}
        />
      </p>
      {onTrial > 0 && <p>{words.onTrial(onTrial)}</p>}
      {nearest?.margin !== undefined && (
        <p>
          <Foreign text={words.nearest(nearest.title, marginText(nearest), nearest.margin >= 0)} />
        </p>
      )}
      <Measures caption={words.heading} measures={props.summary.quality} />
      <MostShown measures={props.summary.quality} />
      <details>
        <summary>{words.all(findings.length)}</summary>
        <ul class="plain-list findings">
          {whatFailsFirst(findings).map(({ rule, status, sentence, where, dryRunUntil }) => (
            <li key={`${rule} ${where}`}>
              {status !== "passed" && dryRunUntil !== undefined ? (
                <Badge tone="warn" text={messages.attention.kinds["on-trial"]} />
              ) : (
                <Badge tone={tones[status]} text={messages.findingStatuses[status]} />
              )}
              <div>
                <LongForeign text={sentence} />
                <div class="quiet where">
                  <Foreign text={rule} /> · <Where where={where} />
                </div>
              </div>
            </li>
          ))}
        </ul>
      </details>
    </Section>
  );
}

/** In their order, but for those that somebody has to look at. */
function whatFailsFirst(findings: readonly Finding[]): readonly Finding[] {
  const rank = (finding: Finding) => (blocks(finding) ? 0 : finding.status === "passed" ? 2 : 1);
  return findings.toSorted((one, other) => rank(one) - rank(other));
}

function narrowest(measures: readonly Measure[]): Measure | undefined {
  return measures.filter(({ margin }) => margin !== undefined).toSorted((a, b) => (a.margin ?? 0) - (b.margin ?? 0))[0];
}
