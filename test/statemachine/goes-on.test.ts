import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { compileMachine } from "../../local/stepfunctions/asl-definition.ts";
import { historyPen } from "../../local/stepfunctions/asl-history.ts";
import { advance, begin } from "../../local/stepfunctions/asl-interpreter.ts";
import type { Position, Turn } from "../../local/stepfunctions/asl-position.ts";

const source = readFileSync(new URL("../../statemachine/promotion.asl.json", import.meta.url), "utf8");
const start = Date.parse("2026-11-22T09:00:00.000Z");
const input = { promotionId: "p-1" };

/** What each task of an execution is handed, by its state, while the functions answer so one after the other. */
function handed(...answers: readonly Json[]): readonly (readonly [string, Json])[] {
  const turn: Turn = {
    machine: compileMachine(source.replaceAll(/\$\{(\w+)\}/g, "arn:aws:lambda:us-east-1:000000000000:function:$1")),
    context: { Execution: { Id: "arn", Input: input, Name: "p-1" } },
    now: start,
    pen: historyPen(0, start),
    newToken: () => "token",
    random: () => 0.5,
  };
  const tasks: [string, Json][] = [];
  let here: Position = begin(turn, input);
  for (const answer of [...answers, undefined]) {
    if (here.at !== "invoking") throw new Error(`It does not wait: it is ${here.at}.`);
    tasks.push([here.standing.state, here.task.payload]);
    if (answer === undefined) break;
    // Who is asked answers later, with the token.
    const asks = here.task.token !== undefined;
    here = advance(turn, here, { happened: "invoked", result: { payload: asks ? {} : answer } });
    if (asks) here = advance(turn, here, { happened: "token-succeeded", output: answer });
  }
  return tasks;
}

const reviewed = [
  { outcome: "frozen" },
  { outcome: "passed", seconds: 60 },
  { outcome: "staged" },
  { outcome: "settled" },
  { outcome: "quorum" },
];

describe("a step that has no time for all files", () => {
  it("goes on freezing behind those that it has frozen, as often as it says so", () => {
    const understands = ["freezing"];
    expect(
      handed({ outcome: "freezing", hashed: 3 }, { outcome: "freezing", hashed: 5 }, { outcome: "frozen" }),
    ).toEqual([
      ["Freeze the candidate", { ...input, understands }],
      ["Go on freezing", { ...input, hashed: 3, understands }],
      ["Go on freezing", { ...input, hashed: 5, understands }],
      ["Evaluate the gates", input],
    ]);
  });

  it("goes on verifying behind those that it has hashed, and begins with the first when it is verified anew", () => {
    const understands = ["verifying"];
    const tasks = handed(
      ...reviewed,
      { outcome: "verifying", hashed: 3 },
      { outcome: "verifying", hashed: 5 },
      { outcome: "reopened", seconds: 60 },
      { outcome: "quorum" },
      { outcome: "verifying", hashed: 2 },
      { outcome: "passed" },
    );
    expect(tasks.slice(reviewed.length).map(([state]) => state)).toEqual([
      "Verify the sign-offs",
      "Go on verifying",
      "Go on verifying",
      "Open the stage",
      "Verify the sign-offs",
      "Go on verifying",
      "Deploy the candidate",
    ]);
    const verifying = tasks.filter(([state]) => / verifying$|^Verify /.test(state)).map(([, payload]) => payload);
    expect(verifying).toEqual([
      { ...input, understands },
      { ...input, hashed: 3, understands },
      { ...input, hashed: 5, understands },
      { ...input, understands },
      { ...input, hashed: 2, understands },
    ]);
  });
});
