import { S3Client } from "@aws-sdk/client-s3";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { checkpointPath } from "../../../core/ledger/tiles.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readCheckpoint } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const objects = ledgerObjects(new S3Client({}), env.LEDGER_BUCKET);

export const handler = answering(readCheckpoint({ readCheckpoint: () => objects.get(checkpointPath) }), log);
