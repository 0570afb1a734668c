import type { Json } from "../../encoding/canonical-json.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import { type Gap, type MetricReading, type Severity, severities } from "../facts.ts";
import { gapAt, itemsOf, type JsonPlace, memberOf, rootOf, textOf, whereOf } from "../json-places.ts";
import { metricName } from "../metric-name.ts";
import { decimalOf, sectionsIn } from "../model-card.ts";

const versions = ["1.4", "1.5", "1.6"];
const cardSections = ["modelParameters", "quantitativeAnalysis", "considerations"];

/**
 * Vulnerabilities of a CycloneDX document, 1.4 to 1.6, each by the worst of its ratings; without a rating that says
 * how severe it is it may be critical, so it counts as that. What an analysis calls not affected or false counts like
 * the others: whoever says so is not who answers for the release.
 * https://cyclonedx.org/docs/1.6/json/#vulnerabilities
 */
export const cyclonedxVulnerabilities = jsonReader("security-scan", "cyclonedx", (document, name) => {
  const place = memberOf(bomIn(document, name), "vulnerabilities");
  if (place.value === undefined)
    throw new NotOfThisFormat(["vulnerabilities"], "It is an inventory: nobody looked for vulnerabilities.");
  const found = itemsOf(place).map(worstRating);
  return {
    scans: severities.map((severity) => ({
      severity,
      value: found.filter((one) => one === severity).length,
      where: whereOf(place),
    })),
  };
});

/**
 * The performance metrics of the models in an ML-BOM (CycloneDX 1.5 and later): those without a slice. The schema
 * writes numbers as texts.
 * https://cyclonedx.org/docs/1.6/json/#components_items_modelCard_quantitativeAnalysis
 */
export const cyclonedxModelQuality = jsonReader("model-quality", "cyclonedx", (document, name) => {
  const metrics: MetricReading[] = [];
  const gaps: Gap[] = [];
  for (const card of cardsIn(document, name)) {
    for (const metric of listIn(memberOf(card, "quantitativeAnalysis"), "performanceMetrics")) {
      if (memberOf(metric, "slice").value !== undefined) continue;
      const title = metricName(textOf(memberOf(metric, "type")));
      const place = memberOf(metric, "value");
      const value = decimalOf(place);
      if (value === undefined) gaps.push(gapAt(place, ["metric", title]));
      else metrics.push({ name: title, value, where: whereOf(place), ...intervalIn(metric) });
    }
  }
  return { metrics, gaps };
});

/** The model cards of an ML-BOM. */
export const cyclonedxModelCard = jsonReader("model-card", "cyclonedx", (document, name) => ({
  cards: cardsIn(document, name).map((card) => ({
    where: whereOf(card),
    sections: sectionsIn(card, cardSections),
    risk: null,
  })),
}));

function bomIn(document: Json, name: string): JsonPlace {
  const root = rootOf(document, name);
  if (memberOf(root, "bomFormat").value !== "CycloneDX")
    throw new NotOfThisFormat(["bomFormat"], "It is not CycloneDX in JSON.");
  if (!versions.includes(textOf(memberOf(root, "specVersion"))))
    throw new NotOfThisFormat(["specVersion"], `It is not CycloneDX ${versions.join(", ")}.`);
  return root;
}

function cardsIn(document: Json, name: string): readonly JsonPlace[] {
  const bom = bomIn(document, name);
  const main = memberOf(memberOf(bom, "metadata"), "component");
  const components = [...(main.value === undefined ? [] : [main]), ...listIn(bom, "components")];
  const cards = components
    .filter((component) => memberOf(component, "type").value === "machine-learning-model")
    .map((component) => memberOf(component, "modelCard"))
    .filter(({ value }) => value !== undefined);
  if (cards.length === 0) throw new NotOfThisFormat(["components"], "No machine-learning model with a card is in it.");
  return cards;
}

function worstRating(vulnerability: JsonPlace): Severity | "none" {
  const ratings = listIn(vulnerability, "ratings").map((rating) => {
    const severity = memberOf(rating, "severity").value;
    if (severity === "info" || severity === "none") return "none";
    return severities.find((known) => known === severity) ?? severityOfScore(rating);
  });
  const order: readonly (Severity | "none")[] = [...severities, "none"];
  return order.find((severity) => ratings.includes(severity)) ?? "critical";
}

/** A CVSS score without a word for it, cut as CVSS 3.1 cuts it (section 5); another method's score cannot be told. */
function severityOfScore(rating: JsonPlace): Severity | "none" {
  const score = decimalOf(memberOf(rating, "score"));
  const method = memberOf(rating, "method").value;
  if (score === undefined || typeof method !== "string" || !method.startsWith("CVSS")) return "critical";
  return score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : score > 0 ? "low" : "none";
}

function intervalIn(metric: JsonPlace): Pick<MetricReading, "interval"> {
  const bounds = memberOf(metric, "confidenceInterval");
  const low = decimalOf(memberOf(bounds, "lowerBound"));
  const high = decimalOf(memberOf(bounds, "upperBound"));
  return low === undefined || high === undefined ? {} : { interval: { low, high } };
}

function listIn(place: JsonPlace, name: string): readonly JsonPlace[] {
  const list = memberOf(place, name);
  return list.value === undefined ? [] : itemsOf(list);
}
