import type { Node } from "constructs";
import * as v from "valibot";
import {
  certificateArn,
  clientId,
  count,
  days,
  domainName,
  flag,
  issuerUrl,
  keyArns,
  listOf,
  loginPrefix,
  oneOf,
  prefixes,
  requests,
  roleArn,
  secretArn,
  topicArns,
} from "./setting-forms.ts";

/** What differs in shape between deployments; CDK context, given with `-c name=value` or in cdk.json. */
export interface Settings {
  /** An OIDC issuer of the organisation's own instead of a Cognito user pool. */
  readonly issuer?: {
    readonly url: string;
    readonly portalClientId: string;
    readonly cliClientId: string;
    /** Which claim of its ID tokens names the person, and is the external id in the directory. */
    readonly subjectClaim: "sub" | "oid";
    /** Origins that the portal must reach for discovery, keys and tokens. */
    readonly origins: readonly string[];
    /** The identity store of IAM Identity Center that this issuer fills, where functions ask who holds a role. */
    readonly directory: {
      readonly identityStoreId: string;
      readonly region: string;
      /** Taken on to ask it, where it is another account's. */
      readonly role?: string;
    };
  };
  /** The keys of each role over time. */
  readonly keys: Readonly<Record<KeyName, KeySettings>>;
  readonly objectLock: { readonly mode: "COMPLIANCE" | "GOVERNANCE"; readonly retentionDays: number };
  readonly loginDomainPrefix?: string;
  /** A domain of the organisation's own for the portal, and its certificate. */
  readonly portalDomain?: { readonly name: string; readonly certificateArn: string };
  readonly mfa: "required" | "optional";
  readonly firewall: boolean;
  /** So many requests a second the API takes of everybody together, and twice as many at once. */
  readonly requestsPerSecond: number;
  /** Whether the stack of a witness is made as well. */
  readonly witness: boolean;
  /** Where alarms are sent; without it, subscribe to the topic by hand. */
  readonly alarmEmail?: string;
  /** The secret in Secrets Manager that holds the channels' own, by name. */
  readonly channelSecretArn?: string;
  /** The secret in Secrets Manager that holds the targets' own, by name. */
  readonly targetSecretArn?: string;
  /** Roles in other accounts that the deploying functions may take on. */
  readonly targetRoles: readonly string[];
  /** What asynchronous endpoints in this account read and write, beside the model. */
  readonly queues: QueueSettings;
  /** EKS clusters that the functions are let into, and the network from which those are reached. */
  readonly clusters?: ClusterSettings;
  /** API Gateway writes logs with one role an account and region; `false` where the account has one already. */
  readonly makesApiLogRole: boolean;
}

/** Places are `s3://bucket/prefix`, keys and topics ARNs. */
export interface QueueSettings {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly keys: readonly string[];
  readonly topics: readonly string[];
}

export interface ClusterSettings {
  /** At most `mostClusters`. */
  readonly names: readonly string[];
  /** Where the clusters have no public endpoint. */
  readonly network?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
}

/** Seven functions have an access entry in each, and a stack has 500 resources. */
export const mostClusters = 71;

export type KeyName = "attestation" | "checkpoint" | "link" | "passport";

/** How many keys of a role there are, and which of them is used. The others verify what they signed. */
interface KeySettings {
  readonly generations: number;
  /** From 1: the newest, or the one before it while the newest is made known. */
  readonly inUse: number;
}

/** A setting cannot be used: it is said in one sentence, which names it. */
export class RefusedSetting extends Error {
  override readonly name = "RefusedSetting";
}

