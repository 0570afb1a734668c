import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { claimsMachineIssuer, machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { withdraw } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const issuers = readMachineIssuers(env.MACHINE_ISSUERS);
const verifyMachine = machineTokens(issuers);

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    withdraw({
      now,
      claimsMachine: (token) => claimsMachineIssuer(issuers, token),
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)).identity,
      people: policy.people,
      groups: policy.groups,
      directory: reviewerDirectory(env),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
