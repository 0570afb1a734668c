import type * as v from "valibot";
import { environment as addCheckpoint } from "../functions/api/add-checkpoint/env.ts";
import { environment as answerSlack } from "../functions/api/answer-slack/env.ts";
import { environment as askQuestion } from "../functions/api/ask-question/env.ts";
import { environment as describeService } from "../functions/api/describe-service/env.ts";
import { environment as exportAudit } from "../functions/api/export-audit/env.ts";
import { environment as followLink } from "../functions/api/follow-link/env.ts";
import { environment as issuePassport } from "../functions/api/issue-passport/env.ts";
import { environment as planAbsence } from "../functions/api/plan-absence/env.ts";
import { environment as proposePolicy } from "../functions/api/propose-policy/env.ts";
import { environment as readCheckpoint } from "../functions/api/read-checkpoint/env.ts";
import { environment as readLearning } from "../functions/api/read-learning/env.ts";
import { environment as readPasskeys } from "../functions/api/read-passkeys/env.ts";
import { environment as readPromotions } from "../functions/api/read-promotions/env.ts";
import { environment as recordDelegation } from "../functions/api/record-delegation/env.ts";
import { environment as recordLoan } from "../functions/api/record-loan/env.ts";
import { environment as recordPasskey } from "../functions/api/record-passkey/env.ts";
import { environment as recordSignOff } from "../functions/api/record-sign-off/env.ts";
import { environment as redeemPassport } from "../functions/api/redeem-passport/env.ts";
import { environment as redriveNotifications } from "../functions/api/redrive-notifications/env.ts";
import { environment as reportDeployment } from "../functions/api/report-deployment/env.ts";
import { environment as reportDrift } from "../functions/api/report-drift/env.ts";
import { environment as reportOutcome } from "../functions/api/report-outcome/env.ts";
import { environment as simulatePolicy } from "../functions/api/simulate-policy/env.ts";
import { environment as submit } from "../functions/api/submit/env.ts";
import { environment as withdraw } from "../functions/api/withdraw/env.ts";
import { environment as notify } from "../functions/events/notify/env.ts";
import { environment as recordDelivery } from "../functions/events/record-delivery/env.ts";
import { environment as restrict } from "../functions/events/restrict/env.ts";
import { environment as writeExport } from "../functions/events/write-export/env.ts";
import { environment as adoptPolicy } from "../functions/schedules/adopt-policy/env.ts";
import { environment as auditRunning } from "../functions/schedules/audit-running/env.ts";
import { environment as cosignCheckpoint } from "../functions/schedules/cosign-checkpoint/env.ts";
import { environment as publishKeys } from "../functions/schedules/publish-keys/env.ts";
import { environment as reconcile } from "../functions/schedules/reconcile/env.ts";
import { environment as remind } from "../functions/schedules/remind/env.ts";
import { environment as republishCheckpoint } from "../functions/schedules/republish-checkpoint/env.ts";
import { environment as activatePolicy } from "../functions/steps/activate-policy/env.ts";
import { environment as cleanUp } from "../functions/steps/clean-up/env.ts";
import { environment as deploy } from "../functions/steps/deploy/env.ts";
import { environment as evaluateGates } from "../functions/steps/evaluate-gates/env.ts";
import { environment as expire } from "../functions/steps/expire/env.ts";
import { environment as freeze } from "../functions/steps/freeze/env.ts";
import { environment as openStage } from "../functions/steps/open-stage/env.ts";
import { environment as runInShadow } from "../functions/steps/run-in-shadow/env.ts";
import { environment as stage } from "../functions/steps/stage/env.ts";
import { environment as verifySignOffs } from "../functions/steps/verify-sign-offs/env.ts";
import { environment as watchDeployment } from "../functions/steps/watch-deployment/env.ts";
import { environment as archive } from "../functions/streams/archive/env.ts";
import { environment as decide } from "../functions/streams/decide/env.ts";

/** What a function needs beside its permissions. */
export interface FunctionSpec {
  readonly environment: v.ObjectSchema<v.ObjectEntries, undefined>;
  readonly description: string;
  /** Memory also sets the share of a CPU: 1,769 MB are one. */
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
}

