import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../reviewer-directory.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { simulatePolicy } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const policy = readPolicyFolder(new URL("./policies/", import.meta.url));

export const handler = answering(
  simulatePolicy({
    now,
    policy,
    groups: policy.groups,
    evaluate: compiledPolicy(policy.wasm).evaluate,
    directory: reviewerDirectory(env),
    verifyPerson: reviewerTokens({ issuer: env.OIDC_ISSUER, audiences: [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID] }),
  }),
  log,
);
