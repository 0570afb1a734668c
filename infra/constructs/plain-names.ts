import { type CfnElement, NestedStack, Stack } from "aws-cdk-lib";

/** The stack of everything that can be made anew. CloudFormation begins the names of its roles with it. */
export const serviceStackName = "CountersignService";

/**
 * A stack whose logical ids are the construct's path without CDK's hash: `PromotionsTable`, `SubmitFunctionRole`.
 * People find a resource by its name in the template, and a resource that must stay keeps its id when a construct
 * around it is written anew. CDK itself refuses two elements of one id.
 */
export class PlainlyNamedStack extends Stack {
  protected override allocateLogicalId(element: CfnElement): string {
    return plainName(this, element);
  }
}

/** The same for a stack in a stack, which has 500 resources of its own and is one in the template around it. */
export class PlainlyNamedNestedStack extends NestedStack {
  protected override allocateLogicalId(element: CfnElement): string {
    return plainName(this, element);
  }
}

function plainName(stack: Stack, element: CfnElement): string {
  const path = element.node.path.split("/").slice(stack.node.path.split("/").length);
  // As in CDK's own names: "Resource" and "Default" say nothing.
  const parts = path.filter((part) => part !== "Resource" && part !== "Default");
  return parts.map((part) => part.replaceAll(/[^A-Za-z0-9]/g, "")).join("");
}
