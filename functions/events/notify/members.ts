import { type ApprovalPolicy, everyGroup } from "../../../core/approval/promotion-approval.ts";
import { reviewerMark } from "../../../core/attestation/review-link.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { identityKey, type Member } from "../../../core/promotion/identity.ts";
import type { Recipient } from "../../telling/telling.ts";

export interface MembersPorts {
  readonly policy: Pick<ApprovalPolicy, "matrix">;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/** Everybody with a role: whoever was asked under other requirements is told as well. */
export async function everybody({ policy, directory }: MembersPorts): Promise<readonly Member[]> {
  return directory.everybody(everyGroup(policy.matrix));
}

/** The members whom one of the facts asked, and whose account still works. */
export function askedAmong(members: readonly Member[], facts: readonly Fact[]): readonly Recipient[] {
  const marks = new Set(facts.flatMap(({ body }) => (wasAsked(body) ? [body["reviewer"]] : [])));
  return members
    .filter(({ identity, enabled }) => enabled && marks.has(reviewerMark(identityKey(identity))))
    .map((member) => ({ member, roles: [] }));
}

/** A reminder asks as well: of delegates, often for the first time. */
function wasAsked(body: Fact["body"]): boolean {
  return body["purpose"] === "asked" || body["purpose"] === "reminded";
}

/** What tells a fact of a promotion from its others: its id without the promotion's. */
export function occasionOf({ id }: Pick<Fact, "id">): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
