import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { channelSecrets } from "../../adapters/secrets-manager/channel-secrets.ts";
import { orUnavailable } from "../unavailable.ts";

/** The targets' secrets, by their names. */
export function targetSecrets(secretId: string): (name: string) => Promise<string | undefined> {
  const client = new SecretsManagerClient({});
  client.middlewareStack.add(orUnavailable("Secrets Manager"), { step: "initialize", priority: "high" });
  return channelSecrets(client, secretId, () => Date.now());
}
