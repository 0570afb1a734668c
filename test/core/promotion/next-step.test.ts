import { expect, it } from "vitest";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import { nextStep } from "../../../core/promotion/next-step.ts";
import { statuses } from "../../../core/promotion/promotion.ts";

it("a candidate is submitted again, and policies are proposed again; whatever goes on by itself needs nothing", () => {
  for (const status of statuses) {
    const [candidate, policies] = [nextStep(status), nextStep(status, true)];
    const goesOn = !hasEnded(status) || status === "withdrawn" || status === "superseded";
    expect([status, candidate === undefined, policies === undefined]).toEqual([status, goesOn, goesOn]);
    expect(policies ?? "Propose").not.toMatch(/candidate|submit/i);
  }
});
