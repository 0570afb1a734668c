import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { passkeyStore } from "../../../adapters/dynamodb/passkeys.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readPasskeys } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    readPasskeys({
      now,
      groups: policy.groups,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      passkeys: passkeyStore(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
