import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { checkpointSigner } from "../../../adapters/kms/signer.ts";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { republishCheckpoint as republish } from "../../../core/ledger/sequence.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { keyEndInLog } from "../../keys/checkpoint-signer.ts";
import { generationsOf, recordOfKeyInUse } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { republishCheckpoint } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const generations = generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS);
const keyEntry = recordOfKeyInUse("checkpoint", generations);
const key = checkpointSigner(new KMSClient({}), env.CHECKPOINT_KEY_ID);
const store = sequencerStore(new DynamoDBClient({}), env.LEDGER_TABLE);
const keyHasEnded = keyEndInLog(generations, store);
const aliases = { mode: env.OBJECT_LOCK_MODE, days: Number(env.ALIAS_RETENTION_DAYS), now };
const objects = ledgerObjects(new S3Client({}), env.LEDGER_BUCKET, aliases);

export const handler = republishCheckpoint({
  log,
  republish: async () => {
    const signer = { origin: env.LOG_ORIGIN, publicKey: await key.publicKey(), sign: key.sign };
    const ifOlderThanSeconds = Number(env.CHECKPOINT_SECONDS);
    const ports = { store, objects, signer, clock: now, keyHasEnded, ...(keyEntry === undefined ? {} : { keyEntry }) };
    return republish(ports, { ifOlderThanSeconds });
  },
});
