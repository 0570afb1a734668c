import { readFileSync } from "node:fs";
import { scorerUrl } from "../artifacts.ts";
import { type LinearModel, probability } from "../scorer/serve.ts";

interface UnitTest {
  readonly name: string;
  /** What is wrong, or undefined. */
  readonly run: (model: LinearModel) => string | undefined;
}

/** Run against every candidate: its own weights through the scorer's own arithmetic. */
const tests: readonly UnitTest[] = [
  {
    name: "gives a probability for the average applicant",
    run: (model) => unless(between(scored(model, 0), 0, 1), `it is ${scored(model, 0)}`),
  },
  {
    name: "gives a probability far away from everybody it has seen",
    run: (model) =>
      unless(
        [-50, 50].every((away) => between(scored(model, away), 0, 1)),
        "it leaves 0 to 1",
      ),
  },
  {
    name: "says the same twice",
    run: (model) => {
      const answers = new Set(Array.from({ length: 3 }, () => scored(model, 0.5)));
      return unless(answers.size === 1, `three answers differ: ${[...answers].join(", ")}`);
    },
  },
  {
    name: "has a weight for every feature, and each is a finite number",
    run: (model) =>
      unless(
        model.features.every(({ weight }) => Number.isFinite(weight)),
        "a weight is not finite",
      ),
  },
  {
    name: "answers more for a feature that speaks for the applicant",
    run: (model) => {
      const wrong = model.features.filter(({ weight }, index) => !moves(model, index, Math.sign(weight)));
      return unless(wrong.length === 0, `${wrong.map(({ name }) => name).join(", ")} moves the other way`);
    },
  },
  {
    name: "has a threshold between 0 and 1",
    run: (model) => unless(between(model.threshold, 0, 1), `it is ${model.threshold}`),
  },
  {
    name: "is served by a program without dependencies",
    run: () => {
      const imported = [...readFileSync(scorerUrl, "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from ?? "");
      const others = imported.filter((from) => !from.startsWith("node:"));
      return unless(others.length === 0, `it imports ${others.join(", ")}`);
    },
  },
];

/** The tests' outcome as JUnit XML. Without times: the same candidate gives the same bytes. */
export function unitTests(model: LinearModel): string {
  const outcomes = tests.map(({ name, run }) => ({ name, problem: run(model) }));
  const failures = outcomes.filter(({ problem }) => problem !== undefined).length;
  const cases = outcomes.map(({ name, problem }) => {
    const open = `    <testcase classname="scorer" name="${escaped(name)}"`;
    return problem === undefined
      ? `${open}/>`
      : `${open}>\n      <failure message="${escaped(problem)}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="scorer" tests="${tests.length}" failures="${failures}" errors="0" skipped="0">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** The answer for somebody who is so many standard deviations away from the mean in every feature. */
function scored(model: LinearModel, away: number): number {
  return probability(
    model,
    model.features.map(({ mean, scale }) => mean + away * scale),
  );
}

function moves(model: LinearModel, index: number, direction: number): boolean {
  const values = model.features.map(({ mean }) => mean);
  const more = values.with(index, (values[index] ?? 0) + (model.features[index]?.scale ?? 1));
  return Math.sign(probability(model, more) - probability(model, values)) === direction;
}

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function unless(good: boolean, problem: string): string | undefined {
  return good ? undefined : problem;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
