import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { blobReader } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readLearning } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    readLearning({
      now,
      groups: policy.groups,
      matrix: policy.matrix,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      blobs: blobReader(new S3Client({}), env.LEDGER_BUCKET),
    }),
  ),
  log,
);
