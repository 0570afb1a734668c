import { describe, expect, it } from "vitest";
import type { ChangeReading } from "../../../core/gates/facts.ts";
import { matrixFacts } from "../../../core/gates/matrix-facts.ts";
import { factsOf } from "./told-facts.ts";

const metric = (name: string, value: number) => ({ name, value, where: `q.json#/${name}` });
const change = (address: string): ChangeReading => ({
  ...{ address, type: "aws_s3_bucket", action: "create", where: `plan.json#/${address}` },
  ...{ instances: [], allows: [] },
});

describe("matrixFacts", () => {
  it("says nothing of infrastructure where no plan was submitted", () => {
    expect(matrixFacts(factsOf())).toEqual({ metrics: {} });
  });

  it("lists each metric's different readings from the smallest to the largest, not as text", () => {
    const metrics = [metric("rmse", 10), metric("auc", 0.8), metric("rmse", 9), metric("rmse", 100), metric("rmse", 9)];
    const found = matrixFacts(factsOf({ metrics }));
    expect(found).toEqual({ metrics: { auc: [0.8], rmse: [9, 10, 100] } });
    expect(Object.keys(found.metrics)).toEqual(["auc", "rmse"]);
  });

  it("counts the changes of all plans", () => {
    const plans = [
      { where: "a.json#/resource_changes", changes: [change("one"), change("two")] },
      { where: "b.json#/resource_changes", changes: [change("three")] },
    ];
    expect(matrixFacts(factsOf({ plans })).infrastructureChanges).toBe(3);
  });

  it("takes a plan without changes for the statement that nothing changes", () => {
    const plans = [{ where: "a.json#/resource_changes", changes: [] }];
    expect(matrixFacts(factsOf({ plans }))).toEqual({ metrics: {}, infrastructureChanges: 0 });
  });
});
