import type { FactType, LedgerRecord } from "../../promotion/fact.ts";

// Who takes a record for what is told by its type, and what is asked of it by its id: a verdict that is no part of a promotion's
// history would be signed, handed on, and verified by nobody. So each type stands under its own form of id, and nowhere else.

/** What an id is behind its promotion, and of a record that names none the whole of it; absent where there is none such. */
interface Form {
  readonly ofPromotion?: RegExp;
  readonly ofInstallation?: RegExp;
}

const number = "(?:0|[1-9]\\d*)";
const digest = "[0-9a-f]{64}";
const form = (source: string) => new RegExp(`^(?:${source})$`, "s");

const isOfHistory = form(number);
const history: Form = { ofPromotion: isOfHistory };
const notification: Form = { ofPromotion: form(`(?!${number}$).+`), ofInstallation: form("installation/.+") };
const exported = (type: FactType): Form => ({
  ofPromotion: form(`${type}/.+`),
  ofInstallation: form(`installation/${type}/.+`),
});
const intruder = (behind: string): Form => ({
  ofPromotion: form(`intruder/.+/${number}${behind}`),
  // The target is empty of an endpoint of which none speaks.
  ofInstallation: form(`installation/intruder/.*/.+/${number}${behind}`),
});

const forms: Readonly<Record<FactType, Form>> = {
  request: { ofPromotion: form("0") },
  freeze: history,
  gates: history,
  "stage-opened": history,
  "notification-queued": notification,
  "notification-sent": notification,
  "notification-refused": notification,
  "notification-delivered": notification,
  "notification-bounced": notification,
  "notification-complained": notification,
  "notification-redriven": { ofPromotion: form("redriven/.+"), ofInstallation: form("installation/redriven/.+") },
  "notification-discarded": { ofPromotion: form("discarded/.+"), ofInstallation: form("installation/discarded/.+") },
  escalated: { ofPromotion: form(`escalated/${number}/${number}/${number}`) },
  "link-opened": { ofPromotion: form("link-opened/.+") },
  question: { ofPromotion: form("question/[^/]+") },
  answer: { ofPromotion: form("question/[^/]+/answer") },
  "sign-off": { ofPromotion: form(`sign-off/${digest}`) },
  "stage-decided": history,
  "seat-reopened": history,
  "loan-requested": { ofPromotion: form(`loan/${digest}`) },
  loan: history,
  "loan-refused": history,
  "loan-running": history,
  "loan-ratified": history,
  "loan-ended": history,
  "loan-taken-back": history,
  "loan-review-opened": history,
  held: history,
  verdict: history,
  staged: history,
  "shadow-run": history,
  "deployment-started": history,
  "traffic-shifted": history,
  rollback: history,
  deployed: history,
  "rolled-back": history,
  blocked: history,
  rejected: history,
  expired: history,
  withdrawn: history,
  superseded: history,
  supersedes: history,
  "sign-off-kept": { ofPromotion: form(`sign-off-kept/${number}/${digest}`) },
  failed: history,
  outcome: { ofPromotion: form("outcome/[^/]+/.+") },
  drift: { ofPromotion: form(`${number}|drift/[^/]+/[^/]+`) },
  remedy: history,
  "intruder-found": intruder(""),
  "intruder-gone": intruder("/gone"),
  "take-back": intruder("/take-back(?:/failed)?"),
  "clean-up": history,
  "passkey-enrolled": { ofInstallation: form(`passkey/${digest}/enrol`) },
  "passkey-confirmed": { ofInstallation: form(`passkey/${digest}/confirm`) },
  "passkey-revoked": { ofInstallation: form(`passkey/${digest}/revoke`) },
  "export-requested": exported("export-requested"),
  export: exported("export"),
  installation: { ofInstallation: form(`installation/settings/${number}`) },
  key: { ofInstallation: form(`installation/key/[a-z]+/${number}/[a-z]+`) },
  delegated: { ofInstallation: form(`delegation/${digest}/delegate`) },
  "delegation-revoked": { ofInstallation: form(`delegation/${digest}/revoke`) },
  "policy-proposed": history,
  "policy-activated": { ...history, ofInstallation: form(`installation/policy/${number}`) },
  "passport-issued": { ofPromotion: form(`passport-issued/${number}`) },
  "passport-redeemed": { ofPromotion: form("passport-redeemed/.+") },
  "deployment-reported": { ofPromotion: form("deployment-reported") },
  "plan-reported": { ofPromotion: form(`plan-reported/${digest}`) },
};

/** Whether a record stands under an id of its type: of its promotion, or of the installation where it names none. */
export function hasOwnId({ id, type, promotion }: Pick<LedgerRecord, "id" | "type" | "promotion">): boolean {
  const { ofPromotion, ofInstallation } = forms[type];
  if (promotion === undefined) return ofInstallation?.test(id) === true;
  return id.startsWith(`${promotion}/`) && ofPromotion?.test(id.slice(promotion.length + 1)) === true;
}

/** What is wrong with the id of a record that stands under none of its type. */
export function foreignId({ id, type, promotion }: Pick<LedgerRecord, "id" | "type" | "promotion">): string {
  return promotion === undefined || id.startsWith(`${promotion}/`)
    ? `'${id}' is no id of a record of the type '${type}': what it tells would be verified by nobody.`
    : `'${id}' is no record of ${promotion}.`;
}
