import { STSClient } from "@aws-sdk/client-sts";
import { type SessionCredentials, targetSessions } from "../../adapters/sts/target-sessions.ts";
import { orUnavailable } from "../unavailable.ts";
import { type DeployingStep, sessionActions } from "./session-actions.ts";

/** Sessions of a step in the accounts of targets. */
export function accountSessions(step: DeployingStep): ReturnType<typeof targetSessions> {
  const client = new STSClient({});
  client.middlewareStack.add(orUnavailable("STS"), { step: "initialize", priority: "high" });
  return targetSessions(client, sessionActions[step]);
}

const { requestHandler } = new STSClient({}).config;

/**
 * What a client is given to speak in a session: clients are made for each and dropped with it, so they share one set of
 * connections. Those of their own would stay open until the other side closes them, and Lambda counts them:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution
 */
export function inSession(credentials: SessionCredentials) {
  return { credentials, requestHandler };
}
