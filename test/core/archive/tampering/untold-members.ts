import type { FactType } from "../../../../core/promotion/fact.ts";

const time = "the log's order is its place: no deadline bounds it, and what comes next is not before it";
const people = "it is for people to read: no rule makes anything of it";
const service = "the service alone tells it, and nothing rests on it";
const reporter = "it is the word of whoever reported it, and nothing rests on it";
const asker = "nobody signs questions and answers, and nothing rests on them";
const report = "the gate report beside it says it, and is made again";

const letter = {
  ...{ at: time, channel: service, messageId: service, name: service },
  ...{ notification: service, purpose: service, reviewer: service },
};
const { messageId: _, ...unsent } = letter;
const spoken = { at: time, "by.issuer": asker, "by.subject": asker, name: asker, text: asker };
const exported = {
  ...{ at: time, "by.issuer": service, "by.subject": service },
  ...{ "scope.kind": service, withoutPersonalData: service },
};

/**
 * The members of records that a lying service may tell otherwise with nobody to notice, by kind of record, and why that
 * is so. Whatever is not here is noticed (told-otherwise.test.ts): a new member needs a rule, or a reason.
 */
export const untoldMembers: Readonly<Partial<Record<FactType, Readonly<Record<string, string>>>>> = {
  request: {
    "run.id": "the CI system's own name for its run: its token is not kept",
    "run.issuer": "the CI system's own name for its run: its token is not kept",
    "startedBy.account.id":
      "CI's token, which alone says it besides, is not kept: it is said that the request alone tells it",
  },
  freeze: {
    "frozen.#.versionId": "the bucket's own name for a version; the model's is held against what was deployed",
  },
  gates: { failed: report },
  // That another of the steps stopped it is the service's word as well: what stops needs no proof. Here it is told by none of their names.
  blocked: { "failed.#": report },
  "stage-opened": { round: people },
  "notification-queued": { ...unsent, attempt: service },
  "notification-refused": { ...unsent, attempt: service, code: service },
  "notification-sent": letter,
  "notification-delivered": letter,
  "notification-bounced": letter,
  "notification-complained": letter,
  "notification-discarded": {
    ...{ at: time, "by.issuer": service, "by.subject": service, fact: service, name: service },
    ...{ message: service, reason: service },
  },
  "notification-redriven": { at: time, "by.issuer": service, "by.subject": service, fact: service, name: service },
  escalated: { at: time, openedAt: service, role: service },
  "link-opened": { at: time, reviewer: service, stage: service },
  question: spoken,
  answer: spoken,
  "seat-reopened": {
    "fallen.#.why": people,
    to: "policies may change once more before the gates, whose record names the requirements that count",
  },
  "loan-running": { at: time },
  "loan-taken-back": {
    serves: "the target's own name for what serves: that another served by the others' records is said",
  },
  "shadow-run": { plan: "its rule asks for no run in shadow; where one does, no stage is opened after another plan" },
  expired: { at: time },
  withdrawn: { at: time },
  superseded: { at: time },
  supersedes: { fallen: people },
  "sign-off-kept": { at: time },
  failed: { at: time },
  outcome: {
    ...{ against: reporter, at: time, "by.issuer": reporter, "by.subject": reporter, description: reporter },
    ...{ kind: reporter, source: reporter, "window.from": reporter, "window.until": reporter },
  },
  remedy: { at: time },
  "intruder-gone": { at: time },
  "take-back": { at: time },
  "clean-up": { at: time, removed: people, "removed.#": people },
  installation: { at: time },
  key: { at: time },
  "export-requested": exported,
  export: { ...exported, ledgerSize: service, "pack.bytes": service, "pack.sha256": service },
  "policy-proposed": { effects: people },
  "policy-activated": { at: time },
  "deployment-reported": { detail: reporter },
  "plan-reported": { at: time, detail: reporter },
};
