import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { claimsMachineIssuer, machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { artifactSources } from "../../../adapters/s3/artifacts.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { reportOutcome } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const issuers = readMachineIssuers(env.MACHINE_ISSUERS);
const verifyMachine = machineTokens(issuers);
const s3 = new S3Client({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    reportOutcome({
      now,
      groups: policy.groups,
      claimsMachine: (token) => claimsMachineIssuer(issuers, token),
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)),
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      files: artifactSources(s3, env.EXCHANGE_BUCKET),
      blobs: blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
    }),
  ),
  log,
);
