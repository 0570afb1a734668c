import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  /** What cdk-nag and CloudFormation's own rules had to say. */
  readonly validation: string;
}

/** By their context: several files look at the same stacks, and none changes them. */
const made = new Map<string, Synthesized>();

/** Both stacks as cdk.json would have them, without bundling any code: the longest part, and no test here looks at it. */
export function synthesize(context: Readonly<Record<string, unknown>> = {}): Synthesized {
  const key = JSON.stringify(context);
  const stacks = made.get(key) ?? synthesizeAnew(context);
  made.set(key, stacks);
  return stacks;
}

function synthesizeAnew(context: Readonly<Record<string, unknown>>): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), "countersign-synth-"));
  try {
    const cdk = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"));
    const app = countersignApp({
      outdir,
      analyticsReporting: false,
      context: { ...cdk.context, "aws:cdk:bundling-stacks": [], ...context },
    });
    return {
      ...app,
      dataTemplate: Template.fromStack(app.data),
      serviceTemplate: Template.fromStack(app.service),
      witnessTemplate: app.witness === undefined ? undefined : Template.fromStack(app.witness),
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
