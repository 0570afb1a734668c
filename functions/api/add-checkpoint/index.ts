import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { witnessedHeads } from "../../../adapters/dynamodb/witnessed-heads.ts";
import { checkpointSigner } from "../../../adapters/kms/signer.ts";
import { verifyEd25519 } from "../../../adapters/node-crypto/signatures.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import { addCheckpoint as witness } from "../../../core/ledger/witness.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { watchedLogs } from "../../ledger/configured-witnesses.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { addCheckpoint } from "./handler.ts";

const env = readEnvironment(environment, process.env);
// The name of a log's key is the log's origin (c2sp.org/tlog-checkpoint).
const logs = new Map(
  [...Map.groupBy(watchedLogs(env.WATCHED_LOGS), ({ name }) => name)].map(([origin, keys]) => [
    origin,
    keys.map(({ publicKey }) => publicKey),
  ]),
);
const signer = checkpointSigner(new KMSClient({}), env.WITNESS_KEY_ID);
const heads = witnessedHeads(new DynamoDBClient({}), env.HEADS_TABLE);

export const handler = answering(
  addCheckpoint({
    log,
    witness: async (body) =>
      witness(body, {
        logs,
        heads,
        key: noteKey(env.WITNESS_NAME, "cosignature/v1", await signer.publicKey()),
        sign: signer.sign,
        verify: verifyEd25519,
        clock: now,
      }),
  }),
  log,
);
