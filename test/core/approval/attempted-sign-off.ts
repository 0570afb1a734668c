import { type AttemptedSignOff, refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { OpenStage } from "../../../core/promotion/promotion.ts";
import { approvalInput, member, one, rule, settled, signOff, stage } from "./people-and-votes.ts";

export const clara = signOff("clara", ["compliance"], 1);
export const members = [
  member("clara", "compliance", "data"),
  member("dora", "data"),
  member("dana", "data"),
  member("sam", "sre"),
  member("guest"),
];
export const operations: OpenStage = {
  index: 1,
  name: "operations",
  round: 1,
  openedAt: "2026-11-23T11:00:00.000Z" as Instant,
  deadline: "2026-11-24T11:00:00.000Z" as Instant,
  open: true,
};
export const approval = approvalInput({
  rule: rule(
    stage("compliance", one("compliance")),
    stage("operations", { all: [one("data"), one("sre")] }, { minimumReviewSeconds: 3600 }),
  ),
  members,
  openStage: 1,
  settled: [settled(0, ["compliance", clara])],
  signOffs: [clara],
  entitlement: "as-of-now",
});

export function attempt(name: string, named: string[], more: Partial<AttemptedSignOff> = {}): AttemptedSignOff {
  return signOff(name, named, 5, { stage: 1, ...more });
}
export const refusal = (decision: AttemptedSignOff, change: Partial<typeof approval> = {}, openStage?: OpenStage) =>
  refuseSignOff({ approval: { ...approval, ...change }, openStage: openStage ?? operations, attempt: decision });
