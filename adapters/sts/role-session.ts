import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import { Failure } from "../../core/failure.ts";
import { credentialsIn, type SessionCredentials } from "./target-sessions.ts";

/** Credentials that an SDK client asks for again shortly before they end. */
export type EndingCredentials = SessionCredentials & { readonly expiration: Date };

/**
 * Sessions in a role of another account, held to `actions` whatever the role there may do.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function roleSession(client: STSClient, role: string, actions: readonly string[]) {
  return async (): Promise<EndingCredentials> => {
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
    });
    const { Credentials: given } = await client.send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "countersign", Policy }),
    );
    const credentials = credentialsIn(given);
    if (credentials === undefined || given?.Expiration === undefined)
      throw new Failure("unavailable", `STS gave no credentials for the role '${role}'.`);
    return { ...credentials, expiration: given.Expiration };
  };
}
