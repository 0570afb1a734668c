import {
  GetGroupIdCommand,
  type IdentitystoreClient,
  ListGroupMembershipsCommand,
  ListUsersCommand,
  type User,
} from "@aws-sdk/client-identitystore";
import { Failure } from "../../core/failure.ts";
import type { Identity, Member } from "../../core/promotion/identity.ts";

/** At 100 a call and some 100 ms each this is 10 s, before the groups are asked; whoever waits for the API has 28. */
const mostPeople = 10_000;

/**
 * The people of IAM Identity Center as they are now, who sign in at an issuer of the organisation's own. That issuer puts
 * them there by SCIM: the external id of a user is the `sub` of their tokens, and a group's name is the matrix's.
 *
 * Users who are disabled count as such, and one without exactly one external id is nobody: whose tokens are theirs cannot
 * be told. A group that is not there has no members.
 * https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/welcome.html
 */
export function identityStoreDirectory(client: IdentitystoreClient, IdentityStoreId: string, issuer: string) {
  return {
    /**
     * Everybody in the store, disabled accounts too, each with those of `groups` that they are in. Throws `directory-too-large`
     * rather than answer with a part: whoever is not seen could be the author of what they approve.
     */
    async everybody(groups: readonly string[]): Promise<readonly Member[]> {
      const users = await all(async (from) => {
        const page = await client.send(new ListUsersCommand({ IdentityStoreId, MaxResults: 100, ...from }));
        return { items: page.Users ?? [], next: page.NextToken };
      });
      const names = [...new Set(groups)];
      const members = await Promise.all(names.map(membersOf));
      return users.flatMap((user) => {
        const identity = identityOf(user, issuer);
        if (identity === undefined) return [];
        const held = names.filter((_, index) => user.UserId !== undefined && members[index]?.has(user.UserId) === true);
        return [memberOf(user, identity, held)];
      });
    },
  };

  async function membersOf(group: string): Promise<ReadonlySet<string>> {
    const GroupId = await groupId(group);
    if (GroupId === undefined) return new Set();
    const memberships = await all(async (from) => {
      const page = await client.send(
        new ListGroupMembershipsCommand({ IdentityStoreId, GroupId, MaxResults: 100, ...from }),
      );
      return { items: page.GroupMemberships ?? [], next: page.NextToken };
    });
    return new Set(memberships.flatMap(({ MemberId }) => MemberId?.UserId ?? []));
  }

  async function groupId(group: string): Promise<string | undefined> {
    const UniqueAttribute = { AttributePath: "displayName", AttributeValue: group };
    try {
      const found = await client.send(
        new GetGroupIdCommand({ IdentityStoreId, AlternateIdentifier: { UniqueAttribute } }),
      );
      return found.GroupId;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
      return undefined;
    }
  }
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

async function all<Item>(
  list: (from: { readonly NextToken?: string }) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: { readonly NextToken?: string } | undefined = {};
  while (from !== undefined) {
    const page: Page<Item> = await list(from);
    items.push(...page.items);
    if (items.length > mostPeople)
      throw new Failure(
        "directory-too-large",
        `IAM Identity Center has more than ${mostPeople} people, so who may decide cannot be told in time: provision those who review.`,
      );
    from = page.next === undefined ? undefined : { NextToken: page.next };
  }
  return items;
}

function identityOf({ ExternalIds = [] }: User, issuer: string): Identity | undefined {
  const [id, ...others] = ExternalIds;
  return id?.Id === undefined || others.length > 0 ? undefined : { issuer, subject: id.Id };
}

function memberOf(user: User, identity: Identity, groups: readonly string[]): Member {
  const { Emails = [], Name, DisplayName, UserName } = user;
  const email = Emails.find(({ Primary }) => Primary === true) ?? Emails[0];
  return {
    identity,
    name: DisplayName ?? Name?.Formatted ?? UserName ?? identity.subject,
    address: email?.Value ?? "",
    groups,
    enabled: user.UserStatus === "ENABLED",
  };
}
