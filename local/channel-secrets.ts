import * as v from "valibot";
import { type AwsCallLog, type LocalService, localAccount, localRegion } from "./aws-call.ts";
import { AwsRefusal } from "./aws-json-server.ts";
import { operation, serveOperations } from "./aws-operations.ts";

/** The secrets of local/channels.yaml. They open nothing but the receivers of this machine. */
export const channelSecrets = {
  slack: "xoxb-local",
  "slack-signing": "signs-locally",
  teams: "https://teams.example/workflows/1?sig=local",
  jira: "bot@example.com:local",
  audit: `whsec_${Buffer.from("a secret of this machine, alone.").toString("base64")}`,
} as const;

/** Of the one secret that there is. */
export const channelSecretArn = `arn:aws:secretsmanager:${localRegion}:${localAccount}:secret:channels`;

/** Starts the stand-in for Secrets Manager, which holds the secrets of the channels and nothing else. */
export function startChannelSecrets(options: {
  readonly log: AwsCallLog;
  readonly port: number;
}): Promise<LocalService> {
  return serveOperations({
    target: "secretsmanager",
    operations: {
      GetSecretValue: operation(v.strictObject({ SecretId: v.string() }), "InvalidRequestException", (input, need) => {
        need({ action: "secretsmanager:GetSecretValue", resource: input.SecretId });
        if (input.SecretId !== channelSecretArn)
          throw new AwsRefusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        return { ARN: channelSecretArn, Name: "channels", SecretString: JSON.stringify(channelSecrets) };
      }),
    },
    log: options.log,
    port: options.port,
    clock: Date.now,
  });
}
