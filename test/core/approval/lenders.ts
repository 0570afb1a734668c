import type { LoanInput } from "../../../core/approval/loan.ts";
import type { LoanPolicy, Matrix } from "../../../core/approval/matrix.ts";
import { approvalInputOf, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  dana,
  digestOf,
  everybody,
  id,
  manifest,
  matrix,
  member,
  now,
  policy,
  promotionInReview,
  tom,
} from "../promotion/promotion-in-review.ts";

export const lending: LoanPolicy = {
  roles: ["commander"],
  maximumSeconds: 14_400,
  budget: { loans: 2, per: "quarter" },
};
export const commander = { title: "Commander", groups: ["commanders"], judges: ["model"] } as const;
export const [ida, olaf] = [member("Ida", "commanders"), member("Olaf", "commanders")];
/** Olaf's second account. */
export const olafsOther: Member = { ...member("Olaf2", "commanders"), address: olaf.address };
export const tomLends: Member = { ...tom, groups: [...tom.groups, "commanders"] };
export const danaLends: Member = { ...dana, groups: [...dana.groups, "commanders"] };
export const people = [
  ...everybody.filter((each) => each !== tom && each !== dana),
  ida,
  olaf,
  olafsOther,
  tomLends,
  danaLends,
];

export function withLoans(loan: LoanPolicy | "none" = lending): Matrix {
  return {
    ...matrix,
    roles: { ...matrix.roles, commander },
    rules: matrix.rules.map((rule) => (loan === "none" ? rule : { ...rule, loan })),
  };
}

export function inputFor(
  over: {
    promotion?: Partial<Promotion>;
    matrix?: Matrix;
    signOffs?: readonly SignOff[];
    members?: readonly Member[];
  } = {},
): LoanInput {
  const promotion = promotionInReview(over.promotion);
  const requirements = requirementsNow({ ...policy, matrix: over.matrix ?? withLoans() }, { manifest }).document;
  const approval = approvalInputOf(promotion, requirements, {
    people: [],
    members: over.members ?? people,
    signOffs: over.signOffs ?? [],
    entitlement: "as-of-now",
    now,
  });
  return { promotion, approval };
}

export const terms = { seconds: 3600, incident: "https://incidents.example/417" };
export function signed(who: Member, over: Partial<LenderSignature> = {}): LenderSignature {
  return {
    id: digestOf(`${who.name} ${over.recordedAt ?? now}`),
    promotion: id,
    review: 1,
    terms,
    reason: "The model in production turns everybody down.",
    role: "commander",
    reviewer: who.identity,
    reviewerName: who.name,
    groups: who.groups,
    recordedAt: now,
    ...over,
  };
}
export const asked = signed(ida);
export const confirming = (who: Member = olaf, over: Partial<LenderSignature> = {}) =>
  signed(who, { confirms: asked.id, recordedAt: addSeconds(now, 60), ...over });

export function approving(who: Member, over: Partial<SignOff> = {}): SignOff {
  return {
    id: digestOf(`sign-off ${who.name} ${over.result ?? "approve"}`),
    promotion: id,
    review: 1,
    stage: 0,
    result: "approve",
    reason: "",
    roles: ["lead-data-scientist"],
    reviewer: who.identity,
    reviewerName: who.name,
    groups: who.groups,
    recordedAt: addSeconds(now, -60),
    ...over,
  };
}
