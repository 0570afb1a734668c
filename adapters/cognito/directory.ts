import {
  type CognitoIdentityProviderClient,
  ListUsersCommand,
  ListUsersInGroupCommand,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import { Failure } from "../../core/failure.ts";
import { type IdentityKey, identityKey, type Member } from "../../core/promotion/identity.ts";

/** One page of users, as both listings answer it. */
interface UserPage {
  readonly Users?: UserType[] | undefined;
  readonly next: string | undefined;
}

/** At 60 a call and some 100 ms each this is 17 s, and whoever waits for the API has 28: more could not be looked through. */
const mostPeople = 10_000;

/** The people of a Cognito user pool as they are now. */
export function cognitoDirectory(client: CognitoIdentityProviderClient, userPoolId: string, issuer: string) {
  return {
    /**
     * Everybody in the pool, disabled accounts too, each with those of `groups` that they are in. Throws `directory-too-large`
     * rather than answer with a part: whoever is not seen could be the author of what they approve.
     */
    async everybody(groups: readonly string[]): Promise<readonly Member[]> {
      // Whoever asks waits for the longest of these, and not for all of them one after the other.
      const [users, held] = await Promise.all([
        allUsers(listUsers),
        Promise.all([...new Set(groups)].map(async (group) => [group, await inGroup(group)] as const)),
      ]);
      const members = new Map<IdentityKey, Member>();
      for (const user of users) {
        const member = memberOf(user, issuer);
        if (member !== undefined) members.set(identityKey(member.identity), member);
      }
      for (const [group, inside] of held) {
        for (const user of inside) {
          const member = memberOf(user, issuer);
          if (member === undefined) continue;
          const key = identityKey(member.identity);
          const known = members.get(key) ?? member;
          members.set(key, { ...known, groups: [...known.groups, group] });
        }
      }
      return [...members.values()];
    },
  };

  /** Nobody, where there is no such group: that the pool is there was seen when everybody in it was listed. */
  async function inGroup(group: string): Promise<readonly UserType[]> {
    try {
      return await allUsers((from) => listGroup(group, from));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
      return [];
    }
  }

  async function listUsers(from: string | undefined): Promise<UserPage> {
    const page = await client.send(
      new ListUsersCommand({
        UserPoolId: userPoolId,
        Limit: 60,
        ...(from === undefined ? {} : { PaginationToken: from }),
      }),
    );
    return { Users: page.Users, next: page.PaginationToken };
  }

  async function listGroup(group: string, from: string | undefined): Promise<UserPage> {
    const page = await client.send(
      new ListUsersInGroupCommand({
        UserPoolId: userPoolId,
        GroupName: group,
        Limit: 60,
        ...(from === undefined ? {} : { NextToken: from }),
      }),
    );
    return { Users: page.Users, next: page.NextToken };
  }
}

async function allUsers(list: (from: string | undefined) => Promise<UserPage>): Promise<readonly UserType[]> {
  const users: UserType[] = [];
  let from: string | undefined;
  do {
    const page = await list(from);
    users.push(...(page.Users ?? []));
    if (users.length > mostPeople)
      throw new Failure(
        "directory-too-large",
        `The user pool has more than ${mostPeople} people, so who may decide cannot be told in time: keep it to those who review.`,
      );
    from = page.next;
  } while (from !== undefined);
  return users;
}

function memberOf(user: UserType, issuer: string): Member | undefined {
  const attribute = (name: string) => user.Attributes?.find((each) => each.Name === name)?.Value;
  const subject = attribute("sub");
  if (subject === undefined) return undefined;
  return {
    identity: { issuer, subject },
    name: attribute("name") ?? user.Username ?? subject,
    address: attribute("email") ?? "",
    groups: [],
    enabled: user.Enabled === true,
  };
}
