import { Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";

/** One thing that a role may do. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Why a resource ends in a star; needed wherever one does. */
  readonly wildcard?: string;
}

/** Writes the grants into the role's policy, and tells cdk-nag why each star is there. */
export function allow(role: Role, grants: readonly Grant[]): void {
  for (const { actions, resources, conditions, wildcard } of grants) {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions: { ...conditions } }),
      }),
    );
    if (wildcard !== undefined) acknowledgeWildcards(role, resources, wildcard);
  }
}

/** Acknowledges AwsSolutions-IAM5 for exactly these resources and no other. */
export function acknowledgeWildcards(role: IConstruct, resources: readonly string[], reason: string): void {
  for (const resource of resources) {
    const named = asNagNames(Stack.of(role).resolve(resource));
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${named}]`, reason });
  }
}

/**
 * A resource as cdk-nag names it in a finding: references in angle brackets, imports by the export's name.
 * https://github.com/cdklabs/cdk-nag/blob/main/README.md#acknowledging-a-rule
 */
function asNagNames(resource: unknown): string {
  if (typeof resource === "string") return resource;
  if (typeof resource === "object" && resource !== null) {
    const { Ref, ...rest } = resource as Readonly<Record<string, unknown>>;
    const { "Fn::Join": join, "Fn::GetAtt": attribute, "Fn::ImportValue": imported } = rest;
    if (typeof Ref === "string") return `<${Ref}>`;
    if (Array.isArray(attribute)) return `<${attribute.join(".")}>`;
    if (Array.isArray(join)) return (join[1] as readonly unknown[]).map(asNagNames).join(String(join[0]));
    if (imported !== undefined) return asNagNames(imported);
  }
  throw new Error(`A resource of a policy has a form that is not known here: ${JSON.stringify(resource)}`);
}
