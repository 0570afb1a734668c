import {
  type AddToPrincipalPolicyResult,
  PolicyDocument,
  type PolicyStatement,
  Role,
  type RoleProps,
} from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

/**
 * A role whose grants stand in itself. CDK would make a policy of its own for each role, and a stack may have no more
 * than 500 resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export class GrantedRole extends Role {
  readonly #granted: PolicyDocument;

  constructor(scope: Construct, id: string, props: Omit<RoleProps, "inlinePolicies">) {
    const granted = new PolicyDocument();
    super(scope, id, { ...props, inlinePolicies: { Granted: granted } });
    this.#granted = granted;
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.#granted.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}
