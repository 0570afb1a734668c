import type { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "vitest";
import { roleSession } from "../../../adapters/sts/role-session.ts";
import { refused } from "../../core/refusal.ts";

const role = "arn:aws:iam::222233334444:role/directory";
const Expiration = new Date(0);

it("is held to what it is for, and says when it ends", async () => {
  const asked: AssumeRoleCommand["input"][] = [];
  const client = {
    send: async ({ input }: AssumeRoleCommand) => {
      asked.push(input);
      return { Credentials: { AccessKeyId: "ASIA", SecretAccessKey: "secret", SessionToken: "token", Expiration } };
    },
  } as unknown as STSClient;
  expect(await roleSession(client, role, ["identitystore:ListUsers"])()).toEqual({
    accessKeyId: "ASIA",
    secretAccessKey: "secret",
    sessionToken: "token",
    expiration: Expiration,
  });
  expect(asked).toEqual([
    {
      RoleArn: role,
      RoleSessionName: "countersign",
      Policy:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["identitystore:ListUsers"],"Resource":"*"}]}',
    },
  ]);
});

it("without credentials is to be tried again", async () => {
  const client = { send: async () => ({}) } as unknown as STSClient;
  expect((await refused(roleSession(client, role, [])())).code).toBe("unavailable");
});
