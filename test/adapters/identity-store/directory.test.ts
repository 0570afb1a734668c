import type { IdentitystoreClient, User } from "@aws-sdk/client-identitystore";
import { describe, expect, it } from "vitest";
import { identityStoreDirectory } from "../../../adapters/identity-store/directory.ts";

const issuer = "https://id.example";

/** Answers as IAM Identity Center does, two of a kind a page. */
function store(users: readonly User[], groups: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const paged = <Item>(items: readonly Item[], from = "0") => {
    const next = Number(from) + 2;
    return { page: items.slice(Number(from), next), NextToken: next < items.length ? String(next) : undefined };
  };
  const send = async (command: { readonly input: Input }) => {
    const { input } = command;
    const { name: operation } = command.constructor;
    asked.push(operation);
    expect(input.IdentityStoreId).toBe("d-1234567890");
    switch (operation) {
      case "ListUsersCommand": {
        const { page, NextToken } = paged(users, input.NextToken);
        return { Users: page, NextToken };
      }
      case "GetGroupIdCommand": {
        const name = input.AlternateIdentifier?.UniqueAttribute?.AttributeValue ?? "";
        if (groups[name] !== undefined) return { GroupId: `id of ${name}` };
        if (name === "kept-from-us") throw named("AccessDeniedException");
        throw named("ResourceNotFoundException");
      }
      case "ListGroupMembershipsCommand": {
        const { page, NextToken } = paged(groups[(input.GroupId ?? "").slice("id of ".length)] ?? [], input.NextToken);
        return { GroupMemberships: page.map((UserId) => ({ MemberId: { UserId } })), NextToken };
      }
      default:
        throw new Error(`${operation} is not asked.`);
    }
  };
  return {
    asked,
    directory: identityStoreDirectory({ send } as unknown as IdentitystoreClient, "d-1234567890", issuer),
  };
}

interface Input {
  readonly IdentityStoreId: string;
  readonly NextToken?: string;
  readonly GroupId?: string;
  readonly AlternateIdentifier?: { readonly UniqueAttribute?: { readonly AttributeValue: string } };
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

function user(UserId: string, over: Partial<User> = {}): User {
  return {
    IdentityStoreId: "d-1234567890",
    UserId,
    UserName: `${UserId}@example.org`,
    DisplayName: `Name of ${UserId}`,
    ExternalIds: [{ Issuer: "https://scim.example", Id: `sub-${UserId}` }],
    Emails: [{ Value: `${UserId}@private.example` }, { Value: `${UserId}@example.org`, Primary: true }],
    UserStatus: "ENABLED",
    ...over,
  };
}

describe("the directory of an identity store", () => {
  it("has everybody, page by page, by the subject of their tokens and with the groups that were asked for", async () => {
    const { directory, asked } = store([user("ines"), user("lars"), user("mira")], {
      compliance: ["ines", "mira", "lars"],
      sre: ["mira"],
      others: ["ines"],
    });
    expect(await directory.everybody(["compliance", "sre", "compliance"])).toEqual([
      {
        identity: { issuer, subject: "sub-ines" },
        name: "Name of ines",
        address: "ines@example.org",
        groups: ["compliance"],
        enabled: true,
      },
      expect.objectContaining({ name: "Name of lars", groups: ["compliance"] }),
      expect.objectContaining({ name: "Name of mira", groups: ["compliance", "sre"] }),
    ]);
    expect(asked.filter((name) => name === "ListUsersCommand")).toHaveLength(2);
  });

  it("has everybody or refuses: more than can be looked through in time", async () => {
    const users = Array.from({ length: 10_001 }, (_, at) => user(`user ${at}`));
    await expect(store(users, {}).directory.everybody([])).rejects.toMatchObject({ code: "directory-too-large" });
    expect(await store(users.slice(1), {}).directory.everybody([])).toHaveLength(10_000);
  });

  it.each<[string, Partial<User>]>([
    ["has no external id", { ExternalIds: undefined }],
    [
      "has several external ids, of which nobody says which one signs in",
      {
        ExternalIds: [
          { Issuer: "a", Id: "1" },
          { Issuer: "b", Id: "2" },
        ],
      },
    ],
  ])("leaves out who %s", async (_, over) => {
    expect(await store([user("ines", over)], { sre: ["ines"] }).directory.everybody(["sre"])).toEqual([]);
  });

  it.each<[string, Partial<User>]>([
    ["is disabled", { UserStatus: "DISABLED" }],
    ["has no status that is known", { UserStatus: undefined }],
  ])("knows who %s, and lets them count as nobody", async (_, over) => {
    const [ines] = await store([user("ines", over)], { sre: ["ines"] }).directory.everybody(["sre"]);
    expect(ines).toMatchObject({ enabled: false, groups: ["sre"] });
  });

  it("takes a group that is not there for an empty one, and no other error", async () => {
    const { directory } = store([user("ines")], {});
    expect(await directory.everybody(["gone"])).toMatchObject([{ groups: [] }]);
    await expect(directory.everybody(["kept-from-us"])).rejects.toThrow("AccessDeniedException");
  });
});
