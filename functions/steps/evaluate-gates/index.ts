import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { laneStore } from "../../../adapters/dynamodb/lanes.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { attestationSigner } from "../../../adapters/kms/signer.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { policyDocuments } from "../../../core/policy/policy-bundle.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { step } from "../step.ts";
import { earlierReleases } from "./earlier-releases.ts";
import { environment } from "./env.ts";
import { evaluateGates } from "./handler.ts";
import { keepReview } from "./keep-review.ts";
import { keepSignOffs } from "./keep-sign-offs.ts";
import { takeOver } from "./take-over.ts";

const env = readEnvironment(environment, process.env);
const blobs = blobStore(new S3Client({}), env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now });
const dynamodb = new DynamoDBClient({});
const directory = reviewerDirectory(env);
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const { verifyingKey } = attestationSigner(new KMSClient({}), env.ATTESTATION_KEY_ID);
const delegations = delegationStore(dynamodb, env.PROMOTIONS_TABLE);

export const handler = step(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    evaluateGates({
      now,
      policy,
      policyDocuments: policyDocuments(policy.bundle),
      thresholds: policy.thresholds,
      wasm: policy.wasm,
      evaluate: compiledPolicy(policy.wasm).evaluate,
      promotions,
      blobs,
      directory,
      earlierReleases: earlierReleases({ now, promotions, blobs }),
      takeOver: takeOver({
        now,
        promotions,
        lanes: laneStore(dynamodb, env.PROMOTIONS_TABLE),
        keepSignOffs: keepSignOffs({
          now,
          policy,
          promotions,
          delegations,
          directory,
          blobs,
          verifyingKey,
        }),
      }),
      keepReview: keepReview({ now, policy, promotions, delegations, directory, blobs }),
    }),
  ),
  log,
);
