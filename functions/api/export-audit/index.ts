import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { attestationSigner, checkpointSigner } from "../../../adapters/kms/signer.ts";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { claimsMachineIssuer, machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { exportStore } from "../../../adapters/s3/exports.ts";
import { ledgerReader } from "../../../adapters/s3/ledger-reader.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../machine-issuers.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { exportAudit } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const policy = readPolicyFolder(new URL("./policies/", import.meta.url));
const issuers = readMachineIssuers(env.MACHINE_ISSUERS);
const verifyMachine = machineTokens(issuers);
const audiences = [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID];
const kms = new KMSClient({});
const s3 = new S3Client({});

export const handler = answering(
  exportAudit({
    now,
    groups: policy.groups,
    claimsMachine: (token) => claimsMachineIssuer(issuers, token),
    verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)).identity,
    verifyPerson: reviewerTokens({ issuer: env.OIDC_ISSUER, audiences }),
    settings: {
      attestationBase: env.ATTESTATION_BASE,
      issuer: env.OIDC_ISSUER,
      audiences,
      logOrigin: env.LOG_ORIGIN,
    },
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
    ledger: ledgerReader(s3, env.LEDGER_BUCKET),
    attestationKey: attestationSigner(kms, env.ATTESTATION_KEY_ID).verifyingKey,
    checkpointKey: checkpointSigner(kms, env.CHECKPOINT_KEY_ID).publicKey,
    startSha256,
    newId: randomUUID,
    exports: exportStore(s3, env.EXCHANGE_BUCKET),
  }),
  log,
);
