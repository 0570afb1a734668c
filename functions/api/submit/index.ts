import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { replayStore } from "../../../adapters/dynamodb/replays.ts";
import { machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { executionStarter } from "../../../adapters/stepfunctions/executions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { submit } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    submit({
      now,
      policies: policy,
      verifyMachine: machineTokens(readMachineIssuers(env.MACHINE_ISSUERS)),
      replays: replayStore(dynamodb, env.REPLAYS_TABLE),
      directory: reviewerDirectory(env),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      start: executionStarter(new SFNClient({}), env.STATE_MACHINE_ARN),
    }),
  ),
  log,
);
