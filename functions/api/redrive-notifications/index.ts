import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { announcer } from "../../../adapters/eventbridge/announcer.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { undeliveredQueue } from "../../../adapters/sqs/undelivered.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { redriveNotifications } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    redriveNotifications({
      now,
      roles: policy.matrix.roles,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      queue: undeliveredQueue(new SQSClient({ useQueueUrlAsEndpoint: false }), env.UNDELIVERED_QUEUE_URL),
      announce: announcer(new EventBridgeClient({}), env.EVENT_BUS_NAME),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
