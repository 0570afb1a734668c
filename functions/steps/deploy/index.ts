import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { calendarNow, pinnedRequirements } from "../../../core/approval/promotion-approval.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeysInForce } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { changeSetsOf } from "../../targets/change-sets-of.ts";
import { deploymentTargets, hostingOf } from "../../targets/deployment-targets.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { deploy } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const blobs = blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now });

export const handler = step(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    deploy({
      now,
      calendar: (promotion, at) => calendarNow(policy, promotion, at),
      isPinned: (promotion) => pinnedRequirements(policy, promotion) !== undefined,
      attestationBase: env.ATTESTATION_BASE,
      artifactsBucket: env.ARTIFACTS_BUCKET,
      watchSeconds: Number(env.WATCH_SECONDS),
      promotions,
      facts: promotions.facts,
      recordFact: promotions.recordFact,
      describeChangeSet: changeSetsOf("deploy"),
      blobs,
      artifacts: frozenArtifacts(s3, env.ARTIFACTS_BUCKET),
      verifyingKeys: attestationKeysInForce(new KMSClient({}), env, promotions),
      verifySignature: verifyEcdsa,
      targets: deploymentTargets({
        step: "deploy",
        hosting: hostingOf(env),
        reports: promotions,
        secretId: env.TARGET_SECRET_ID,
        documents: blobs,
      }),
    }),
  ),
  log,
);
