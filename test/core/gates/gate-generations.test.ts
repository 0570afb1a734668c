import { describe, expect, it } from "vitest";
import { madeBy } from "../../../core/encoding/generation.ts";
import { earlierRelease } from "../../../core/gates/earlier-releases.ts";
import { evidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { gateGenerations, shadowReportGenerations } from "../../../core/gates/gate-generations.ts";
import { judge } from "../../../core/gates/judge.ts";
import { firstShadowReport, secondShadowReport } from "../../../core/gates/shadow/report.ts";

describe("a document of the first version", () => {
  it("is made again by what made it then, and one of the version after it is not judged", () => {
    expect(madeBy("gate-report.json", 1, gateGenerations.reports)).toBe(judge);
    expect(madeBy("summary.json", 1, gateGenerations.summaries)).toBe(evidenceSummary);
    expect(madeBy("shadow-run.json", 1, shadowReportGenerations)).toBe(firstShadowReport);
    expect(madeBy("shadow-run.json", 2, shadowReportGenerations)).toBe(secondShadowReport);
    expect(madeBy("earlier-releases.json", 1, gateGenerations.releases)).toBe(earlierRelease);
    expect(() => madeBy("gate-report.json", 2, gateGenerations.reports)).toThrow("it could not be checked");
    expect(() => madeBy("summary.json", 2, gateGenerations.summaries)).toThrow("it could not be checked");
    expect(() => madeBy("shadow-run.json", 3, shadowReportGenerations)).toThrow("it could not be checked");
  });
});
