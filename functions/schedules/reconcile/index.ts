import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { installationStore } from "../../../adapters/dynamodb/installation-store.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { reconciliationStore } from "../../../adapters/dynamodb/reconciliation-store.ts";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { storedItems } from "../../../adapters/dynamodb/stored-items.ts";
import { announcer } from "../../../adapters/eventbridge/announcer.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { readEntries, readLeaves } from "../../../core/ledger/read-log.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import { checkpointPath } from "../../../core/ledger/tiles.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { checkpointSignerInUse } from "../../keys/checkpoint-signer.ts";
import { generationsOf, recordOfKeyInUse } from "../../keys/key-generations.ts";
import { foundationsOf } from "../../ledger/foundations.ts";
import { installationHere } from "../../ledger/installation-here.ts";
import { factsIn, requireReadable } from "../../ledger/stored-facts.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { reconcile } from "./handler.ts";
import type { Pass } from "./pass.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const keyEntry = recordOfKeyInUse("checkpoint", generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS));
const { keyFacts } = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const signer = checkpointSignerInUse(new KMSClient({}), env, { keyFacts });
const store = sequencerStore(dynamodb, env.LEDGER_TABLE);
const table = storedItems(dynamodb, env.PROMOTIONS_TABLE, requireReadable);
const aliases = { mode: env.OBJECT_LOCK_MODE, days: Number(env.ALIAS_RETENTION_DAYS), now };
const objects = ledgerObjects(s3, env.LEDGER_BUCKET, aliases);

export const handler = reconcile({
  now,
  log,
  passes: reconciliationStore<Pass>(dynamodb, env.LEDGER_TABLE),
  table,
  ledger: {
    size: async () => {
      const checkpoint = await objects.get(checkpointPath);
      return checkpoint === undefined ? 0 : parseCheckpoint(checkpoint).checkpoint.size;
    },
    markers: store.markers,
    leaves: (indices, size) => readLeaves(indices, size, objects.get),
    entries: (first, size) => readEntries(first, size, objects.get),
  },
  inLedger: store.markers,
  historyOf: async (id) =>
    (await table.itemsBehind([{ id: `${id}/0`, promotion: id }])).flatMap((item) => factsIn(item)),
  installationTold: installationStore(dynamodb, env.LEDGER_TABLE).load,
  installation: installationHere(dynamodb, env),
  keyFacts,
  foundations: foundationsOf({
    inLedger: store.markers,
    itemOf: async (fact) => (await table.itemsBehind([fact]))[0],
  }),
  blobs: blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
  sequence: async (entries) => {
    const ports = { store, objects, signer: await signer(), clock: now };
    return sequence(entries, { ...ports, ...(keyEntry === undefined ? {} : { keyEntry }) });
  },
  announce: announcer(new EventBridgeClient({}), env.EVENT_BUS_NAME),
});
