import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { approvalInput, delegation, member, one, rule, stage } from "./people-and-votes.ts";

export const given = delegation("Dora", "Emil", "sre");
export const directory = [member("Dora", "sre"), member("Emil"), member("Fay", "a")];
export const operations = rule(stage("operations", one("sre")));
export const open = (over: Partial<ApprovalInput> = {}) =>
  approvalInput({ rule: operations, delegations: [given], members: directory, ...over });