const schema = v.object({
  oidcIssuer: v.optional(issuerUrl),
  oidcClientId: v.optional(clientId),
  oidcCliClientId: v.optional(clientId),
  // `oid` is Entra ID's: its `sub` is another for each application.
  oidcSubjectClaim: v.optional(oneOf(["sub", "oid"])),
  oidcOrigins: v.optional(listOf(/^https?:\/\/[^/]+/, "must be origins such as https://id.example")),
  identityStoreId: v.optional(
    v.pipe(v.string(), v.regex(/^(d-[0-9a-f]{10}|[0-9a-f-]{36})$/, "must be an id such as d-1234567890")),
  ),
  identityStoreRegion: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region"))),
  identityStoreRole: v.optional(v.pipe(v.string(), v.regex(roleArn, "must be a role's ARN"))),
  objectLockMode: v.optional(oneOf(["COMPLIANCE", "GOVERNANCE"]), "COMPLIANCE"),
  // Ten years: what Article 18 of Regulation (EU) 2024/1689 asks for the documentation of a high-risk system.
  retentionDays: v.optional(days, 3653),
  attestationKeys: v.optional(count, 1),
  attestationKeyInUse: v.optional(count),
  checkpointKeys: v.optional(count, 1),
  checkpointKeyInUse: v.optional(count),
  linkKeys: v.optional(count, 1),
  linkKeyInUse: v.optional(count),
  passportKeys: v.optional(count, 1),
  passportKeyInUse: v.optional(count),
  loginDomainPrefix: v.optional(loginPrefix),
  portalDomain: v.optional(domainName),
  portalCertificateArn: v.optional(certificateArn),
  mfa: v.optional(oneOf(["required", "optional"]), "required"),
  waf: v.optional(flag, false),
  requestsPerSecond: v.optional(requests, 50),
  witness: v.optional(flag, false),
  alarmEmail: v.optional(v.pipe(v.string(), v.email("must be an address of mail"))),
  channelSecretArn: v.optional(secretArn),
  targetSecretArn: v.optional(secretArn),
  targetRoles: v.optional(listOf(roleArn, "must be ARNs of roles")),
  asyncInputs: v.optional(prefixes),
  asyncOutputs: v.optional(prefixes),
  asyncKeys: v.optional(keyArns),
  asyncTopics: v.optional(topicArns),
  eksClusters: v.optional(listOf(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/, "must be names of EKS clusters")),
  eksSubnets: v.optional(listOf(/^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, "must be ids of subnets")),
  eksSecurityGroups: v.optional(listOf(/^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, "must be ids of security groups")),
  apiLogRole: v.optional(flag, true),
});

/** Reads the context. Throws `RefusedSetting` for one that cannot be used, or that is none. */
export function readSettings(node: Node): Settings {
  const context = node.getAllContext() as Readonly<Record<string, unknown>>;
  // CDK's own names have a colon, a hyphen or a slash in them. One that is misspelled must not fall back to ten years of Object Lock.
  const unknown = Object.keys(context).find((name) => /^[A-Za-z0-9_]+$/.test(name) && !(name in schema.entries));
  if (unknown !== undefined)
    throw new RefusedSetting(
      `There is no context setting '${unknown}'; there are ${Object.keys(schema.entries).toSorted().join(", ")}.`,
    );
  return settingsIn(node);
}

function settingsIn(node: Node): Settings {
  const given = Object.fromEntries(
    Object.keys(schema.entries).map((name): [string, unknown] => [name, node.tryGetContext(name)]),
  );
  const result = v.safeParse(schema, given);
  if (!result.success) {
    const [issue] = result.issues;
    throw new RefusedSetting(`The context setting '${v.getDotPath(issue)}' cannot be used: ${issue.message}.`);
  }
  const context = result.output;
  const keys = {
    attestation: keysOf("attestation", context.attestationKeys, context.attestationKeyInUse),
    checkpoint: keysOf("checkpoint", context.checkpointKeys, context.checkpointKeyInUse),
    link: keysOf("link", context.linkKeys, context.linkKeyInUse),
    passport: keysOf("passport", context.passportKeys, context.passportKeyInUse),
  };
  return {
    ...issuerOf(context),
    keys,
    objectLock: { mode: context.objectLockMode, retentionDays: context.retentionDays },
    ...(context.loginDomainPrefix === undefined ? {} : { loginDomainPrefix: context.loginDomainPrefix }),
    ...portalDomainOf(context),
    mfa: context.mfa,
    firewall: context.waf,
    requestsPerSecond: context.requestsPerSecond,
    witness: context.witness,
    ...(context.channelSecretArn === undefined ? {} : { channelSecretArn: context.channelSecretArn }),
    ...(context.targetSecretArn === undefined ? {} : { targetSecretArn: context.targetSecretArn }),
    targetRoles: context.targetRoles ?? [],
    queues: {
      inputs: context.asyncInputs ?? [],
      outputs: context.asyncOutputs ?? [],
      keys: context.asyncKeys ?? [],
      topics: context.asyncTopics ?? [],
    },
    ...(context.alarmEmail === undefined ? {} : { alarmEmail: context.alarmEmail }),
    ...clustersOf(context),
    makesApiLogRole: context.apiLogRole,
  };
}

