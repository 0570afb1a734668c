import { S3Client } from "@aws-sdk/client-s3";
import { verifyEd25519 } from "../../../adapters/node-crypto/signatures.ts";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { checkpointSender } from "../../../adapters/witness/send-checkpoint.ts";
import { cosignPublished } from "../../../core/ledger/cosign.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { configuredWitnesses } from "../../ledger/configured-witnesses.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { cosignCheckpoint } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const witnesses = configuredWitnesses(env.WITNESSES).map(({ url, key }) => ({ key, send: checkpointSender(url) }));
const aliases = { mode: env.OBJECT_LOCK_MODE, days: Number(env.ALIAS_RETENTION_DAYS), now };
const objects = ledgerObjects(new S3Client({}), env.LEDGER_BUCKET, aliases);

export const handler = cosignCheckpoint({
  log,
  cosign: async () =>
    witnesses.length === 0 ? [] : cosignPublished({ objects, witnesses, verify: verifyEd25519, clock: now }),
});
