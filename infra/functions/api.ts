import { environment as answerSlack } from "../../functions/api/answer-slack/env.ts";
import { environment as askQuestion } from "../../functions/api/ask-question/env.ts";
import { environment as describeService } from "../../functions/api/describe-service/env.ts";
import { environment as exportAudit } from "../../functions/api/export-audit/env.ts";
import { environment as followLink } from "../../functions/api/follow-link/env.ts";
import { environment as issuePassport } from "../../functions/api/issue-passport/env.ts";
import { environment as planAbsence } from "../../functions/api/plan-absence/env.ts";
import { environment as proposePolicy } from "../../functions/api/propose-policy/env.ts";
import { environment as readCheckpoint } from "../../functions/api/read-checkpoint/env.ts";
import { environment as readLearning } from "../../functions/api/read-learning/env.ts";
import { environment as readPasskeys } from "../../functions/api/read-passkeys/env.ts";
import { environment as readPromotions } from "../../functions/api/read-promotions/env.ts";
import { environment as recordDelegation } from "../../functions/api/record-delegation/env.ts";
import { environment as recordLoan } from "../../functions/api/record-loan/env.ts";
import { environment as recordPasskey } from "../../functions/api/record-passkey/env.ts";
import { environment as recordSignOff } from "../../functions/api/record-sign-off/env.ts";
import { environment as redeemPassport } from "../../functions/api/redeem-passport/env.ts";
import { environment as redriveNotifications } from "../../functions/api/redrive-notifications/env.ts";
import { environment as reportDeployment } from "../../functions/api/report-deployment/env.ts";
import { environment as reportDrift } from "../../functions/api/report-drift/env.ts";
import { environment as reportOutcome } from "../../functions/api/report-outcome/env.ts";
import { environment as simulatePolicy } from "../../functions/api/simulate-policy/env.ts";
import { environment as submit } from "../../functions/api/submit/env.ts";
import { environment as withdraw } from "../../functions/api/withdraw/env.ts";
import { answering, type FunctionSpecs } from "./spec.ts";

/** What API Gateway calls. */
export const apiFunctions = {
  "api/submit": {
    environment: submit,
    ...answering,
    description: "Takes a promotion from CI and starts its execution.",
  },
  "api/read-promotions": {
    environment: readPromotions,
    ...answering,
    description: "Shows promotions and why they stand as they do.",
  },
  "api/record-sign-off": {
    environment: recordSignOff,
    ...answering,
    description: "Checks a reviewer's decision, signs and records it.",
  },
  "api/record-loan": {
    environment: recordLoan,
    ...answering,
    description: "Checks a lender's signature, signs and records it.",
  },
  "api/record-passkey": {
    environment: recordPasskey,
    ...answering,
    description: "Enrols, confirms and revokes reviewers' passkeys.",
  },
  "api/record-delegation": {
    environment: recordDelegation,
    ...answering,
    description: "Records who stands in for whom, and that it is over.",
  },
  "api/plan-absence": {
    environment: planAbsence,
    ...answering,
    description: "Shows a person's delegations and marks them absent.",
  },
  "api/read-passkeys": { environment: readPasskeys, ...answering, description: "Shows reviewers' passkeys." },
  "api/ask-question": {
    environment: askQuestion,
    ...answering,
    description: "Records questions about a candidate, and answers.",
  },
  "api/answer-slack": {
    environment: answerSlack,
    ...answering,
    // Slack gives up after three seconds, the start of a function included.
    memoryMegabytes: 1769,
    description: "Answers what people press in Slack; decides nothing.",
  },
  "api/redrive-notifications": {
    environment: redriveNotifications,
    ...answering,
    description: "Lists what people could not be told, and has it tried again.",
  },
  "api/withdraw": { environment: withdraw, ...answering, description: "Withdraws a promotion." },
  "api/read-learning": {
    environment: readLearning,
    ...answering,
    description: "Tells where the assessment of a model failed.",
  },
  "api/report-drift": {
    environment: reportDrift,
    ...answering,
    description: "Restricts a model that drifts, and has it approved again.",
  },
  "api/simulate-policy": {
    environment: simulatePolicy,
    ...answering,
    memoryMegabytes: 1024,
    description: "Tells the policies in sentences, and what would become of a request.",
  },
  "api/propose-policy": {
    environment: proposePolicy,
    ...answering,
    memoryMegabytes: 1024,
    description: "Takes proposed policies, checks them and has them promoted.",
  },
  "api/report-outcome": {
    environment: reportOutcome,
    ...answering,
    description: "Records what became of a candidate in production.",
  },
  "api/follow-link": {
    environment: followLink,
    ...answering,
    description: "Shows where a review link leads; decides nothing.",
  },
  "api/export-audit": {
    environment: exportAudit,
    ...answering,
    description: "Takes requests for an export of the audit archive, and tells how far one is.",
  },
  "api/read-checkpoint": {
    environment: readCheckpoint,
    ...answering,
    description: "Gives the ledger's latest checkpoint.",
  },
  "api/describe-service": {
    environment: describeService,
    ...answering,
    description: "Gives issuer, clients and public keys.",
  },
  "api/issue-passport": {
    environment: issuePassport,
    ...answering,
    description: "Gives a pipeline the passport for what was approved, and tells machines whether its verdict holds.",
  },
  "api/report-deployment": {
    environment: reportDeployment,
    ...answering,
    description: "Records what came of a deployment that a pipeline made.",
  },
  "api/redeem-passport": {
    environment: redeemPassport,
    ...answering,
    description: "Publishes the keys of passports, and takes each of them once.",
  },
} as const satisfies FunctionSpecs;