function keysOf(name: KeyName, generations: number, inUse = generations): KeySettings {
  // A key further back is retired, and nothing that it signs counts.
  if (inUse === generations || inUse === generations - 1) return { generations, inUse };
  throw new RefusedSetting(
    `The context setting '${name}KeyInUse' cannot be used: give the newest key, or the one before it.`,
  );
}

function portalDomainOf(context: v.InferOutput<typeof schema>): Pick<Settings, "portalDomain"> {
  const { portalDomain: name, portalCertificateArn: certificateArn } = context;
  if (name === undefined && certificateArn === undefined) return {};
  if (name === undefined || certificateArn === undefined)
    throw new RefusedSetting(
      "Give portalDomain and portalCertificateArn together: CloudFront serves no domain without its certificate.",
    );
  return { portalDomain: { name, certificateArn } };
}

function clustersOf(context: v.InferOutput<typeof schema>): Pick<Settings, "clusters"> {
  const { eksClusters: names, eksSubnets: subnetIds, eksSecurityGroups: securityGroupIds } = context;
  if ((subnetIds === undefined) !== (securityGroupIds === undefined))
    throw new RefusedSetting(
      "Give eksSubnets and eksSecurityGroups together: the network from which the clusters are reached.",
    );
  if (names === undefined) {
    if (subnetIds !== undefined)
      throw new RefusedSetting("eksSubnets are for the clusters that eksClusters names; give both.");
    return {};
  }
  if (names.length > mostClusters)
    throw new RefusedSetting(
      `eksClusters names ${names.length} clusters; ${mostClusters} fit, since seven functions have an access entry in each and CloudFormation takes 500 resources in a stack.`,
    );
  const network =
    subnetIds === undefined || securityGroupIds === undefined ? undefined : { subnetIds, securityGroupIds };
  return { clusters: { names, ...(network === undefined ? {} : { network }) } };
}

// Its clouds: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
const entra =
  /^https:\/\/(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net|[^/]+\.ciamlogin\.com)\//;

function issuerOf(context: v.InferOutput<typeof schema>): Pick<Settings, "issuer"> {
  const { oidcIssuer: issuer, oidcClientId: client, identityStoreId, identityStoreRegion: region } = context;
  const { identityStoreRole: role, oidcCliClientId: cli, oidcOrigins, oidcSubjectClaim: subjectClaim } = context;
  if (
    [issuer, client, identityStoreId, region, role, cli, oidcOrigins, subjectClaim].every((each) => each === undefined)
  )
    return {};
  if (issuer === undefined || client === undefined || identityStoreId === undefined || region === undefined) {
    throw new RefusedSetting(
      "Give oidcIssuer, oidcClientId, identityStoreId and identityStoreRegion together: an issuer that exists already, the portal's client, and where it says who holds a role.",
    );
  }
  if (entra.test(issuer) && subjectClaim !== "oid")
    throw new RefusedSetting(
      "Give oidcSubjectClaim=oid with an issuer of Entra ID: its 'sub' is another for each application, and the log's first entry says for good which claim names people.",
    );
  return {
    issuer: {
      // Compared exactly with the token's `iss`; nothing is added or taken away.
      url: issuer,
      portalClientId: client,
      cliClientId: cli ?? client,
      subjectClaim: subjectClaim ?? "sub",
      origins: [...new Set([issuer, ...(oidcOrigins ?? [])].map((origin) => new URL(origin).origin))],
      directory: { identityStoreId, region, ...(role === undefined ? {} : { role }) },
    },
  };
}
