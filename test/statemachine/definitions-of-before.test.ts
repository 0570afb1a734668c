import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { steps } from "../../statemachine/contract.ts";
import { outcomesOf } from "./outcomes-of.ts";
import { type Definition, type Understood, whatItUnderstands } from "./what-it-understands.ts";

/**
 * An execution keeps the definition that it began with, for as long as a promotion lives, while the functions beneath it
 * are those of today. So each definition that ever was is kept here, as far as the functions' answers go by it.
 */
interface Kept {
  readonly until: string;
  readonly tasks: Readonly<Record<string, Understood>>;
}

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const kept = read("definitions-of-before.json") as readonly Kept[];
const today = whatItUnderstands(read("../../statemachine/promotion.asl.json") as Definition);

const stepIn = (task: string) => {
  const step = Object.values(steps).find(({ substitution }) => task.endsWith(`\${${substitution}}`));
  if (step === undefined) throw new Error(`'${task}' calls a function that is none any more.`);
  return step;
};
const before = kept.flatMap(({ until, tasks }) =>
  Object.entries(tasks).map(([task, understood]): [string, string, Understood] => [task, until, understood]),
);

describe("a definition of before", () => {
  it("is kept: that of today is the last one. Where it differs, add it below, and leave those above as they are", () => {
    expect(kept.at(-1)).toEqual({ until: "today", tasks: today });
  });

  it.each(before)(
    "knows every answer that '%s' may give to an execution that began until %s",
    (task, _, { payload, answers }) => {
      // Clean-up's answer is told by its status.
      const { answer } = stepIn(task);
      const asked = outcomesOf(answer).filter((outcome) => outcome !== "cleaned");
      const told = new Set(payload.flatMap((each) => (each.startsWith("understands: ") ? [each.slice(13)] : [])));
      const onlyIfTold = understandable(task);
      const given = asked.filter((outcome) => !onlyIfTold.has(outcome) || told.has(outcome));
      expect(answers).toEqual(expect.arrayContaining(given));
    },
  );

  it.each(before)("hands '%s' what it cannot do without, until %s", (task, _, { payload }) => {
    const { entries } = stepIn(task).input;
    const names = payload.map((each) => each.replace(/: .*/, ""));
    const required = Object.entries(entries).flatMap(([key, schema]) => (schema.type === "optional" ? [] : [key]));
    expect(names).toEqual(expect.arrayContaining(required));
  });

  it.each([
    ["unverified", steps.deploy, ["hashing could take more than one run", "today"]],
    ["freezing", steps.freeze, ["today", "today"]],
    ["verifying", steps["verify-sign-offs"], ["today", "today"]],
  ])(
    "is given the answer '%s' by no function until it was there to be understood",
    (answer, { substitution }, told) => {
      expect(before.filter(([, , { answers }]) => answers.includes(answer)).map(([, until]) => until)).toEqual(told);
      expect([...understandable(`\${${substitution}}`)]).toEqual([answer]);
    },
  );
});

/** Answers that its function gives to those alone who say that they understand them. */
function understandable(task: string): ReadonlySet<string> {
  const { input } = stepIn(task);
  if (!("understands" in input.entries)) return new Set();
  const { understands } = input.entries;
  return new Set(v.is(understands, undefined) ? understands.wrapped.item.options : []);
}
