import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { machineTokens } from "../../../adapters/oidc/machine-tokens.ts";
import { isSignedWebhook, webhookKey } from "../../../adapters/webhooks/standard-webhook.ts";
import { identifyMachine } from "../../../core/approval/machine-identity.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { readMachineIssuers } from "../../people/machine-issuers.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { targetSecrets } from "../../targets/target-secrets.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { reportDeployment } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const secret = targetSecrets(env.TARGET_SECRET_ID);
const verifyMachine = machineTokens(readMachineIssuers(env.MACHINE_ISSUERS));

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    reportDeployment({
      now,
      verifyMachine: async (token) => identifyMachine(policy.machines, await verifyMachine(token)).identity,
      isReceiver: async ({ headers, body }, name) => {
        const key = webhookKey((await secret(name)) ?? "");
        const message = {
          id: headers["webhook-id"],
          timestamp: headers["webhook-timestamp"],
          signature: headers["webhook-signature"],
          body: fromUtf8(body),
        };
        return key !== undefined && isSignedWebhook(key, message, Date.now());
      },
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
    }),
  ),
  log,
);
