import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answersIn } from "../../../../core/gates/shadow/answers.ts";
import type { AnswerPlaces } from "../../../../core/promotion/shadow.ts";

const csv = (data: string, places?: AnswerPlaces) => answersIn({ encoding: "CSV", data }, places);
const json = (document: unknown, places?: AnswerPlaces) =>
  answersIn({ encoding: "JSON", data: JSON.stringify(document) }, places);
const lines = (count: number) => Array.from({ length: count }, () => "1").join("\n");

describe("answers in CSV", () => {
  it.each([
    ["one line", "0.7"],
    ["a line with its end", "0.7\n"],
    ["a line that ends as on Windows", "0.7\r\n"],
  ])("are one of %s", (_name, data) => {
    expect(csv(data)).toEqual([{ score: 0.7, decision: "0.7" }]);
  });

  it("are one for each line, with what stands first for a score", () => {
    expect(csv(" 0.25 , yes \r\n0.5,no\n\n.75")).toEqual([
      { score: 0.25, decision: "0.25 , yes" },
      { score: 0.5, decision: "0.5,no" },
      { score: null, decision: null },
      { score: 0.75, decision: ".75" },
    ]);
  });

  it.each([
    ["0", 0],
    ["12", 12],
    ["+1", 1],
    ["-1.5", -1.5],
    ["1.", 1],
    ["1.25", 1.25],
    [".5", 0.5],
    [".25", 0.25],
    ["1e3", 1000],
    ["1E-3", 0.001],
    ["2.5e+10", 2.5e10],
  ])("read %s as a number", (data, score) => {
    expect(csv(data)).toEqual([{ score, decision: data }]);
  });

  it("read every number as JavaScript writes it", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (score) => {
        expect(csv(String(score))?.[0]?.score).toBe(Number(String(score)));
      }),
    );
  });

  it.each(["yes", "a1", "1a", "0x1F", ".", "e3", "1e", "1e+", "--1", "1 2", "Infinity", "NaN", "1_000", "1e999"])(
    "have no score in %s",
    (data) => {
      expect(csv(data)).toEqual([{ score: null, decision: data }]);
    },
  );

  it("lie on one side of the threshold or the other, and on neither without a score", () => {
    expect(csv("0.5\n0.49,x\nyes", { threshold: 0.5 })).toEqual([
      { score: 0.5, decision: "true" },
      { score: 0.49, decision: "false" },
      { score: null, decision: null },
    ]);
  });

  it("are looked at up to a thousand to one request", () => {
    expect(csv(lines(1000))).toHaveLength(1000);
    expect(csv(lines(1001))).toBeUndefined();
  });
});

describe("answers in JSON", () => {
  it("are the one that the document is, where the plan names no list", () => {
    expect(json({ score: 0.7, grade: "B" }, { score: "/score" })).toEqual([
      { score: 0.7, decision: '{"grade":"B","score":0.7}' },
    ]);
  });

  it("are those of the list that the plan names, each with its decision", () => {
    const rows = [{ "a/b": { "~": 0.7 }, label: "yes" }, { "a/b": { "~": "0.7" }, label: null }, { "a/b": null }];
    expect(json({ predictions: rows }, { list: "/predictions", score: "/a~1b/~0", decision: "/label" })).toEqual([
      { score: 0.7, decision: '"yes"' },
      { score: null, decision: null },
      { score: null, decision: null },
    ]);
  });

  it("are scores themselves where the plan names no place in them", () => {
    expect(json([0.7, 0.2, "x"], { list: "", threshold: 0.5 })).toEqual([
      { score: 0.7, decision: "true" },
      { score: 0.2, decision: "false" },
      { score: null, decision: null },
    ]);
  });

  it("are not what an object has without having been given it", () => {
    expect(json({}, { score: "/constructor/length" })).toEqual([{ score: null, decision: "{}" }]);
  });

  it.each<[string, unknown, AnswerPlaces]>([
    ["there is no such list", { rows: [1] }, { list: "/predictions" }],
    ["it is no list", { predictions: 1 }, { list: "/predictions" }],
    ["the list is empty", [], { list: "" }],
    ["there are more than a thousand", Array.from({ length: 1001 }, () => 1), { list: "" }],
  ])("are none where %s", (_name, document, places) => {
    expect(json(document, places)).toBeUndefined();
  });

  it("are looked at up to a thousand to one request", () => {
    expect(
      json(
        Array.from({ length: 1000 }, () => 1),
        { list: "" },
      ),
    ).toHaveLength(1000);
  });

  it("are none in what is no JSON", () => {
    expect(answersIn({ encoding: "JSON", data: "{score: 0.7}" })).toBeUndefined();
  });
});
