import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { turnBooks } from "../../../adapters/dynamodb/turn-books.ts";
import { claimsMachineIssuer, machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { rememberedDirectory } from "../../people/remembered-directory.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { askQuestion } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const directory = reviewerDirectory(env);
const shownDirectory = rememberedDirectory(directory, now);
const issuers = readMachineIssuers(env.MACHINE_ISSUERS);
const verifyMachine = machineTokens(issuers);

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    askQuestion({
      now,
      turns: turnBooks(dynamodb, env.REPLAYS_TABLE),
      groups: policy.groups,
      people: policy.people,
      claimsMachine: (token) => claimsMachineIssuer(issuers, token),
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)).identity,
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      directory,
      shownDirectory,
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
