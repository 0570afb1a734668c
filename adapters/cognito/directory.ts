import {
  type CognitoIdentityProviderClient,
  ListUsersInGroupCommand,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Member } from "../../core/promotion/identity.ts";

/** The people of a Cognito user pool as they are now: who is in which group, and whether the account is enabled. */
export function cognitoDirectory(client: CognitoIdentityProviderClient, userPoolId: string, issuer: string) {
  return {
    /** Everybody who is in at least one of `groups`, each with all of those groups that they are in. */
    async membersOf(groups: readonly string[]): Promise<readonly Member[]> {
      const members = new Map<string, Member>();
      for (const group of new Set(groups)) {
        for (const user of await usersIn(group)) {
          const subject = attribute(user, "sub");
          if (subject === undefined) continue;
          const known = members.get(subject);
          members.set(subject, {
            identity: { issuer, subject },
            name: attribute(user, "name") ?? user.Username ?? subject,
            address: attribute(user, "email") ?? "",
            groups: [...(known?.groups ?? []), group],
            enabled: user.Enabled === true,
          });
        }
      }
      return [...members.values()];
    },
  };

  async function usersIn(group: string): Promise<readonly UserType[]> {
    const users: UserType[] = [];
    let from: string | undefined;
    do {
      const page = await client.send(
        new ListUsersInGroupCommand({
          UserPoolId: userPoolId,
          GroupName: group,
          Limit: 60,
          ...(from === undefined ? {} : { NextToken: from }),
        }),
      );
      users.push(...(page.Users ?? []));
      from = page.NextToken;
    } while (from !== undefined);
    return users;
  }
}

function attribute(user: UserType, name: string): string | undefined {
  return user.Attributes?.find((each) => each.Name === name)?.Value;
}
