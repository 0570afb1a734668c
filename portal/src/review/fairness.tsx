import { Fragment } from "preact";
import type { EvidenceSummary, FairnessMeasure } from "../../../core/gates/evidence-summary.ts";
import { fairnessTitle } from "../../../core/gates/metric-name.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Apart, Foreign } from "../ui/text.tsx";
import { Measures, MostShown } from "./measures.tsx";

/** Fairness per protected facet, against its bounds. */
export function FairnessSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.fairness;
  return (
    <Section id="fairness" heading={words.heading}>
      {standing(summary.fairness).map((sentence) => (
        <p key={sentence}>
          <Foreign text={sentence} />
        </p>
      ))}
      <Meanings titles={new Set(summary.fairness.map(({ title }) => title))} />
      {[...Map.groupBy(summary.fairness, ({ facet, group }) => words.facet(facet, group))].map(([title, measures]) => (
        <div key={title}>
          <h3>
            <Apart text={title} />
          </h3>
          <Measures
            caption={title}
            measures={measures}
            picture={{ title: words.range, of: (measure) => <Strip measure={measure} /> }}
          />
        </div>
      ))}
      <MostShown measures={summary.fairness} />
    </Section>
  );
}

/** For whom the bounds hold or do not, and whom no rule looks at. */
function standing(measures: readonly FairnessMeasure[]): readonly string[] {
  const words = messages.fairness;
  if (measures.length === 0) return [words.none];
  const facets = [...Map.groupBy(measures, ({ facet }) => facet)];
  const named = (is: (measure: FairnessMeasure) => boolean) =>
    facets.filter(([, ofFacet]) => ofFacet.some(is)).map(([facet]) => facet);
  const judged = named(({ bound }) => bound !== undefined);
  const outside = named(({ margin = 0 }) => margin < 0);
  const unjudged = facets.map(([facet]) => facet).filter((facet) => !judged.includes(facet));
  return [
    ...(outside.length > 0 ? [words.outside(outside)] : judged.length > 0 ? [words.within(judged)] : []),
    ...(unjudged.length > 0 ? [words.unjudged(unjudged)] : []),
  ];
}

/** What the measures that were reported say, in words; of those that are known here. */
function Meanings({ titles }: { readonly titles: ReadonlySet<string> }) {
  const words = messages.fairness;
  const known = Object.entries(words.meaning).filter(([name]) => titles.has(fairnessTitle(name)));
  if (known.length === 0) return null;
  return (
    <details>
      <summary>{words.meanings}</summary>
      <p>{words.compared}</p>
      <dl>
        {known.map(([name, text]) => (
          <Fragment key={name}>
            <dt>{fairnessTitle(name)}</dt>
            <dd>{text}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}

const width = 160;

/** The value on a line with the allowed band: what the row says in numbers, for the eye. */
function Strip({ measure: { value, bound } }: { readonly measure: FairnessMeasure }) {
  if (bound === undefined) return null;
  const { min = -Infinity, max = Infinity } = bound;
  const ends = [value, min, max].filter(Number.isFinite);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const pad = (high - low || Math.abs(high) || 1) * 0.25;
  const x = (at: number) => Math.max(0, Math.min(width, ((at - (low - pad)) / (high - low + 2 * pad)) * width));
  return (
    <svg class="strip" viewBox={`0 0 ${width} 20`} aria-hidden="true" focusable="false">
      <rect class="track" x="0" y="8" width={width} height="4" rx="2" />
      <rect class="band" x={x(min)} y="6" width={Math.max(2, x(max) - x(min))} height="8" rx="2" />
      <path class={value < min || value > max ? "value bad" : "value"} d={`M${x(value)} 1l5 9l-5 9l-5 -9z`} />
    </svg>
  );
}
