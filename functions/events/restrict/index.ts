import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { deadLetters } from "../../../adapters/sqs/dead-letters.ts";
import { executionStarter } from "../../../adapters/stepfunctions/executions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeysInForce } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { openReapproval } from "../../running/restrict-model.ts";
import { deploymentTargets, hostingOf, monitoringJobs } from "../../targets/deployment-targets.ts";
import { environment } from "./env.ts";
import { restrict } from "./handler.ts";
import { hearMonitor } from "./hear-monitor.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const blobs = blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now });
const directory = reviewerDirectory(env);
const start = executionStarter(new SFNClient({}), env.STATE_MACHINE_ARN);
const monitoringJob = monitoringJobs();

const targets = deploymentTargets({
  step: "restrict",
  hosting: hostingOf(env),
  reports: promotions,
  secretId: env.TARGET_SECRET_ID,
  documents: blobs,
});

export const handler = underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policies) =>
  restrict({
    now,
    log,
    policies,
    start,
    reapprove: openReapproval({ now, policy: policies, directory, promotions, start }),
    lost: deadLetters(new SQSClient({ useQueueUrlAsEndpoint: false }), env.RESTRICTIONS_QUEUE_URL),
    monitored: hearMonitor({
      now,
      log,
      policy: policies,
      policies,
      directory,
      promotions,
      blobs,
      start,
      monitoringJob,
      targets,
    }),
    attestationBase: env.ATTESTATION_BASE,
    artifactsBucket: env.ARTIFACTS_BUCKET,
    promotions,
    inLedger: sequencerStore(dynamodb, env.LEDGER_TABLE).markers,
    blobs,
    artifacts: frozenArtifacts(s3, env.ARTIFACTS_BUCKET),
    verifyingKeys: attestationKeysInForce(new KMSClient({}), env, promotions),
    verifySignature: verifyEcdsa,
    targets,
  }),
);
