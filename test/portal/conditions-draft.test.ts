import { describe, expect, it } from "vitest";
import {
  conditionsFrom,
  emptyConditions,
  kindsAllowed,
  kindsOffered,
  whyConditionsRefused,
} from "../../portal/src/decision/conditions-draft.ts";

const typed = (over: Partial<(typeof emptyConditions)["kinds"]>, duration = "24") => ({
  ...emptyConditions,
  duration,
  kinds: { ...emptyConditions.kinds, ...over },
});

describe("conditions as they are typed", () => {
  it("become what is signed; what is left empty is not asked", () => {
    expect(conditionsFrom(typed({ errorPercent: "0.5" }))).toEqual({ forSeconds: 86_400, errorPercent: 0.5 });
    expect(conditionsFrom({ ...typed({ trafficPercent: " 10 " }, "90"), unit: "minutes" })).toEqual({
      forSeconds: 5400,
      trafficPercent: 10,
    });
  });

  it.each([
    ["nothing", typed({})],
    ["no time", typed({ errorPercent: "1" }, "")],
    ["a time that is none", typed({ errorPercent: "1" }, "soon")],
    ["words", typed({ errorPercent: "few" })],
    ["too much traffic", typed({ trafficPercent: "60" })],
  ])("cannot be read: %s", (_, draft) => {
    expect(conditionsFrom(draft)).toBeUndefined();
  });

  it("are offered as the matrix allows", () => {
    expect(kindsAllowed({ conditions: "forbidden" })).toEqual([]);
    expect(kindsAllowed({ conditions: { allowed: ["errorPercent"] } })).toEqual(["errorPercent"]);
    expect(kindsAllowed({})).toEqual(["trafficPercent", "errorPercent", "p95Milliseconds"]);
  });

  const judged = (target: object, conditions?: "forbidden") =>
    ({
      status: "in-review",
      manifest: { target },
      requirements: { document: { rule: conditions === undefined ? {} : { conditions } } },
    }) as unknown as Parameters<typeof kindsOffered>[0];
  const endpoint = (instanceCount: number) => ({
    kind: "sagemaker-endpoint",
    name: "production",
    instanceType: "ml.m5.large",
    instanceCount,
  });

  it("are offered as far as the target could keep them", () => {
    expect(kindsOffered(judged(endpoint(4)))).toEqual(["trafficPercent", "errorPercent", "p95Milliseconds"]);
    const onInf1 = { ...endpoint(4), instanceType: "ml.inf1.xlarge" };
    expect(kindsOffered(judged(onInf1))).toEqual(["errorPercent", "p95Milliseconds"]);
    expect(kindsOffered(judged({ kind: "kubernetes", name: "production", workload: "deployment" }))).toEqual([]);
    expect(kindsOffered({ ...judged(endpoint(4)), status: "loaned" })).toEqual([]);
    expect(kindsOffered(judged(endpoint(4), "forbidden"))).toEqual([]);
  });

  it("are refused before anybody signs in for them", () => {
    const refusal = (forSeconds: number, trafficPercent: number) =>
      whyConditionsRefused({ forSeconds, trafficPercent }, judged(endpoint(4)));
    expect(refusal(3600, 25)).toBeUndefined();
    expect(refusal(86_400, 10)).toBeUndefined();
    expect(refusal(8 * 86_400, 25)).toBe("The approval matrix takes conditions for 7 days at most, not for 8 days.");
  });
});
