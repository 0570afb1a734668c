import { describe, expect, it } from "vitest";
import { classify } from "../../../core/approval/classification.ts";
import { matrixFacts } from "../../../core/gates/matrix-facts.ts";
import { manifest } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";

describe("the class of a candidate", () => {
  const classification = {
    riskTiers: ["low", "medium", "high"],
    dataClasses: [],
    models: { "credit-scoring": { riskTier: "medium" } },
  };
  const of = (riskTier?: string, name = "credit-scoring") =>
    classify(
      { classification },
      { model: { ...manifest.model, name }, ...(riskTier === undefined ? {} : { classification: { riskTier } }) },
    );

  it("is what the matrix names for the model, or what the request raises it to", () => {
    expect(of()).toEqual({ riskTier: "medium" });
    expect(of("high")).toEqual({ riskTier: "high" });
  });

  it("is none where the matrix has no such scale", () => {
    expect(classify({}, manifest)).toStrictEqual({});
    expect(of()).toStrictEqual({ riskTier: "medium" });
    const data = { riskTiers: [], dataClasses: ["internal", "secret"], models: {} };
    expect(classify({ classification: data }, manifest)).toStrictEqual({ dataClass: "secret" });
  });

  it("is the highest for a model that the matrix does not list", () => {
    expect(of(undefined, "new")).toEqual({ riskTier: "high" });
  });

  it.each<[string, string | undefined, string, RegExp]>([
    [
      "lower than the matrix says",
      "low",
      "credit-scoring",
      /'low' is lower than .* names 'medium' for 'credit-scoring', and a request may only raise it\.$/,
    ],
    [
      "lower than the highest, for a model that is not listed",
      "medium",
      "new",
      /does not list 'new', so the highest counts\.$/,
    ],
    [
      "not on the scale",
      "extreme",
      "credit-scoring",
      /knows no risk tier 'extreme'; it knows 'low', 'medium' and 'high'/,
    ],
  ])("is refused where it is declared %s", (_, tier, name, sentence) => {
    expect(codeOf(() => of(tier, name))).toMatchObject({
      code: "invalid-request",
      sentence: expect.stringMatching(sentence),
    });
  });

  it("goes with the type that the matrix names: a request cannot choose by which rules a model is judged", () => {
    const typed = (type: string) => ({
      classification: { riskTiers: [], dataClasses: [], models: { "credit-scoring": { type } } },
    });
    expect(classify(typed("credit-scoring"), { model: manifest.model })).toEqual({});
    expect(codeOf(() => classify(typed("recommendation"), { model: manifest.model }))).toEqual({
      code: "invalid-request",
      sentence:
        "The model 'credit-scoring' is of the type 'recommendation' by the approval matrix, and cannot be submitted as 'credit-scoring'.",
    });
  });

  it("is one on each scale", () => {
    const both = {
      riskTiers: ["low", "high"],
      dataClasses: ["public", "personal"],
      models: { "credit-scoring": { riskTier: "low", dataClass: "public" } },
    };
    expect(classify({ classification: both }, { model: manifest.model })).toEqual({
      riskTier: "low",
      dataClass: "public",
    });
    const classification = { riskTier: "low", dataClass: "personal" };
    expect(classify({ classification: both }, { model: manifest.model, classification })).toEqual({
      riskTier: "low",
      dataClass: "personal",
    });
    expect(
      codeOf(() =>
        classify({ classification: both }, { model: manifest.model, classification: { dataClass: "secret" } }),
      ).sentence,
    ).toBe("The approval matrix knows no data class 'secret'; it knows 'public' and 'personal', from low to high.");
  });

  it("cannot be declared where the matrix has no scale", () => {
    const declared = { model: manifest.model, classification: { dataClass: "public" } };
    expect(codeOf(() => classify({}, declared))).toMatchObject({
      sentence: expect.stringContaining("it has no such scale"),
    });
  });
});

describe("what the evidence says to a matrix", () => {
  it("is each metric's readings once, in order, and how much the plans change", () => {
    const reading = (name: string, value: number) => ({ name, value, where: "x" });
    const plan = { where: "p", changes: [] };
    expect(
      matrixFacts({ metrics: [reading("auc", 0.9), reading("auc", 0.7), reading("auc", 0.9)], plans: [plan] }),
    ).toEqual({
      metrics: { auc: [0.7, 0.9] },
      infrastructureChanges: 0,
    });
    expect(matrixFacts({ metrics: [], plans: [] })).toEqual({ metrics: {} });
  });
});
