import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NestedStack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type CountersignApp, countersignApp } from "../../infra/countersign-app.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export interface Resource {
  readonly Type: string;
  readonly Properties: { readonly [key: string]: Json };
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Principal?: Json;
  readonly Resource?: Json;
  readonly NotResource?: Json;
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: Json } };
}

/** What is common to a policy by itself and to one that stands in a role. */
interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

export interface Synthesized extends CountersignApp {
  readonly dataTemplate: Template;
  readonly serviceTemplate: Template;
  /** Where one was asked for. */
  readonly witnessTemplate: Template | undefined;
  /** Of the access entries, where clusters are named. */
  readonly clusterTemplate: Template | undefined;
}

/** What somebody says of an installation. */
type Context = Readonly<Record<string, unknown>>;

/** Stacks that are held against CloudFormation's own rules as well. */
export interface Validated extends Synthesized {
  /** What cdk-nag and CloudFormation's own rules had to say. */
  readonly validation: string;
}

/** Installations that are not as cdk.json has them, of which files here look at one each. */
export const installations = {
  elsewhere: {
    targetRoles: "arn:aws:iam::222233334444:role/countersign-deploys",
    targetSecretArn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:targets-a1b2c3",
    eksClusters: "ml-platform, ml-trial",
    eksSubnets: "subnet-0a1b2c3d subnet-0c2d3e4f",
    eksSecurityGroups: "sg-0e3f4a5b",
    asyncInputs: "s3://questions/scores, s3://questions/more",
    asyncOutputs: "s3://answers/scores",
    asyncKeys: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    asyncTopics: "arn:aws:sns:us-east-1:111122223333:answers",
  },
  newKeys: { attestationKeys: "2", checkpointKeys: "2", linkKeys: "3" },
  witness: { witness: "true", alarmEmail: "witness@example.org" },
  ownIssuer: {
    oidcIssuer: "https://id.example/realm",
    oidcClientId: "portal",
    oidcCliClientId: "cli",
    oidcOrigins: "https://tokens.example",
    identityStoreId: "d-1234567890",
    identityStoreRegion: "eu-central-1",
    objectLockMode: "GOVERNANCE",
    retentionDays: "1",
    waf: "true",
    requestsPerSecond: "400",
    alarmEmail: "ops@example.org",
    portalDomain: "review.bank.example",
    portalCertificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/1b2c",
  },
} as const satisfies Readonly<Record<string, Context>>;

/** By their context: several files look at the same stacks, and none changes them. */
const made = new Map<string, Synthesized>();
const held = new Map<string, Validated>();

/**
 * Both stacks as cdk.json would have them, without bundling any code: the longest part, and no test here looks at it. Nor are they
 * held against CloudFormation's own rules, which takes three times as long as all else: `validated` does that once.
 */
export function synthesize(context: Context = {}): Synthesized {
  const key = JSON.stringify(context);
  const stacks = held.get(key) ?? made.get(key) ?? synthesizeAnew(context, false);
  made.set(key, stacks);
  return stacks;
}

/** As `synthesize`, and held against CloudFormation's own rules. Throws where one of them, or of cdk-nag's, is broken. */
export function validated(context: Context = {}): Validated {
  const key = JSON.stringify(context);
  const stacks = held.get(key) ?? synthesizeAnew(context, true);
  held.set(key, stacks);
  return stacks;
}

function synthesizeAnew(context: Context, byCloudFormation: boolean): Validated {
  const outdir = mkdtempSync(join(tmpdir(), "countersign-synth-"));
  try {
    const cdk = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"));
    const app = countersignApp({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: byCloudFormation,
      context: { ...cdk.context, "aws:cdk:bundling-stacks": [], ...context },
    });
    const clusters = app.service.node.tryFindChild("Clusters");
    return {
      ...app,
      dataTemplate: Template.fromStack(app.data),
      serviceTemplate: Template.fromStack(app.service),
      witnessTemplate: app.witness === undefined ? undefined : Template.fromStack(app.witness),
      clusterTemplate: clusters instanceof NestedStack ? Template.fromStack(clusters) : undefined,
      validation: readFileSync(join(outdir, "validation-report.json"), "utf8"),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export function resourcesOf(template: Template): Readonly<Record<string, Resource>> {
  return template.toJSON()["Resources"];
}

export function resource(template: Template, logicalId: string): Resource {
  const found = resourcesOf(template)[logicalId];
  if (found === undefined) throw new Error(`There is no resource '${logicalId}'.`);
  return found;
}

/** The statements of a policy, or of those that stand in a role, by its logical id. */
export function statementsOf(template: Template, logicalId: string): readonly Statement[] {
  const { Properties: properties } = resource(template, logicalId);
  const policies = (properties["Policies"] ?? [properties]) as unknown as readonly Policy[];
  return policies.flatMap(({ PolicyDocument: document }) => document.Statement);
}

export function actionsOf(statement: Statement): readonly string[] {
  return typeof statement.Action === "string" ? [statement.Action] : statement.Action;
}

/** Names of the constructs whose role allows `action` on something of which `fragment` is a part. */
export function whoMay(template: Template, action: string, fragment: string): readonly string[] {
  const policies = Object.entries(resourcesOf(template)).filter(
    ([, { Type, Properties }]) =>
      Type === "AWS::IAM::Policy" || (Type === "AWS::IAM::Role" && Properties["Policies"] !== undefined),
  );
  return policies
    .filter(([logicalId]) =>
      statementsOf(template, logicalId).some(
        (statement) =>
          statement.Effect === "Allow" &&
          actionsOf(statement).includes(action) &&
          JSON.stringify(statement.Resource).includes(fragment),
      ),
    )
    .map(([logicalId]) => logicalId.replace(/Role(DefaultPolicy)?$/, ""))
    .toSorted();
}
