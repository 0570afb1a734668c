import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { changeSets } from "../../adapters/cloudformation/change-sets.ts";
import type { PlanPorts } from "../steps/deploy/applied-plans.ts";
import { orUnavailable } from "../unavailable.ts";
import { accountSessions, inSession } from "./account-sessions.ts";
import type { DeployingStep } from "./session-actions.ts";
import { accountOf } from "./target-accounts.ts";

/** Change sets where they are: in the account of the promotion's target, and in our region. */
export function changeSetsOf(step: DeployingStep): PlanPorts["describeChangeSet"] {
  const sessions = accountSessions(step);
  const here = changeSets(cloudFormation({}));
  return async (id, withValues, { id: promotion, manifest }) => {
    const account = accountOf(manifest.target);
    if (account === undefined) return here(id, withValues);
    return changeSets(cloudFormation(inSession(await sessions(account, promotion))))(id, withValues);
  };
}

function cloudFormation(elsewhere: Partial<ReturnType<typeof inSession>>): CloudFormationClient {
  const client = new CloudFormationClient(elsewhere);
  client.middlewareStack.add(orUnavailable("CloudFormation"), { step: "initialize", priority: "high" });
  return client;
}
