import { jsonReader } from "../evidence-reader.ts";
import type { Gap, PiiReading, SchemaReading } from "../facts.ts";
import { gapAt, itemsOf, type JsonPlace, memberOf, rootOf, textOf, whereOf } from "../json-places.ts";

/**
 * The data schema report in plain JSON: `violations` is a list of sentences, `pii.columns` the names of the columns
 * flagged as personal; `valid`, `pii.found` and the `pii` flag of each of `columns` repeat it. Where they disagree,
 * the report contradicts itself and counts as a gap.
 */
export const plainDataSchema = jsonReader("data-schema", "plain", (document, name) => {
  const root = rootOf(document, name);
  const schema = violationsIn(root);
  const pii = piiIn(root);
  return {
    schema: "value" in schema ? [schema] : [],
    pii: "columns" in pii ? [pii] : [],
    gaps: [schema, pii].filter((one) => "why" in one),
  };
});

function violationsIn(root: JsonPlace): SchemaReading | Gap {
  const place = memberOf(root, "violations");
  if (!Array.isArray(place.value)) return gapAt(place, ["schema"]);
  const valid = memberOf(root, "valid");
  const value = place.value.length;
  if (valid.value !== undefined && valid.value !== (value === 0))
    return { subject: ["schema"], where: whereOf(valid), why: `is ${String(valid.value)} beside ${value} violations` };
  return { value, where: whereOf(place) };
}

function piiIn(root: JsonPlace): PiiReading | Gap {
  const pii = memberOf(root, "pii");
  const place = memberOf(pii, "columns");
  if (!Array.isArray(place.value)) return gapAt(place, ["pii"]);
  const columns = itemsOf(place).map(textOf);
  const found = memberOf(pii, "found");
  if (found.value !== undefined && found.value !== columns.length > 0)
    return {
      subject: ["pii"],
      where: whereOf(found),
      why: `is ${String(found.value)} beside ${columns.length} columns`,
    };
  for (const column of columnsIn(root)) {
    const flag = memberOf(column, "pii");
    const listed = columns.includes(textOf(memberOf(column, "name")));
    if (flag.value !== undefined && flag.value !== listed)
      return { subject: ["pii"], where: whereOf(flag), why: `disagrees with ${whereOf(place)}` };
  }
  return { columns, where: whereOf(place) };
}

function columnsIn(root: JsonPlace): readonly JsonPlace[] {
  const columns = memberOf(root, "columns");
  return columns.value === undefined ? [] : itemsOf(columns);
}
