import type { Json } from "../../encoding/canonical-json.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { Gap, MetricReading } from "../facts.ts";
import {
  gapAt,
  itemsOf,
  type JsonPlace,
  memberOf,
  membersOf,
  numberOf,
  rootOf,
  textOf,
  whereOf,
} from "../json-places.ts";
import { asMeasures, numbersIn } from "../measures.ts";
import { metricName } from "../metric-name.ts";
import { decimalOf, sectionsIn } from "../model-card.ts";

const sections = [
  "model_overview",
  "intended_uses",
  "business_details",
  "training_details",
  "evaluation_details",
  "additional_information",
];
const needs = ["memory_gib", "accelerators", "accelerator_memory_gib"];

/**
 * A SageMaker model card's content (its JSON schema, also what `describe-model-card` gives as `Content` once that text
 * is unpacked). What the model needs of a machine stands in `additional_information.custom_details`, whose values are
 * texts: `memory_gib`, `accelerators`, `accelerator_memory_gib`.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html#model-cards-json-schema
 */
export const sagemakerModelCard = jsonReader("model-card", "sagemaker-model-card", (document, name) => {
  const card = cardIn(document, name);
  const risk = memberOf(memberOf(card, "intended_uses"), "risk_rating").value;
  const details = memberOf(memberOf(card, "additional_information"), "custom_details");
  const said = needs.flatMap((need) => {
    const place = memberOf(details, need);
    return place.value === undefined ? [] : [[need, place] as const];
  });
  const measures = said.map(([need, place]) => ({ need, place, value: decimalOf(place) }));
  return {
    cards: [
      { where: whereOf(card), sections: sectionsIn(card, sections), risk: typeof risk === "string" ? risk : null },
    ],
    measures: measures.flatMap(({ need, place, value }) =>
      value === undefined ? [] : [{ kind: "model-card" as const, name: need, value, where: whereOf(place) }],
    ),
    gaps: measures.flatMap(({ need, place, value }) =>
      value === undefined ? [gapAt(place, ["measure", "model-card", need])] : [],
    ),
  };
});

/** The card's evaluation: `evaluation_details[*].metric_groups[*].metric_data[*]` of the type `number`. */
export const sagemakerModelCardQuality = jsonReader("model-quality", "sagemaker-model-card", (document, name) => {
  const metrics: MetricReading[] = [];
  const gaps: Gap[] = [];
  for (const evaluation of itemsOf(memberOf(cardIn(document, name), "evaluation_details"))) {
    for (const group of listIn(evaluation, "metric_groups")) {
      for (const metric of itemsOf(memberOf(group, "metric_data"))) {
        if (memberOf(metric, "type").value !== "number") continue;
        const title = metricName(textOf(memberOf(metric, "name")));
        const place = memberOf(metric, "value");
        const value = numberOf(place);
        if (value === undefined) gaps.push(gapAt(place, ["metric", title]));
        else metrics.push({ name: title, value, where: whereOf(place) });
      }
    }
  }
  return { metrics, gaps };
});

/** A model card in plain JSON: `sections.<name>` are texts, `risk` is one, and `needs.<name>` are numbers. */
export const plainModelCard = jsonReader("model-card", "plain", (document, name) => {
  const root = rootOf(document, name);
  const written = memberOf(root, "sections");
  const risk = memberOf(root, "risk").value;
  const needed = memberOf(root, "needs");
  return {
    cards: [
      {
        where: whereOf(written),
        sections: sectionsIn(
          written,
          membersOf(written).map(([section]) => section),
        ),
        risk: typeof risk === "string" ? risk : null,
      },
    ],
    ...(needed.value === undefined ? {} : asMeasures("model-card", numbersIn(needed))),
  };
});

function cardIn(document: Json, name: string): JsonPlace {
  const card = rootOf(document, name);
  if (memberOf(card, "Content").value !== undefined)
    throw new NotOfThisFormat(["Content"], "The card is a text inside of this document; give that text's own JSON.");
  if (!sections.some((section) => memberOf(card, section).value !== undefined))
    throw new NotOfThisFormat([], `None of ${sections.join(", ")} is in it.`);
  return card;
}

function listIn(place: JsonPlace, name: string): readonly JsonPlace[] {
  const list = memberOf(place, name);
  return list.value === undefined ? [] : itemsOf(list);
}
