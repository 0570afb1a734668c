import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { CurvePoint } from "../../../core/gates/facts.ts";
import { numberText } from "../../../core/gates/number-text.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";

/** The precision-recall curve, as a sentence, a picture and a table. */
export function CurveSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.curve;
  const points = summary.curve.toSorted((a, b) => a.recall - b.recall);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) {
    return (
      <Section id="curve" heading={words.heading}>
        <p>{words.none}</p>
      </Section>
    );
  }
  const sentence = words.sentence(
    numberText(first.precision),
    numberText(first.recall),
    numberText(last.precision),
    numberText(last.recall),
  );
  return (
    <Section id="curve" heading={words.heading}>
      <p>{sentence}</p>
      <Plot points={points} label={sentence} />
      <details>
        <summary>{words.table(points.length)}</summary>
        <Table
          caption={words.heading}
          head={[words.recall, words.precision, words.threshold]}
          rows={points.map(({ recall, precision, threshold }, at) => ({
            key: String(at),
            cells: [numberText(recall), numberText(precision), threshold === undefined ? "–" : numberText(threshold)],
          }))}
        />
      </details>
    </Section>
  );
}

const [wide, high, left, below] = [420, 240, 44, 40];
const x = (recall: number) => left + recall * (wide - left - 12);
const y = (precision: number) => 12 + (1 - precision) * (high - below - 12);
const ticks = [0, 0.25, 0.5, 0.75, 1];

function Plot({ points, label }: { readonly points: readonly CurvePoint[]; readonly label: string }) {
  const line = points.map(({ recall, precision }) => `${x(recall).toFixed(1)},${y(precision).toFixed(1)}`);
  return (
    <svg class="plot" viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={label}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
          <text class="tick" x={x(0) - 6} y={y(tick) + 4} text-anchor="end">
            {tick}
          </text>
          <text class="tick" x={x(tick)} y={y(0) + 16} text-anchor="middle">
            {tick}
          </text>
        </g>
      ))}
      <text class="axis" x={x(0.5)} y={high - 4} text-anchor="middle">
        {messages.curve.recall}
      </text>
      <text class="axis" x={12} y={y(0.5)} text-anchor="middle" transform={`rotate(-90 12 ${y(0.5)})`}>
        {messages.curve.precision}
      </text>
      <polyline class="line" points={line.join(" ")} />
    </svg>
  );
}
