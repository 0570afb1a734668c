import { S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { verifyEd25519 } from "../../../adapters/node-crypto/signatures.ts";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { checkpointSender } from "../../../adapters/witness/send-checkpoint.ts";
import { cosignPublished } from "../../../core/ledger/cosign.ts";
import { parseVerifierKey } from "../../../core/ledger/note-key.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { cosignCheckpoint } from "./handler.ts";

const env = readEnvironment(environment, process.env);
// A cosignature proves itself; what stands on the way could only withhold it, and on one's own machine nothing does.
const url = v.pipe(v.string(), v.url(), v.regex(/^(https:\/\/|http:\/\/127\.0\.0\.1:)/, "must be an https address"));
const configured = v.parse(v.array(v.strictObject({ url, key: v.string() })), JSON.parse(env.WITNESSES));
const witnesses = configured.map((each) => ({ key: parseVerifierKey(each.key), send: checkpointSender(each.url) }));
const aliases = { mode: env.OBJECT_LOCK_MODE, days: Number(env.ALIAS_RETENTION_DAYS), now };
const objects = ledgerObjects(new S3Client({}), env.LEDGER_BUCKET, aliases);

export const handler = cosignCheckpoint({
  log,
  cosign: async () =>
    witnesses.length === 0 ? [] : cosignPublished({ objects, witnesses, verify: verifyEd25519, clock: now }),
});
