import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { expect, it, onTestFinished } from "vitest";
import { startSecretsManager } from "../../local/secrets-manager.ts";
import { credentials, RecordedCalls } from "./recorded-calls.ts";

const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:targets";

it("answers what a secret holds by its ARN, and knows no other", async () => {
  const log = new RecordedCalls();
  const service = await startSecretsManager({ secrets: { [arn]: { edge: "whsec_1" } }, log, port: 0 });
  onTestFinished(() => service.close());
  const client = new SecretsManagerClient({ endpoint: service.url, region: "us-east-1", credentials, maxAttempts: 1 });
  const read = (SecretId: string) => client.send(new GetSecretValueCommand({ SecretId }));
  expect(await read(arn)).toMatchObject({ ARN: arn, Name: "targets", SecretString: '{"edge":"whsec_1"}' });
  await expect(read(`${arn}-2`)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  expect(log.take()).toEqual([
    `secretsmanager:GetSecretValue ${arn} 200`,
    `secretsmanager:GetSecretValue ${arn}-2 400`,
  ]);
});
