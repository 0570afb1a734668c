import * as v from "valibot";

import { type AwsCallLog, type LocalService, localAccount, localRegion } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { type AwsOperation, type JudgedAction, operation, serveOperations } from "../aws/aws-operations.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import { type People, type Person, peopleIn } from "../people.ts";

export interface CognitoOptions {
  /** The JSON file of people that the identity provider reads too. */
  readonly peopleFile: string;
  readonly userPoolId: string;
  /** Groups that the template makes; nobody need be in one for it to exist. */
  readonly groups: readonly string[];
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly clock?: () => number;
}

const invalid = "InvalidParameterException";
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(131_072));
const limit = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(60)), 60);

type Note = (judged: JudgedAction) => void;

/** The ARN of a user pool. */
export function userPoolArn(userPoolId: string): string {
  return `arn:aws:cognito-idp:${localRegion}:${localAccount}:userpool/${userPoolId}`;
}

/** Starts the stand-in for Cognito's control API: who the people are and which groups they are in. */
export async function startCognito(options: CognitoOptions): Promise<LocalService> {
  const { userPoolId, log, port, clock = Date.now } = options;
  const target = "AWSCognitoIdentityProviderService";
  const operations = poolOperations(userPoolId, new Set(options.groups), peopleIn(options.peopleFile));
  return serveOperations({ target, operations, log, port, clock });
}

function poolOperations(poolId: string, groups: ReadonlySet<string>, people: People): Record<string, AwsOperation> {
  const judge = (pool: string, action: string, need: Note): void => {
    need({ action: `cognito-idp:${action}`, resource: userPoolArn(pool) });
    if (pool !== poolId) throw new AwsRefusal("ResourceNotFoundException", `User pool ${pool} does not exist.`);
  };
  const find = (username: string): Person => {
    const person = people.byUsername(username);
    if (person === undefined) throw new AwsRefusal("UserNotFoundException", "User does not exist.");
    return person;
  };
  const groupDocument = (GroupName: string) => ({ GroupName, UserPoolId: poolId });

  return {
    ListUsersInGroup: operation(
      v.strictObject({ UserPoolId: text, GroupName: text, Limit: limit, NextToken: v.optional(text) }),
      invalid,
      (input, need) => {
        judge(input.UserPoolId, "ListUsersInGroup", need);
        const members = people.everybody().filter((person) => person.groups.includes(input.GroupName));
        if (members.length === 0 && !groups.has(input.GroupName)) {
          throw new AwsRefusal("ResourceNotFoundException", "Group not found.");
        }
        const { items, next } = page(members, input.Limit, input.NextToken);
        return { Users: items.map(userDocument), ...(next === undefined ? {} : { NextToken: next }) };
      },
    ),
    ListUsers: operation(
      v.strictObject({
        UserPoolId: text,
        Filter: v.optional(v.string()),
        Limit: limit,
        PaginationToken: v.optional(text),
      }),
      invalid,
      (input, need) => {
        judge(input.UserPoolId, "ListUsers", need);
        const found = people.everybody().filter(filterOf(input.Filter ?? ""));
        const { items, next } = page(found, input.Limit, input.PaginationToken);
        return { Users: items.map(userDocument), ...(next === undefined ? {} : { PaginationToken: next }) };
      },
    ),
    AdminListGroupsForUser: operation(
      v.strictObject({ UserPoolId: text, Username: text, Limit: limit, NextToken: v.optional(text) }),
      invalid,
      (input, need) => {
        judge(input.UserPoolId, "AdminListGroupsForUser", need);
        const { items, next } = page(find(input.Username).groups, input.Limit, input.NextToken);
        return { Groups: items.map(groupDocument), ...(next === undefined ? {} : { NextToken: next }) };
      },
    ),
    AdminGetUser: operation(v.strictObject({ UserPoolId: text, Username: text }), invalid, (input, need) => {
      judge(input.UserPoolId, "AdminGetUser", need);
      const { Attributes, ...user } = userDocument(find(input.Username));
      return { ...user, UserAttributes: Attributes };
    }),
  };
}

function userDocument(person: Person): JsonObject & { readonly Attributes: JsonObject[string] } {
  const attributes = { sub: person.subject, email: person.email, email_verified: "true", name: person.name };
  return {
    Username: person.username,
    Attributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    Enabled: person.enabled,
    UserStatus: "CONFIRMED",
  };
}

/** The one form of filter that is carried, `attribute = "value"`: the syntax of ListUsers for three attributes. */
function filterOf(filter: string): (person: Person) => boolean {
  if (filter === "") return () => true;
  const [, attribute, quoted] = /^(sub|username|email)\s*=\s*"((?:[^"\\]|\\.)*)"$/.exec(filter.trim()) ?? [];
  const value = quoted?.replace(/\\(.)/g, "$1");
  switch (attribute) {
    case "sub":
      return (person) => person.subject === value;
    case "username":
      return (person) => person.username === value;
    case "email":
      return (person) => person.email === value;
    default:
      throw new AwsRefusal(invalid, "The local Cognito filters by sub, username or email with = only.");
  }
}

function page<Item>(items: readonly Item[], limit: number, token: string | undefined) {
  const start =
    token === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString())?.[1]);
  if (Number.isNaN(start)) throw new AwsRefusal(invalid, "Invalid pagination token.");
  const next = start + limit < items.length ? Buffer.from(`from-${start + limit}`).toString("base64url") : undefined;
  return { items: items.slice(start, start + limit), next };
}
