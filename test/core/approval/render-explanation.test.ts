import { describe, expect, it } from "vitest";
import { type Explanation, type NamedPerson, personText } from "../../../core/approval/explanation.ts";
import { renderExplanation } from "../../../core/approval/render-explanation.ts";
import { identity } from "./people-and-votes.ts";

const person = (name: string): NamedPerson => ({ identity: identity(name), name });
const role = (status: Explanation["status"], over: Partial<Explanation> = {}): Explanation => ({
  ...{ name: "SRE", status, why: "0 of 1 seat is filled.", children: [] },
  ...over,
});
const base: Explanation = {
  name: "Scoring",
  status: "open",
  why: "Stage 'operations': Still needed: SRE.",
  children: [role("open", { seats: [{ role: "sre", couldBeFilledBy: [person("Sam"), person("Sue")] }] })],
};

describe("an explanation in a terminal", () => {
  it("is a line for each part, with whoever could fill its seats below it", () => {
    expect(renderExplanation(base).split("\n")).toEqual([
      "○ open  Scoring: Stage 'operations': Still needed: SRE.",
      "  ○ open  SRE: 0 of 1 seat is filled.",
      "      seat free; could be filled by Sam, Sue",
    ]);
  });

  it.each<[Explanation["status"], string]>([
    ["met", "✔ met"],
    ["open", "○ open"],
    ["waiting", "○ waiting"],
    ["rejected", "✖ rejected"],
    ["unreachable", "✖ unreachable"],
  ])("marks what is %s", (status, mark) => {
    expect(renderExplanation(role(status))).toBe(`${mark}  SRE: 0 of 1 seat is filled.`);
  });

  it.each<[Explanation["status"], boolean]>([
    ["open", true],
    ["waiting", true],
    ["met", false],
    ["rejected", false],
    ["unreachable", false],
  ])("says once it is over of what is %s whether it was decided", (status, undecided) => {
    expect(renderExplanation(role(status), true).startsWith("– not decided  SRE")).toBe(undecided);
  });

  it("says once it is over where nobody signed, and who did", () => {
    const seats = [
      { role: "sre", couldBeFilledBy: [person("Sam")] },
      { role: "sre", filledBy: person("Sue"), couldBeFilledBy: [] },
    ];
    expect(renderExplanation(role("open", { seats }), true).split("\n")).toEqual([
      "– not decided  SRE",
      "    nobody signed",
      "    seat filled by Sue",
    ]);
  });

  it("names five who could, and how many more there are", () => {
    const many = (count: number) => ["A", "B", "C", "D", "E", "F", "G"].slice(0, count).map(person);
    const could = (count: number) =>
      renderExplanation(role("open", { seats: [{ role: "sre", couldBeFilledBy: many(count) }] })).split("\n")[1];
    expect(could(5)).toBe("    seat free; could be filled by A, B, C, D, E");
    expect(could(7)).toBe("    seat free; could be filled by A, B, C, D, E and 2 more");
    expect(could(0)).toBeUndefined();
  });

  it("says whose vote does not count, and lets nobody redraw the terminal", () => {
    const dismissed = [{ person: person("Mal\u001b[2J\u202elory"), why: "trained\nthe model" }];
    expect(renderExplanation(role("met", { dismissed })).split("\n")).toEqual([
      "✔ met  SRE: 0 of 1 seat is filled.",
      "    does not count: Mal [2J lory trained the model",
    ]);
  });
});

it("people are named with what is to be known of how they signed", () => {
  const name = "Emil";
  expect(personText({ name })).toBe("Emil");
  expect(personText({ name, inPlaceOf: "Dora" })).toBe("Emil (in the place of Dora)");
  expect(personText({ name, away: true })).toBe("Emil (away)");
  expect(personText({ name, escalatedAs: "A", inPlaceOf: "Dora", onCondition: "it is watched" })).toBe(
    "Emil (as A, after the escalation) (in the place of Dora) (on condition that it is watched)",
  );
});
