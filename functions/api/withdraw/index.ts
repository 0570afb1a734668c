import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../machine-issuers.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { withdraw } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const { machines } = readPolicyFolder(new URL("./policies/", import.meta.url));
const verifyMachine = machineTokens(readMachineIssuers(env.MACHINE_ISSUERS));

export const handler = answering(
  withdraw({
    now,
    verifyMachine: async (token) => identifyMachine(machines, await verifyMachine(token)).identity,
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
  }),
  log,
);
