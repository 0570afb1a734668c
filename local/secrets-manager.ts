import * as v from "valibot";
import type { AwsCallLog, LocalService } from "./aws/aws-call.ts";
import { AwsRefusal } from "./aws/aws-json-server.ts";
import { operation, serveOperations } from "./aws/aws-operations.ts";

/** By the secret's ARN: the texts that it holds, by their names. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Starts the stand-in for Secrets Manager, which holds what it is given and nothing else. */
export function startSecretsManager(options: {
  readonly secrets: Secrets;
  readonly log: AwsCallLog;
  readonly port: number;
}): Promise<LocalService> {
  const { secrets, log, port } = options;
  return serveOperations({
    target: "secretsmanager",
    operations: {
      GetSecretValue: operation(v.strictObject({ SecretId: v.string() }), "InvalidRequestException", (input, need) => {
        const { SecretId: arn } = input;
        need({ action: "secretsmanager:GetSecretValue", resource: arn });
        const secret = secrets[arn];
        if (secret === undefined)
          throw new AwsRefusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        return { ARN: arn, Name: arn.split(":secret:")[1] ?? arn, SecretString: JSON.stringify(secret) };
      }),
    },
    log,
    port,
    clock: Date.now,
  });
}
