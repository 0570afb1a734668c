import { describe, expect, it } from "vitest";
import { requestedConditions } from "../../cli/decision/requested-conditions.ts";

describe("conditions on the command line", () => {
  it("are read as they are written", () => {
    expect(requestedConditions(["traffic=10%", "for=24h", "errors=0.5%", "p95=300ms"])).toEqual({
      forSeconds: 86_400,
      trafficPercent: 10,
      errorPercent: 0.5,
      p95Milliseconds: 300,
    });
    expect(requestedConditions([])).toBeUndefined();
  });

  it.each<[readonly string[], RegExp]>([
    [["traffic=10%"], /^Say for how long the conditions hold, such as --condition for=24h\.$/],
    [["for=24h"], /^The conditions cannot be taken: they must limit traffic, errors or the time of an answer\.$/],
    [["for=1h", "traffic=60%"], /^The conditions cannot be taken: traffic must be 50 or less\.$/],
    [["for=30s", "errors=1%"], /^The conditions cannot be taken: for must be 60 or more\.$/],
    [["for=1h", "for=2h", "errors=1%"], /^The condition 'for' is given twice\.$/],
    [["errors=1"], /^'errors=1' is no condition; they are written for=24h, traffic=10%, errors=1%, p95=300ms\.$/],
    [["constructor=1h"], /is no condition/],
    [["for=\u001b[31mh"], /^'for=.*' is no condition/],
  ])("%o is refused", (texts, why) => {
    expect(() => requestedConditions(texts)).toThrow(why);
  });
});
