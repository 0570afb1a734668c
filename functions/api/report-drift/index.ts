import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { artifactSources } from "../../../adapters/s3/artifacts.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { executionStarter } from "../../../adapters/stepfunctions/executions.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { reportDrift } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const verifyMachine = machineTokens(readMachineIssuers(env.MACHINE_ISSUERS));
const s3 = new S3Client({});
const directory = reviewerDirectory(env);

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    reportDrift({
      now,
      policy,
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)),
      directory,
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      files: artifactSources(s3, env.EXCHANGE_BUCKET),
      blobs: blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
      start: executionStarter(new SFNClient({}), env.STATE_MACHINE_ARN),
    }),
  ),
  log,
);
