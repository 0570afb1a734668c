import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { requireKeepable } from "../../../adapters/dynamodb/kept-policies.ts";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { builtinsWithin } from "../../../adapters/opa/builtins.ts";
import { timedPolicies } from "../../../adapters/opa/timed-policies.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { incomingFiles } from "../../../adapters/s3/incoming.ts";
import { executionStarter } from "../../../adapters/stepfunctions/executions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { reviewerSignIns } from "../../people/reviewer-sign-ins.ts";
import { policyInForce, underPolicy } from "../../policies/policy-in-force.ts";
import { channelKinds } from "../../telling/channel-kinds.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { proposePolicy } from "./handler.ts";

/** Wasm that somebody sent may never come to an end; the gates take milliseconds, and the function has half a minute. */
const longestTrialMs = 5_000;

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const policies = policyStore(dynamodb, env.PROMOTIONS_TABLE);
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const deployed = readPolicyFolder(new URL("./policies/", import.meta.url));

export const handler = answering(
  underPolicy(policyInForce({ deployed, policies }), (policy) =>
    proposePolicy({
      now,
      policy,
      inForce: policies.inForce,
      tryGates: (wasm) => timedPolicies(longestTrialMs)(wasm),
      builtinsIn: builtinsWithin(longestTrialMs),
      requireKeepable,
      // To check a file by: nothing is sent from here.
      channelKinds: channelKinds({ SENDER_ADDRESS: "", MAIL_CONFIGURATION_SET: "" }),
      directory: reviewerDirectory(env),
      verifyPerson: reviewerTokens(reviewerSignIns(env)),
      promotions,
      files: incomingFiles(s3, env.EXCHANGE_BUCKET),
      start: executionStarter(new SFNClient({}), env.STATE_MACHINE_ARN),
    }),
  ),
  log,
);
