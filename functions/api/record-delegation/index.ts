import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { attestationSigner } from "../../../adapters/kms/signer.ts";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../reviewer-directory.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { recordDelegation } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const signer = attestationSigner(new KMSClient({}), env.ATTESTATION_KEY_ID);

export const handler = answering(
  recordDelegation({
    now,
    attestationBase: env.ATTESTATION_BASE,
    policy: readPolicyFolder(new URL("./policies/", import.meta.url)),
    delegations: delegationStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
    directory: reviewerDirectory(env),
    verifyReviewer: reviewerTokens({ issuer: env.OIDC_ISSUER, audiences: [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID] }),
    sign: signer.sign,
    verifyingKey: signer.verifyingKey,
  }),
  log,
);
