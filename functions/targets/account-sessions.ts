import { STSClient } from "@aws-sdk/client-sts";
import { targetSessions } from "../../adapters/sts/target-sessions.ts";
import { orUnavailable } from "../unavailable.ts";
import { type DeployingStep, sessionActions } from "./session-actions.ts";

/** Sessions of a step in the accounts of targets. */
export function accountSessions(step: DeployingStep): ReturnType<typeof targetSessions> {
  const client = new STSClient({});
  client.middlewareStack.add(orUnavailable("STS"), { step: "initialize", priority: "high" });
  return targetSessions(client, sessionActions[step]);
}
