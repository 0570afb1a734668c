import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readLearning } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const { matrix, groups } = readPolicyFolder(new URL("./policies/", import.meta.url));

export const handler = answering(
  readLearning({
    now,
    groups,
    matrix,
    verifyPerson: reviewerTokens({ issuer: env.OIDC_ISSUER, audiences: [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID] }),
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
    blobs: blobStore(new S3Client({}), env.LEDGER_BUCKET),
  }),
  log,
);
