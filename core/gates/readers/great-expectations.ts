import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { Gap, MeasureReading } from "../facts.ts";
import { itemsOf, type JsonPlace, memberOf, membersOf, rootOf, whereOf } from "../json-places.ts";
import { contradiction, counted } from "../measures.ts";

/**
 * A validation result of Great Expectations (0.15 to 1.x), or the result of a checkpoint with several
 * (`run_results.<id>`, in 0.x with a `validation_result` inside). Expectations are counted one by one and held against
 * `statistics` and `success`.
 * https://docs.greatexpectations.io/docs/reference/api/core/expectationsuitevalidationresult_class/
 */
export const greatExpectations = jsonReader("data-validation", "great-expectations", (document, name) => {
  const root = rootOf(document, name);
  const runs = memberOf(root, "run_results");
  const results =
    runs.value === undefined
      ? [root]
      : membersOf(runs).map(([, run]) => {
          const inner = memberOf(run, "validation_result");
          return inner.value === undefined ? run : inner;
        });
  if (results.length === 0) throw new NotOfThisFormat(["run_results"], "Nothing was validated.");
  const read = results.map(countsIn);
  return { measures: read.flatMap(({ measures }) => measures), gaps: read.flatMap(({ gaps }) => gaps) };
});

function countsIn(result: JsonPlace): { readonly measures: readonly MeasureReading[]; readonly gaps: readonly Gap[] } {
  const place = memberOf(result, "results");
  const where = whereOf(place);
  const expectations = itemsOf(place);
  // Whatever is not plainly a success is a failure: one that threw has `success: false` or none at all.
  const failed = expectations.filter((each) => memberOf(each, "success").value !== true).length;
  const statistics = memberOf(result, "statistics");
  const stated = [
    ["expectations", memberOf(statistics, "evaluated_expectations"), expectations.length],
    ["failed", memberOf(statistics, "unsuccessful_expectations"), failed],
    ["failed", memberOf(result, "success"), failed === 0],
  ] as const;
  const gaps = stated.flatMap(([name, at, expected]) =>
    at.value === undefined || at.value === expected
      ? []
      : [
          contradiction(
            "data-validation",
            name,
            whereOf(at),
            `is ${String(at.value)} beside ${failed} failed of ${expectations.length}`,
          ),
        ],
  );
  return {
    measures: [
      counted("data-validation", "expectations", expectations.length, where),
      counted("data-validation", "failed", failed, where),
      ...(expectations.length === 0
        ? []
        : [
            counted(
              "data-validation",
              "success_percent",
              (100 * (expectations.length - failed)) / expectations.length,
              where,
            ),
          ]),
    ],
    gaps,
  };
}
