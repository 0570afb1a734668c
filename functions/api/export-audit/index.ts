import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { exportJobStore } from "../../../adapters/dynamodb/export-jobs.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { claimsMachineIssuer, machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { exportStore } from "../../../adapters/s3/exports.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import type { ExportId } from "../../../core/archive/export/export-job.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { exportAudit } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const issuers = readMachineIssuers(env.MACHINE_ISSUERS);
const verifyMachine = machineTokens(issuers);
const dynamodb = new DynamoDBClient({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    exportAudit({
      now,
      groups: policy.groups,
      claimsMachine: (token) => claimsMachineIssuer(issuers, token),
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)).identity,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      jobs: exportJobStore(dynamodb, env.PROMOTIONS_TABLE),
      newId: () => randomUUID() as ExportId,
      address: exportStore(new S3Client({}), env.EXCHANGE_BUCKET).address,
    }),
  ),
  log,
);
