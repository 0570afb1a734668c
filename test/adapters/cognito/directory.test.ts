import type { CognitoIdentityProviderClient, UserType } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, it } from "vitest";
import { cognitoDirectory } from "../../../adapters/cognito/directory.ts";

const issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool";

interface Input {
  readonly GroupName?: string;
  readonly PaginationToken?: string;
  readonly NextToken?: string;
}

/** Answers as a user pool does, one user a page. */
function pool(users: readonly UserType[], groups: Readonly<Record<string, readonly string[]>>, failing?: string) {
  const page = (of: readonly UserType[], from = "0") => {
    const next = Number(from) + 1;
    return { Users: of.slice(Number(from), next), next: next < of.length ? String(next) : undefined };
  };
  const send = async ({
    input,
    constructor: { name },
  }: {
    readonly input: Input;
    readonly constructor: { readonly name: string };
  }) => {
    if (name === failing) throw Object.assign(new Error(failing), { name: "ResourceNotFoundException" });
    if (name === "ListUsersCommand") {
      const { Users, next } = page(users, input.PaginationToken);
      return { Users, PaginationToken: next };
    }
    const members = groups[input.GroupName ?? ""];
    if (input.GroupName === "throttled") throw Object.assign(new Error("slow"), { name: "TooManyRequestsException" });
    if (members === undefined)
      throw Object.assign(new Error("Group not found."), { name: "ResourceNotFoundException" });
    const { Users, next } = page(
      users.filter(({ Username }) => members.includes(Username ?? "")),
      input.NextToken,
    );
    return { Users, NextToken: next };
  };
  return cognitoDirectory({ send } as unknown as CognitoIdentityProviderClient, "eu-central-1_pool", issuer);
}

function user(name: string, over: Partial<UserType> = {}): UserType {
  return {
    Username: name,
    Enabled: true,
    Attributes: [
      { Name: "sub", Value: `sub-${name}` },
      { Name: "name", Value: name },
      { Name: "email", Value: `${name}@example.org` },
    ],
    ...over,
  };
}

describe("the people of a user pool", () => {
  const users = [user("cora"), user("dana"), user("sam", { Enabled: false })];

  it("are everybody, each with the groups that were asked for, over all pages", async () => {
    const found = await pool(users, { risk: ["cora", "dana"], sre: ["dana"], others: ["sam"] }).everybody([
      "risk",
      "sre",
    ]);
    expect(found.map(({ name, groups, enabled }) => ({ name, groups, enabled }))).toEqual([
      { name: "cora", groups: ["risk"], enabled: true },
      { name: "dana", groups: ["risk", "sre"], enabled: true },
      { name: "sam", groups: [], enabled: false },
    ]);
    expect(found[0]).toMatchObject({ identity: { issuer, subject: "sub-cora" }, address: "cora@example.org" });
  });

  it("are in no group that is not there: a name that the matrix has wrong keeps nobody from deciding in other roles", async () => {
    const found = await pool(users, { risk: ["cora"] }).everybody(["mistyped", "risk"]);
    expect(found.flatMap(({ groups }) => groups)).toEqual(["risk"]);
  });

  it("are not told in part: more than can be looked through in time are refused", async () => {
    const users = Array.from({ length: 10_001 }, (_, at) => user(`user ${at}`));
    await expect(pool(users, { risk: [] }).everybody(["risk"])).rejects.toMatchObject({
      code: "directory-too-large",
      message: expect.stringContaining("more than 10000 people"),
    });
    expect(await pool(users.slice(1), { risk: [] }).everybody(["risk"])).toHaveLength(10_000);
  });

  it("are not told where the pool is not there, or a group cannot be read at the moment", async () => {
    await expect(pool(users, {}, "ListUsersCommand").everybody(["risk"])).rejects.toThrow();
    await expect(pool(users, { risk: [] }).everybody(["throttled"])).rejects.toMatchObject({
      name: "TooManyRequestsException",
    });
  });
});
