import { AssumeRoleCommand, type Credentials, type STSClient } from "@aws-sdk/client-sts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { ServingAccount, TargetAccount } from "../../core/promotion/target.ts";

/** The least that STS gives: a step is over before. */
const sessionSeconds = 900;

/** Credentials in another account, as SDK clients take them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/**
 * Sessions in the accounts of targets: named and tagged after the promotion, so that the other account's records show it
 * and its policies may ask for it, and held to `actions` whatever the role there may do. A role that does not let us in is
 * `deployment-refused`, for trying again would not help.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function targetSessions(client: STSClient, actions: readonly string[]) {
  return async (account: TargetAccount | ServingAccount, promotion?: PromotionId): Promise<SessionCredentials> => {
    const { role, externalId } = account;
    const passes = actions.includes(passRole) && "servingRole" in account;
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: actions.filter((action) => action !== passRole), Resource: "*" },
        ...(passes ? [{ Effect: "Allow", Action: passRole, Resource: account.servingRole }] : []),
      ],
    });
    try {
      const { Credentials: given } = await client.send(
        new AssumeRoleCommand({
          RoleArn: role,
          RoleSessionName: promotion ?? "countersign",
          ExternalId: externalId,
          DurationSeconds: sessionSeconds,
          Policy,
          ...(promotion === undefined
            ? {}
            : { Tags: [{ Key: "promotion", Value: promotion }], TransitiveTagKeys: ["promotion"] }),
        }),
      );
      const credentials = credentialsIn(given);
      if (credentials !== undefined) return credentials;
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw refusal(role, cause);
    }
    throw refusal(role);
  };
}

/** What STS gave, as SDK clients take it; `undefined` where a part is missing. */
export function credentialsIn(given: Credentials | undefined): SessionCredentials | undefined {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given ?? {};
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken };
}

const passRole = "iam:PassRole";

function refusal(role: string, cause?: unknown): Failure {
  return new Failure(
    "deployment-refused",
    `The role '${role}' of the target's account does not let Countersign in: its trust policy must name the functions' roles, the external id and sts:TagSession, and context 'targetRoles' must name it.`,
    { cause },
  );
}
