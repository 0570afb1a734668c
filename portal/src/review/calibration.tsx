import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { CalibrationBin } from "../../../core/gates/facts.ts";
import { numberText } from "../../../core/gates/number-text.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Axes, across, up } from "./axes.tsx";

/** Whether the model's probabilities can be taken at their word: beside what came true. */
export function CalibrationSection({ summary: { calibration = [] } }: { readonly summary: EvidenceSummary }) {
  const words = messages.calibration;
  const bins = calibration.toSorted((a, b) => a.predicted - b.predicted);
  const worst = bins.toSorted((a, b) => gapOf(b) - gapOf(a))[0];
  if (worst === undefined) {
    return (
      <Section id="calibration" heading={words.heading}>
        <p>{words.none}</p>
      </Section>
    );
  }
  const rows = bins.reduce((sum, { count }) => sum + count, 0);
  const mean = bins.reduce((sum, bin) => sum + gapOf(bin) * bin.count, 0) / Math.max(1, rows);
  const sentence = words.sentence(numberText(mean));
  const most = words.worst(numberText(worst.predicted), numberText(worst.observed), worst.count);
  return (
    <Section id="calibration" heading={words.heading}>
      <p>
        {sentence} {most}
      </p>
      <Axes label={`${sentence} ${most}`} bottom={words.predicted} side={words.observed}>
        <line class="ideal" x1={across(0)} y1={up(0)} x2={across(1)} y2={up(1)} />
        <polyline
          class="line"
          points={bins.map(({ predicted, observed }) => `${across(predicted)},${up(observed)}`).join(" ")}
        />
        {bins.map(({ predicted, observed, count }) => (
          <circle
            key={predicted}
            class="dot"
            cx={across(predicted)}
            cy={up(observed)}
            // By area, so that a bin of few rows looks like few.
            r={2 + 6 * Math.sqrt(count / Math.max(1, rows))}
          />
        ))}
      </Axes>
      <details>
        <summary>{words.table(bins.length)}</summary>
        <Table
          caption={words.heading}
          head={[words.predicted, words.observed, words.rows]}
          rows={bins.map(({ predicted, observed, count }, at) => ({
            key: String(at),
            cells: [numberText(predicted), numberText(observed), String(count)],
          }))}
        />
      </details>
    </Section>
  );
}

function gapOf({ predicted, observed }: CalibrationBin): number {
  return Math.abs(predicted - observed);
}
