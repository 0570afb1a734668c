import { Aws } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { serviceStackName } from "../constructs/plain-names.ts";
import { constructId, type FunctionName } from "../functions.ts";
import type { KeyName } from "../settings.ts";

interface KeyUse {
  readonly action: "kms:Sign" | "kms:GenerateMac";
  readonly by: readonly FunctionName[];
}

/** What each key is there for, and which functions are. Their roles are granted it in function-permissions.ts. */
export const keyUses: Readonly<Record<KeyName, KeyUse>> = {
  attestation: {
    action: "kms:Sign",
    by: [
      "api/record-delegation",
      "api/record-loan",
      "api/record-passkey",
      "api/record-sign-off",
      "schedules/publish-keys",
      "steps/verify-sign-offs",
    ],
  },
  checkpoint: {
    action: "kms:Sign",
    by: ["schedules/publish-keys", "schedules/reconcile", "schedules/republish-checkpoint", "streams/archive"],
  },
  link: { action: "kms:GenerateMac", by: ["api/answer-slack", "events/notify", "schedules/remind"] },
  passport: { action: "kms:Sign", by: ["api/issue-passport"] },
};

/**
 * Refuses a key's use to everybody but the roles of these functions, whatever they may do by policies of their own: in many
 * accounts that is anything with any key. CloudFormation names a role after its stack and its place in it, and nobody else
 * in the account need be able to make one of such a name (infra/guardrails). Whoever may change the key's policy can
 * still take this away, which CloudTrail shows.
 */
export function onlyItsUsers(name: KeyName): PolicyStatement {
  const { action, by } = keyUses[name];
  const roles = by.map(
    (each) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${serviceStackName}-${constructId(each)}Role-*`,
  );
  return new PolicyStatement({
    sid: "OnlyThoseWhoseWorkItIs",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [action],
    resources: ["*"],
    conditions: { ArnNotLike: { "aws:PrincipalArn": roles } },
  });
}
