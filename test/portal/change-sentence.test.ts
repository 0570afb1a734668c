import { describe, expect, it } from "vitest";
import type { Status } from "../../core/promotion/promotion.ts";
import type { Target } from "../../core/promotion/target.ts";
import { changeHeading, changeSentence } from "../../portal/src/messages/en-change.ts";

const target = { name: "production", kind: "sagemaker-endpoint", endpoint: "scoring" } as const;
const said = (status: Status, over: Partial<Pick<Target, "kind">> = {}) =>
  changeSentence({ name: "credit-scoring", version: "2.0.0" }, { ...target, ...over }, status);

describe("what a candidate changes", () => {
  it.each([
    ["in-review", "Version 2.0.0 of credit-scoring would answer all requests to the endpoint scoring in production."],
    [
      "loaned",
      "Version 2.0.0 of credit-scoring is lent, to answer all requests to the endpoint scoring in production until the loan ends.",
    ],
    [
      "deployed",
      "Version 2.0.0 of credit-scoring was released to answer all requests to the endpoint scoring in production.",
    ],
    [
      "restricted",
      "Version 2.0.0 of credit-scoring was released to answer all requests to the endpoint scoring in production. It has been restricted since.",
    ],
    [
      "rolled-back",
      "Version 2.0.0 of credit-scoring was released to answer all requests to the endpoint scoring in production, and was taken back.",
    ],
    ["blocked", "Version 2.0.0 of credit-scoring was to answer all requests to the endpoint scoring in production."],
  ] as const)("is said of one that is %s as it stands", (status, sentence) => {
    expect(said(status)).toBe(sentence);
  });

  it("is not said of what drifted as if it had never run", () => {
    const model = { name: "credit-scoring", version: "2.0.0" };
    expect(changeSentence(model, target, "in-review", true)).toBe(
      "Version 2.0.0 of credit-scoring has drifted; approved again, it would answer all requests to the endpoint scoring in production all the same.",
    );
  });

  it("is said of a pipeline's and of policies in their own words", () => {
    expect(said("deployed", { kind: "pipeline" })).toBe(
      "Version 2.0.0 of credit-scoring was released to run in production (scoring).",
    );
    expect(said("deployed", { kind: "policy" })).toMatch(/^These policies came in force: /);
    expect(said("rejected", { kind: "policy" })).toMatch(/^These policies were to be in force: /);
  });

  it("has a heading that fits", () => {
    expect((["approved", "loaned", "deployed", "expired"] as const).map(changeHeading)).toEqual([
      "What would change",
      "What changes while it is lent",
      "What changed",
      "What was to change",
    ]);
  });
});