/** API Gateway gives up after 29 seconds. */
const api = { memoryMegabytes: 512, timeoutSeconds: 28 } as const;

/** Every function, by its folder under functions/. */
export const functions = {
  "api/submit": { environment: submit, ...api, description: "Takes a promotion from CI and starts its execution." },
  "api/read-promotions": {
    environment: readPromotions,
    ...api,
    description: "Shows promotions and why they stand as they do.",
  },
  "api/record-sign-off": {
    environment: recordSignOff,
    ...api,
    description: "Checks a reviewer's decision, signs and records it.",
  },
  "api/record-loan": {
    environment: recordLoan,
    ...api,
    description: "Checks a lender's signature, signs and records it.",
  },
  "api/record-passkey": {
    environment: recordPasskey,
    ...api,
    description: "Enrols, confirms and revokes reviewers' passkeys.",
  },
  "api/record-delegation": {
    environment: recordDelegation,
    ...api,
    description: "Records who stands in for whom, and that it is over.",
  },
  "api/plan-absence": {
    environment: planAbsence,
    ...api,
    description: "Shows a person's delegations and marks them absent.",
  },
  "api/read-passkeys": { environment: readPasskeys, ...api, description: "Shows reviewers' passkeys." },
  "api/ask-question": {
    environment: askQuestion,
    ...api,
    description: "Records questions about a candidate, and answers.",
  },
  "api/answer-slack": {
    environment: answerSlack,
    ...api,
    // Slack gives up after three seconds, the start of a function included.
    memoryMegabytes: 1769,
    description: "Answers what people press in Slack; decides nothing.",
  },
  "api/redrive-notifications": {
    environment: redriveNotifications,
    ...api,
    description: "Lists what people could not be told, and has it tried again.",
  },
  "api/withdraw": { environment: withdraw, ...api, description: "Withdraws a promotion." },
  "api/read-learning": {
    environment: readLearning,
    ...api,
    description: "Tells where the assessment of a model failed.",
  },
  "api/report-drift": {
    environment: reportDrift,
    ...api,
    description: "Restricts a model that drifts, and has it approved again.",
  },
  "api/simulate-policy": {
    environment: simulatePolicy,
    ...api,
    memoryMegabytes: 1024,
    description: "Tells the policies in sentences, and what would become of a request.",
  },
  "api/propose-policy": {
    environment: proposePolicy,
    ...api,
    memoryMegabytes: 1024,
    description: "Takes proposed policies, checks them and has them promoted.",
  },
  "api/report-outcome": {
    environment: reportOutcome,
    ...api,
    description: "Records what became of a candidate in production.",
  },
  "api/follow-link": {
    environment: followLink,
    ...api,
    description: "Shows where a review link leads; decides nothing.",
  },
  "api/export-audit": {
    environment: exportAudit,
    ...api,
    description: "Takes requests for an export of the audit archive, and tells how far one is.",
  },
  "api/read-checkpoint": { environment: readCheckpoint, ...api, description: "Gives the ledger's latest checkpoint." },
  "api/describe-service": {
    environment: describeService,
    ...api,
    description: "Gives issuer, clients and public keys.",
  },
  "api/issue-passport": {
    environment: issuePassport,
    ...api,
    description: "Gives a pipeline the passport for what was approved, and tells machines whether its verdict holds.",
  },
  "api/report-deployment": {
    environment: reportDeployment,
    ...api,
    description: "Records what came of a deployment that a pipeline made.",
  },
  "api/redeem-passport": {
    environment: redeemPassport,
    ...api,
    description: "Publishes the keys of passports, and takes each of them once.",
  },
  "steps/freeze": {
    environment: freeze,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Hashes the bytes and pins them by version.",
  },
  "steps/evaluate-gates": {
    environment: evaluateGates,
    memoryMegabytes: 1024,
    timeoutSeconds: 120,
    description: "Judges the evidence.",
  },
  "steps/stage": {
    environment: stage,
    ...api,
    description: "Creates what will serve the candidate, before people are asked.",
  },
  "steps/open-stage": { environment: openStage, ...api, description: "Opens a stage and keeps its task token." },
  "steps/expire": { environment: expire, ...api, description: "Records that the time was over." },
  "steps/verify-sign-offs": {
    environment: verifySignOffs,
    // It hashes what the freeze has hashed, so it has as long.
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Verifies everything anew and signs the verdict.",
  },
  "steps/deploy": {
    environment: deploy,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Checks verdict and bytes, then lets the endpoint serve them.",
  },
  "steps/activate-policy": {
    environment: activatePolicy,
    memoryMegabytes: 1024,
    timeoutSeconds: 900,
    description: "Checks the verdict, then puts the policies in force that were signed off.",
  },
  "steps/run-in-shadow": {
    environment: runInShadow,
    // It reads what both models answered, and holds it at once.
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Lets the candidate get production's requests, unheard.",
  },
  "steps/watch-deployment": {
    environment: watchDeployment,
    ...api,
    description: "Looks whether the endpoint is healthy.",
  },
  "steps/clean-up": {
    environment: cleanUp,
    memoryMegabytes: 512,
    timeoutSeconds: 120,
    description: "Removes what was staged for a promotion that will not run.",
  },
  "streams/decide": {
    environment: decide,
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: "Decides the open stage and sends the task token back.",
  },
  "streams/archive": {
    environment: archive,
    memoryMegabytes: 1024,
    timeoutSeconds: 120,
    description: "Appends every fact to the ledger.",
  },
  "events/notify": {
    environment: notify,
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    description: "Writes to the people of the seats.",
  },
  "events/record-delivery": {
    environment: recordDelivery,
    ...api,
    description: "Records what became of a letter.",
  },
  "events/restrict": {
    environment: restrict,
    memoryMegabytes: 1024,
    timeoutSeconds: 300,
    description: "Puts back what was approved before, or takes a model out of service, where the matrix says so.",
  },
  "events/write-export": {
    environment: writeExport,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Packs the audit archive, or a part of it.",
  },
  "schedules/audit-running": {
    environment: auditRunning,
    memoryMegabytes: 1024,
    timeoutSeconds: 600,
    description: "Holds what really runs against the verdicts.",
  },
  "schedules/cosign-checkpoint": {
    environment: cosignCheckpoint,
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: "Shows the newest checkpoint to the witnesses.",
  },
  "schedules/adopt-policy": {
    environment: adoptPolicy,
    ...api,
    description: "Records the policies that came in force with a deployment.",
  },
  "schedules/publish-keys": {
    environment: publishKeys,
    ...api,
    description: "Records each key that verifies signatures, and when it is replaced.",
  },
  "schedules/remind": {
    environment: remind,
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    description: "Reminds the people who are still needed.",
  },
  "schedules/republish-checkpoint": {
    environment: republishCheckpoint,
    memoryMegabytes: 512,
    timeoutSeconds: 50,
    description: "Signs the ledger's checkpoint again while nothing happens.",
  },
  "schedules/reconcile": {
    environment: reconcile,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Holds the table and the ledger against each other, once a day.",
  },
} as const satisfies Readonly<Record<string, FunctionSpec>>;

/** The one function of the witness, which is deployed by itself, to another account. */
export const witnessFunctions = {
  "api/add-checkpoint": {
    environment: addCheckpoint,
    ...api,
    description: "Cosigns a log's checkpoint, if it goes on from the one before.",
  },
} as const satisfies Readonly<Record<string, FunctionSpec>>;

const allFunctions = { ...functions, ...witnessFunctions };

export type FunctionName = keyof typeof functions;
export type AnyFunctionName = keyof typeof allFunctions;
export type EnvironmentOf<Name extends AnyFunctionName> = v.InferOutput<(typeof allFunctions)[Name]["environment"]>;

export function functionSpec<Name extends AnyFunctionName>(name: Name): (typeof allFunctions)[Name] {
  return allFunctions[name];
}

/** `api/record-sign-off` as a construct's id: `RecordSignOff`. */
export function constructId(name: AnyFunctionName): string {
  const verb = name.slice(name.indexOf("/") + 1);
  return verb
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
