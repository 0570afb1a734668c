import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { passkeyStore } from "../../../adapters/dynamodb/passkeys.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { readPasskeys } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const { groups } = readPolicyFolder(new URL("./policies/", import.meta.url));

export const handler = answering(
  readPasskeys({
    now,
    groups,
    verifyPerson: reviewerTokens({ issuer: env.OIDC_ISSUER, audiences: [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID] }),
    passkeys: passkeyStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
  }),
  log,
);
