import { describe, expect, it } from "vitest";
import { conditionsFrom, emptyConditions, kindsAllowed } from "../../portal/src/decision/conditions-draft.ts";

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
});
