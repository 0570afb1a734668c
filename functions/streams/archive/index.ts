import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../../../adapters/dynamodb/item.ts";
import { readPromotionsItem } from "../../../adapters/dynamodb/promotion-items.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { storedItems } from "../../../adapters/dynamodb/stored-items.ts";
import { announcer } from "../../../adapters/eventbridge/announcer.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { checkpointSignerInUse } from "../../keys/checkpoint-signer.ts";
import { generationsOf, recordOfKeyInUse } from "../../keys/key-generations.ts";
import { foundationsOf } from "../../ledger/foundations.ts";
import { installationHere } from "../../ledger/installation-here.ts";
import { requireReadable } from "../../ledger/stored-facts.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { archive } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const s3 = new S3Client({});
const keyEntry = recordOfKeyInUse("checkpoint", generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS));
const dynamodb = new DynamoDBClient({});
const { keyFacts } = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const signer = checkpointSignerInUse(new KMSClient({}), env, { keyFacts });
const items = storedItems(dynamodb, env.PROMOTIONS_TABLE, requireReadable);
const store = sequencerStore(dynamodb, env.LEDGER_TABLE);
const aliases = { mode: env.OBJECT_LOCK_MODE, days: Number(env.ALIAS_RETENTION_DAYS), now };
const objects = ledgerObjects(s3, env.LEDGER_BUCKET, aliases);

export const handler = archive({
  log,
  read: (image) => readPromotionsItem(image as Item),
  inLedger: store.markers,
  historyOf: items.historyOf,
  installation: installationHere(dynamodb, env),
  keyFacts,
  foundations: foundationsOf({ inLedger: store.markers, itemOf: items.itemOf }),
  blobs: blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
  sequence: async (entries) => {
    const ports = { store, objects, signer: await signer(), clock: now };
    return sequence(entries, { ...ports, ...(keyEntry === undefined ? {} : { keyEntry }) });
  },
  announce: announcer(new EventBridgeClient({}), env.EVENT_BUS_NAME),
});
