import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { CurvePoint } from "../../../core/gates/facts.ts";
import { numberText } from "../../../core/gates/number-text.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Axes, across, up } from "./axes.tsx";

/** The precision-recall curve and where on it the model answers, as sentences, a picture and a table. */
export function CurveSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.curve;
  const { operatingPoint } = summary;
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
  const operating =
    operatingPoint === undefined
      ? words.noOperatingPoint
      : words.operatingPoint(
          numberText(operatingPoint.precision),
          numberText(operatingPoint.recall),
          operatingPoint.threshold === undefined ? undefined : numberText(operatingPoint.threshold),
        );
  return (
    <Section id="curve" heading={words.heading}>
      <p>{operating}</p>
      <p>{sentence}</p>
      <Axes label={`${sentence} ${operating}`} bottom={words.recall} side={words.precision}>
        <polyline class="line" points={points.map(placeOf).join(" ")} />
        {operatingPoint !== undefined && (
          <circle class="dot" cx={across(operatingPoint.recall)} cy={up(operatingPoint.precision)} r="5" />
        )}
      </Axes>
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

function placeOf({ recall, precision }: CurvePoint): string {
  return `${across(recall).toFixed(1)},${up(precision).toFixed(1)}`;
}
