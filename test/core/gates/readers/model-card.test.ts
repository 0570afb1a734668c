import { describe, expect, it } from "vitest";
import { facts, gaps, numbers, reading } from "./read.ts";

// After the example in the SageMaker documentation of the model card JSON schema.
const card = {
  model_overview: { model_name: "credit-scoring", model_version: 2, problem_type: "Binary Classification" },
  intended_uses: {
    purpose_of_model: "Ranks loan applications by the chance of repayment.",
    intended_uses: "Retail credit, with a person deciding.",
    risk_rating: "High",
  },
  business_details: { business_problem: "", line_of_business: "" },
  training_details: { objective_function: { function: { function: "Minimize" } } },
  evaluation_details: [
    {
      name: "held-out",
      evaluation_job_arn: "arn:aws:sagemaker:us-east-1:111122223333:processing-job/evaluate",
      datasets: ["s3://bucket/test.csv"],
      metric_groups: [
        {
          name: "binary classification",
          metric_data: [
            { name: "auc", type: "number", value: 0.79 },
            { name: "confusion_matrix", type: "matrix", value: [[1, 2]] },
          ],
        },
      ],
    },
  ],
  additional_information: { custom_details: { memory_gib: "3.5", accelerators: "0" } },
};

describe("a SageMaker model card", () => {
  it("says which of its sections are filled, its risk rating, and what the model needs", () => {
    const read = facts("model-card", "sagemaker-model-card", card);
    expect(read.cards).toEqual([
      {
        where: "doc#",
        sections: [
          "model_overview",
          "intended_uses",
          "training_details",
          "evaluation_details",
          "additional_information",
        ],
        risk: "High",
      },
    ]);
    expect(numbers(read)).toEqual({ memory_gib: 3.5, accelerators: 0 });
  });

  it("has a gap for a need that is no number", () => {
    const vague = { ...card, additional_information: { custom_details: { memory_gib: "plenty" } } };
    expect(gaps(facts("model-card", "sagemaker-model-card", vague))).toEqual([
      'measure.model-card.memory_gib: doc#/additional_information/custom_details/memory_gib is the text "plenty"',
    ]);
  });

  it("gives the numbers of its evaluations as quality", () => {
    const read = facts("model-quality", "sagemaker-model-card", card);
    expect(numbers(read)).toEqual({ auc: 0.79 });
    expect(read.metrics?.[0]?.where).toBe("doc#/evaluation_details/0/metric_groups/0/metric_data/0/value");
  });

  it.each([
    ["inside a description", { ModelCardName: "x", Content: JSON.stringify(card) }, /give that text's own JSON/],
    ["without any section", { name: "x" }, /None of model_overview/],
  ])("is unreadable %s", (_name, document, sentence) => {
    expect(reading("model-card", "sagemaker-model-card", document)).toMatchObject({
      kind: "unreadable",
      sentence: expect.stringMatching(sentence),
    });
  });
});

describe("a plain model card", () => {
  it("says the same", () => {
    const read = facts("model-card", "plain", {
      sections: { purpose: "Ranks applications.", limits: "  " },
      risk: "low",
      needs: { memoryGib: 2 },
    });
    expect(read.cards).toEqual([{ where: "doc#/sections", sections: ["purpose"], risk: "low" }]);
    expect(numbers(read)).toEqual({ memory_gib: 2 });
  });
});
