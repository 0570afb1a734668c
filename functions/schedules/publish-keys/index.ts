import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { attestationSigner, checkpointSigner } from "../../../adapters/kms/signer.ts";
import { keyGeneration } from "../../../core/attestation/key-record.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeys, checkpointKeys, generationsOf } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { publishKeys } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const kms = new KMSClient({});
const attestation = generationsOf(env.ATTESTATION_KEY_ID, env.ATTESTATION_KEY_IDS);
const checkpoint = generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS);
const facts = promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE);
const recorded = { keyFacts: facts.keyFacts, attestationBase: env.ATTESTATION_BASE };
const sign = attestationSigner(kms, env.ATTESTATION_KEY_ID).sign;

export const handler = publishKeys({
  now,
  log,
  attestationBase: env.ATTESTATION_BASE,
  facts,
  roles: [
    {
      role: "attestation",
      inUse: attestation.inUse,
      generations: async () => {
        const keys = await attestationKeys(kms, attestation, recorded)();
        return keys.map(({ generation, pem }) => keyGeneration("attestation", generation, pem));
      },
      sign: (message) => sign(sha256Bytes(message)),
    },
    {
      role: "checkpoint",
      inUse: checkpoint.inUse,
      generations: checkpointKeys(kms, checkpoint, { ...recorded, logOrigin: env.LOG_ORIGIN }),
      sign: checkpointSigner(kms, env.CHECKPOINT_KEY_ID).sign,
    },
  ],
});
