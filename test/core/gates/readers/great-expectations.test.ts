import { describe, expect, it } from "vitest";
import { facts, gaps, numbers, reading } from "./read.ts";

const expectation = (success: unknown, type = "expect_column_values_to_not_be_null") => ({
  success,
  expectation_config: { type, kwargs: { column: "Amount", batch_id: "credit-applications" }, meta: {} },
  result: { element_count: 1000, unexpected_count: success === true ? 0 : 3, unexpected_percent: 0.3 },
  exception_info: { raised_exception: false, exception_traceback: null, exception_message: null },
  meta: {},
});
const suite = (results: readonly unknown[], more: object = {}) => ({
  success: results.every((each) => (each as { success: unknown }).success === true),
  results,
  suite_name: "applications",
  meta: { great_expectations_version: "1.12.0" },
  ...more,
});

describe("a validation result of Great Expectations", () => {
  it("is counted one expectation after the other", () => {
    const statistics = {
      evaluated_expectations: 4,
      successful_expectations: 3,
      unsuccessful_expectations: 1,
      success_percent: 75,
    };
    const four = [expectation(true), expectation(true), expectation(false), expectation(true)];
    const read = facts("data-validation", "great-expectations", suite(four, { statistics }));
    expect(numbers(read)).toEqual({ expectations: 4, failed: 1, success_percent: 75 });
    expect(read.measures?.[0]?.where).toBe("doc#/results");
    expect(read.gaps).toEqual([]);
  });

  it("takes whatever is not plainly a success for a failure", () => {
    const odd = ["true", null, 1, undefined].map((success) => expectation(success));
    expect(numbers(facts("data-validation", "great-expectations", suite(odd)))["failed"]).toBe(4);
  });

  it.each([
    [
      "its statistics",
      { statistics: { unsuccessful_expectations: 0 } },
      "doc#/statistics/unsuccessful_expectations is 0",
    ],
    ["its own success", { success: true }, "doc#/success is true"],
  ])("is a gap where %s say otherwise", (_name, more, gap) => {
    const read = facts("data-validation", "great-expectations", suite([expectation(false)], more));
    expect(gaps(read)[0]).toBe(`measure.data-validation.failed: ${gap} beside 1 failed of 1`);
  });

  it.each([
    ["1.x", (result: object) => result],
    ["0.18", (result: object) => ({ validation_result: result, actions_results: {} })],
  ])("is read out of a checkpoint of %s", (_version, wrap) => {
    const checkpoint = {
      success: true,
      run_results: { "ValidationResultIdentifier::a": wrap(suite([expectation(true)])) },
    };
    expect(numbers(facts("data-validation", "great-expectations", checkpoint))).toMatchObject({
      expectations: 1,
      failed: 0,
    });
  });

  it("is none where nothing was validated", () => {
    expect(reading("data-validation", "great-expectations", { success: true, run_results: {} }).kind).toBe(
      "unreadable",
    );
    expect(reading("data-validation", "great-expectations", { success: true }).kind).toBe("unreadable");
  });
});
