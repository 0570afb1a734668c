import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { passkeyStore } from "../../../adapters/dynamodb/passkeys.ts";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { shadowPlanInForce } from "../../../core/approval/promotion-approval.ts";
import { policyDocuments } from "../../../core/policy/policy-bundle.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeysInForce } from "../../keys/key-generations.ts";
import { signerInUse } from "../../keys/signer-in-use.ts";
import { installationsInForce } from "../../ledger/installation-here.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesAsTold } from "../../policies/policies-as-told.ts";
import { deployedHere, policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { step } from "../step.ts";
import { candidateCheck } from "./candidate.ts";
import { environment } from "./env.ts";
import { verifySignOffs } from "./handler.ts";
import { lenderCheck, signOffCheck } from "./sign-off-check.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const blobs = blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now });
const kms = new KMSClient({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const signer = signerInUse(kms, env, promotions);
const delegations = delegationStore(dynamodb, env.PROMOTIONS_TABLE);

const passkeys = passkeyStore(dynamodb, env.PROMOTIONS_TABLE);
const ceremonies = {
  attestationBase: env.ATTESTATION_BASE,
  installations: installationsInForce(dynamodb, env),
  verifyingKeys: attestationKeysInForce(kms, env, promotions),
  passkeys,
  verifySignature: verifyEcdsa,
  verifyJws,
};
const { markers: inLedger } = sequencerStore(dynamodb, env.LEDGER_TABLE);
const deployed = deployedHere();
const asTold = policiesAsTold({
  now,
  deployed: deployed.digest,
  policies: policyStore(dynamodb, env.PROMOTIONS_TABLE),
  promotions,
  inLedger,
  blobs,
  ...ceremonies,
});

export const handler = step(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE, deployed), (policy) =>
    verifySignOffs({
      now,
      attestationBase: env.ATTESTATION_BASE,
      policy,
      policyDocuments: policyDocuments(policy.bundle),
      salt: () => randomBytes(16).toString("hex"),
      promotions,
      delegations,
      passkeys,
      directory: reviewerDirectory(env),
      inLedger,
      requirePolicies: () => asTold(policy.digest),
      blobs,
      requireCandidate: candidateCheck({
        now,
        artifacts: frozenArtifacts(s3, env.ARTIFACTS_BUCKET),
        blobs,
        thresholds: policy.thresholds,
        shadowPlan: (promotion) => shadowPlanInForce(policy, promotion),
        wasm: policy.wasm,
        evaluate: compiledPolicy(policy.wasm).evaluate,
      }),
      requireSignOff: signOffCheck({ ...ceremonies, delegations }),
      requireLender: lenderCheck(ceremonies),
      sign: signer.sign,
      verifyingKey: signer.verifyingKey,
    }),
  ),
  log,
);
