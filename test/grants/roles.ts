import type { JsonObject } from "../../local/aws/json-shape.ts";
import type { MadeResource } from "../../local/world.ts";

/** A statement of a policy, its single values made lists. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly document: JsonObject;
}

/** A role of the template, with every policy that the template attaches to it. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
  /** Services that may take it on. */
  readonly trusted: readonly string[];
}

/** Every role that the templates make, as its policies stand once everything in them is resolved. */
export function rolesOf(resources: readonly MadeResource[]): readonly Role[] {
  return ofType(resources, "AWS::IAM::Role").map(({ ref, attributes, properties }) => ({
    name: ref,
    arn: String(attributes["Arn"]),
    trusted: statementsIn(properties["AssumeRolePolicyDocument"]).flatMap(({ document }) =>
      textsIn((document["Principal"] as JsonObject)["Service"]),
    ),
    statements: [
      ...list(properties["Policies"]).flatMap((policy) => statementsIn((policy as JsonObject)["PolicyDocument"])),
      ...ofType(resources, "AWS::IAM::Policy")
        .filter((policy) => textsIn(policy.properties["Roles"]).includes(ref))
        .flatMap((policy) => statementsIn(policy.properties["PolicyDocument"])),
    ],
  }));
}

/**
 * The role that stands behind a principal of the call log: the access key id there is the logical id of a function,
 * a state machine or a custom resource, or of the role itself. `undefined` where the template made no such thing.
 */
export function roleBehind(
  principal: string,
  resources: readonly MadeResource[],
  roles: readonly Role[],
): Role | undefined {
  const own = resources.find(({ logicalId }) => logicalId === principal);
  if (own === undefined) return undefined;
  switch (own.type) {
    case "AWS::Lambda::Function":
      return withArn(own.properties["Role"]);
    case "AWS::StepFunctions::StateMachine":
      return withArn(own.properties["RoleArn"]);
    case "AWS::IAM::Role":
      return withArn(own.attributes["Arn"]);
    default: {
      // CloudFormation has a custom resource made by a function.
      const { ServiceToken: token } = own.properties;
      const maker = token === undefined ? undefined : resources.find(({ attributes }) => attributes["Arn"] === token);
      return maker === undefined ? undefined : roleBehind(maker.logicalId, resources, roles);
    }
  }

  function withArn(arn: unknown): Role | undefined {
    return roles.find((role) => role.arn === arn);
  }
}

export function ofType(resources: readonly MadeResource[], type: string): readonly MadeResource[] {
  return resources.filter((resource) => resource.type === type);
}

/** A policy element that may be one text or a list of them. */
export function textsIn(element: unknown): readonly string[] {
  return list(element).map(String);
}

function list(element: unknown): readonly unknown[] {
  if (element === undefined) return [];
  return Array.isArray(element) ? element : [element];
}

function statementsIn(document: unknown): readonly Statement[] {
  return list((document as JsonObject | undefined)?.["Statement"]).map((each) => {
    const statement = each as JsonObject;
    return {
      effect: statement["Effect"] === "Deny" ? "Deny" : "Allow",
      actions: textsIn(statement["Action"]),
      resources: textsIn(statement["Resource"]),
      document: statement,
    };
  });
}
