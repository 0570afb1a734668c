import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it, onTestFinished } from "vitest";
import { startSts } from "../../local/sts.ts";
import { credentials, RecordedCalls } from "./recorded-calls.ts";

const arn = "arn:aws:iam::222233334444:role/countersign-deploys";

async function scene() {
  const log = new RecordedCalls();
  const service = await startSts({ roles: [{ arn, externalId: "seven", principal: "THEIRS" }], log, now: () => 0 });
  onTestFinished(() => service.close());
  const client = new STSClient({ endpoint: service.url, region: "us-east-1", credentials, maxAttempts: 1 });
  const session = { RoleArn: arn, RoleSessionName: "p-1", DurationSeconds: 900 };
  const enter = (over: object) => client.send(new AssumeRoleCommand({ ...session, ...over }));
  return { log, client, enter };
}

it("lets in whoever names the external id, with a session of its own and its tags in the log", async () => {
  const { enter, log } = await scene();
  const { Credentials: given } = await enter({ ExternalId: "seven", Tags: [{ Key: "promotion", Value: "p-1" }] });
  expect(given).toMatchObject({ AccessKeyId: "THEIRS", SessionToken: "p-1", Expiration: new Date(900_000) });
  const tags = { "aws:RequestTag/promotion": "p-1" };
  expect(log.calls.map(({ action, resource, context }) => ({ action, resource, context }))).toEqual([
    {
      action: "sts:AssumeRole",
      resource: arn,
      context: { "sts:ExternalId": "seven", "sts:RoleSessionName": "p-1", ...tags },
    },
    { action: "sts:TagSession", resource: arn, context: tags },
  ]);
});

it("lets in nobody without it, nor into another role", async () => {
  const { enter, log } = await scene();
  await expect(enter({ ExternalId: "eight" })).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(enter({ ExternalId: "seven", RoleArn: `${arn}-2` })).rejects.toMatchObject({ name: "AccessDenied" });
  expect(log.calls.map(({ status }) => status)).toEqual([403, 403]);
});

it("refuses what it does not carry", async () => {
  const { client, enter } = await scene();
  await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toThrow("GetCallerIdentity is not carried");
  await expect(enter({ ExternalId: "seven", SerialNumber: "mfa-device-1" })).rejects.toThrow(
    "SerialNumber is not carried",
  );
});
