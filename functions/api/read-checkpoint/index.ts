import { S3Client } from "@aws-sdk/client-s3";
import { ledgerReader } from "../../../adapters/s3/ledger-reader.ts";
import { checkpointPath } from "../../../core/ledger/tiles.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readCheckpoint } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const objects = ledgerReader(new S3Client({}), env.LEDGER_BUCKET);

export const handler = answering(readCheckpoint({ readCheckpoint: () => objects.get(checkpointPath) }), log);
