import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { simulatePolicy } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    simulatePolicy({
      now,
      policy,
      inForce: policyStore(dynamodb, env.PROMOTIONS_TABLE).inForce,
      groups: policy.groups,
      evaluate: compiledPolicy(policy.wasm).evaluate,
      directory: reviewerDirectory(env),
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
    }),
  ),
  log,
);
