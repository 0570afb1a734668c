import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { loanBooks } from "../../../adapters/dynamodb/loan-books.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { expire } from "./handler.ts";

const env = readEnvironment(environment, process.env);

const dynamodb = new DynamoDBClient({});

export const handler = step(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    expire({
      now,
      policy,
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
      directory: reviewerDirectory(env),
      loanBooks: loanBooks(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
