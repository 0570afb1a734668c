import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { loanBooks } from "../../../adapters/dynamodb/loan-books.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { taskTokenStore } from "../../../adapters/dynamodb/task-tokens.ts";
import { blobReader } from "../../../adapters/s3/blobs.ts";
import { taskBell } from "../../../adapters/stepfunctions/executions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { eachPromotion } from "../each-promotion.ts";
import { environment } from "./env.ts";
import { decide } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = eachPromotion(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    decide({
      now,
      policy,
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      blobs: blobReader(new S3Client({}), env.LEDGER_BUCKET),
      delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
      directory: reviewerDirectory(env),
      tokens: taskTokenStore(dynamodb, env.TASK_TOKENS_TABLE),
      loanBooks: loanBooks(dynamodb, env.PROMOTIONS_TABLE),
      ring: taskBell(new SFNClient({})),
    }),
  ),
  log,
);
