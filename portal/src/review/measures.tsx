import { type ComponentChildren, Fragment } from "preact";
import { numberText } from "../../../core/gates/number-text.ts";
import type { Measure } from "../../../core/gates/summary-measure.ts";
import { shownMeasures } from "../../../core/gates/summary-size.ts";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { boundText, marginText, valueText } from "../ui/number.ts";
import { type Row, Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";

/** Measures against their bounds; those that no rule judges are there for whoever asks. */
export function Measures<Kind extends Measure>(props: {
  readonly caption: string;
  readonly measures: readonly Kind[];
  /** One more column for what is judged: a picture of value and bound. */
  readonly picture?: { readonly title: string; readonly of: (measure: Kind) => ComponentChildren };
}) {
  const { caption, measures, picture } = props;
  const words = messages.gates;
  const judged = measures.filter(({ bound }) => bound !== undefined);
  const others = measures.filter(({ bound }) => bound === undefined);
  const titles = measures.map(({ title }) => title);
  const twice = new Set(titles.filter((title, at) => titles.indexOf(title) !== at));
  return (
    <>
      {judged.length > 0 && (
        <Table
          caption={caption}
          head={[words.measure, words.value, words.required, words.margin, ...(picture ? [picture.title] : [])]}
          rows={judged.map((measure) => judgedRow(measure, twice.has(measure.title), picture?.of(measure)))}
        />
      )}
      {others.length > 0 && (
        <details>
          <summary>{words.others(others.length)}</summary>
          <Table
            caption={words.others(others.length)}
            head={[words.measure, words.value]}
            rows={others.map((measure) => ({
              key: keyOf(measure),
              cells: nameAndValue(measure, twice.has(measure.title)),
            }))}
          />
        </details>
      )}
    </>
  );
}

/** That there may be more of these than the summary holds. */
export function MostShown({ measures }: { readonly measures: readonly Measure[] }) {
  if (measures.length < shownMeasures) return null;
  return <p class="quiet">{messages.gates.most(shownMeasures)}</p>;
}

function judgedRow(measure: Measure, told: boolean, picture: ComponentChildren): Row {
  const { margin = 0 } = measure;
  return {
    key: keyOf(measure),
    cells: [
      ...nameAndValue(measure, told),
      <span key="bound" class="number">
        {boundText(measure)}
      </span>,
      <Badge key="margin" tone={margin < 0 ? "bad" : "good"} text={marginText(measure)} />,
      ...(picture === undefined ? [] : [picture]),
    ],
  };
}

/** `told`: with the report that it is from, since another has a measure of the same name. */
function nameAndValue(measure: Measure, told: boolean): readonly ComponentChildren[] {
  const { interval, title, where } = measure;
  const level = interval?.level === undefined ? undefined : numberText(interval.level * 100);
  return [
    <Fragment key="name">
      <Foreign text={title} />
      {told && (
        <span class="quiet below">
          <Foreign text={where.split("#", 1)[0] ?? where} />
        </span>
      )}
    </Fragment>,
    <span key="value" class="number">
      {valueText(measure)}
      {interval !== undefined && (
        <span class="quiet interval">
          {messages.interval(numberText(interval.low), numberText(interval.high), level)}
        </span>
      )}
    </span>,
  ];
}

function keyOf({ title, where }: Measure): string {
  return `${title} ${where}`;
}
