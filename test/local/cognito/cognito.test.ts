import {
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
  ListUsersCommand,
  ListUsersInGroupCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, it, onTestFinished } from "vitest";

import { startCognito } from "../../../local/cognito/cognito.ts";
import { writePeople } from "../../../local/people.ts";
import { ada, grace, peopleFileIn } from "../people-fixture.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const pool = { UserPoolId: "us-east-1_local" };

async function open() {
  const peopleFile = peopleFileIn(scratchDirectory());
  const log = new RecordedCalls();
  const local = await startCognito({ peopleFile, userPoolId: "us-east-1_local", groups: ["auditor"], log });
  const cognito = new CognitoIdentityProviderClient({
    endpoint: local.url,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => local.close());
  onTestFinished(() => cognito.destroy());
  const usernames = async (GroupName: string) =>
    (await cognito.send(new ListUsersInGroupCommand({ ...pool, GroupName }))).Users?.map((user) => user.Username);
  return { cognito, log, peopleFile, usernames };
}

describe("the user pool", () => {
  it("lists the people of a group as they are now", async () => {
    const { usernames, peopleFile } = await open();
    expect(await usernames("sre")).toEqual(["ada"]);
    expect(await usernames("auditor")).toEqual([]);
    writePeople(peopleFile, [
      { ...ada, groups: [] },
      { ...grace, groups: ["sre"] },
    ]);
    expect(await usernames("sre")).toEqual(["grace"]);
    await expect(usernames("no-such-group")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("lists page by page", async () => {
    const { cognito } = await open();
    const first = await cognito.send(new ListUsersCommand({ ...pool, Limit: 1 }));
    expect(first.Users?.map((user) => user.Username)).toEqual(["ada"]);
    const token = { PaginationToken: first.PaginationToken ?? "" };
    const second = await cognito.send(new ListUsersCommand({ ...pool, Limit: 1, ...token }));
    expect(second.Users?.map((user) => user.Username)).toEqual(["grace"]);
    expect(second.PaginationToken).toBeUndefined();
  });

  it("finds a person by subject", async () => {
    const { cognito } = await open();
    const found = await cognito.send(new ListUsersCommand({ ...pool, Filter: `sub = "${grace.subject}"` }));
    expect(found.Users).toMatchObject([{ Username: "grace", Enabled: true, UserStatus: "CONFIRMED" }]);
    expect(found.Users?.[0]?.Attributes).toContainEqual({ Name: "email", Value: grace.email });
    const none = await cognito.send(new ListUsersCommand({ ...pool, Filter: 'sub = "nobody"' }));
    expect(none.Users).toEqual([]);
  });

  it("knows a person's groups and attributes", async () => {
    const { cognito } = await open();
    const { Groups } = await cognito.send(new AdminListGroupsForUserCommand({ ...pool, Username: "ada" }));
    expect(Groups?.map((group) => group.GroupName)).toEqual(ada.groups);
    const user = await cognito.send(new AdminGetUserCommand({ ...pool, Username: ada.subject }));
    expect(user.UserAttributes).toContainEqual({ Name: "sub", Value: ada.subject });
    const nobody = new AdminGetUserCommand({ ...pool, Username: "nobody" });
    await expect(cognito.send(nobody)).rejects.toMatchObject({ name: "UserNotFoundException" });
  });

  it("refuses other pools, other filters and other operations", async () => {
    const { cognito } = await open();
    const foreign = new ListUsersCommand({ UserPoolId: "us-east-1_other" });
    await expect(cognito.send(foreign)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const invalid = { name: "InvalidParameterException" };
    const starts = new ListUsersCommand({ ...pool, Filter: 'email ^= "a"' });
    await expect(cognito.send(starts)).rejects.toMatchObject(invalid);
    const some = new ListUsersCommand({ ...pool, AttributesToGet: ["email"] });
    await expect(cognito.send(some)).rejects.toMatchObject(invalid);
    const signUp = new SignUpCommand({ ClientId: "c", Username: "u", Password: "p" });
    await expect(cognito.send(signUp)).rejects.toMatchObject({ name: "UnknownOperationException" });
  });

  it("tells the log what IAM would judge", async () => {
    const { usernames, log } = await open();
    await usernames("sre");
    const arn = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_local";
    expect(log.take()).toEqual([`cognito-idp:ListUsersInGroup ${arn} 200`]);
  });
});
