import { Aws, Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  AccountRecovery,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  UserPool,
  type UserPoolDomain,
  UserPoolGroup,
} from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import type { Settings } from "../settings.ts";

/** The roles that the shipped approval matrix asks for; a group of the pool is a role. */
const reviewerGroups = ["lead-data-scientists", "compliance-officers", "sre", "incident-commanders"] as const;

export interface ReviewerPool {
  readonly pool: UserPool;
  readonly domain: UserPoolDomain;
}

/** The people who may sign: invited by an administrator, with a second factor, on Cognito's managed login pages. */
export function reviewerPool(scope: Construct, id: string, settings: Settings): ReviewerPool {
  const pool = new UserPool(scope, id, {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    standardAttributes: {
      email: { required: true, mutable: true },
      fullname: { required: true, mutable: true },
    },
    autoVerify: { email: true },
    mfa: settings.mfa === "required" ? Mfa.REQUIRED : Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 14,
      requireDigits: true,
      requireLowercase: true,
      requireSymbols: true,
      requireUppercase: true,
      tempPasswordValidity: Duration.days(3),
    },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    featurePlan: FeaturePlan.ESSENTIALS,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const reason =
    "The Plus plan costs by the user. Deciding always needs a fresh sign-in with a second factor, and a sign-off is bound to that sign-in's token.";
  Validations.of(pool).acknowledge({ id: "AwsSolutions-COG3", reason }, { id: "AwsSolutions-COG8", reason });
  if (settings.mfa === "optional") {
    Validations.of(pool).acknowledge({
      id: "AwsSolutions-COG2",
      reason: "The context setting mfa=optional asks for it, for trials.",
    });
  }
  for (const groupName of reviewerGroups) {
    new UserPoolGroup(scope, `Group-${groupName}`, { userPool: pool, groupName });
  }
  const domain = pool.addDomain("Domain", {
    // Prefixes are unique in a region, and an account has one pool of ours.
    cognitoDomain: { domainPrefix: settings.loginDomainPrefix ?? `countersign-${Aws.ACCOUNT_ID}` },
    managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  });
  return { pool, domain };
}
