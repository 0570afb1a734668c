import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { STSClient } from "@aws-sdk/client-sts";
import { changeSets } from "../adapters/cloudformation/change-sets.ts";
import { type SessionCredentials, targetSessions } from "../adapters/sts/target-sessions.ts";
import { type DeployingStep, sessionActions } from "./session-actions.ts";
import type { PlanPorts } from "./steps/deploy/applied-plans.ts";
import { accountOf } from "./target-accounts.ts";
import { orUnavailable } from "./unavailable.ts";

/** Change sets where they are: in the account of the promotion's target, and in our region. */
export function changeSetsOf(step: DeployingStep): PlanPorts["describeChangeSet"] {
  const sts = new STSClient({});
  sts.middlewareStack.add(orUnavailable("STS"), { step: "initialize", priority: "high" });
  const sessions = targetSessions(sts, sessionActions[step]);
  const here = changeSets(cloudFormation({}));
  return async (id, withValues, { id: promotion, manifest }) => {
    const account = accountOf(manifest.target);
    if (account === undefined) return here(id, withValues);
    return changeSets(cloudFormation({ credentials: await sessions(account, promotion) }))(id, withValues);
  };
}

function cloudFormation(elsewhere: { readonly credentials?: SessionCredentials }): CloudFormationClient {
  const client = new CloudFormationClient(elsewhere);
  client.middlewareStack.add(orUnavailable("CloudFormation"), { step: "initialize", priority: "high" });
  return client;
}
