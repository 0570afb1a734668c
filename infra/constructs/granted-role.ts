import { Stack } from "aws-cdk-lib";
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

  /** As IAM counts what is granted so far, without white space; of what only the deployment knows, about so many. */
  characters(): number {
    return JSON.stringify(asDeployed(Stack.of(this).resolve(this.#granted))).length;
  }
}

/** What is known only as it is deployed, as text of about that length. */
function asDeployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asDeployed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only === undefined || entries.length > 1 || !/^(Ref|Fn::.*)$/.test(only[0]))
    return Object.fromEntries(entries.map(([key, each]) => [key, asDeployed(each)]));
  const [kind, of] = only;
  if (kind === "Fn::Join" && Array.isArray(of) && Array.isArray(of[1]))
    return of[1].map(asDeployed).map(String).join(String(of[0]));
  return "x".repeat(kind === "Ref" ? (ofAws.get(String(of)) ?? nameLength) : arnLength);
}

/** Lengths in the longest region's name. */
const ofAws: ReadonlyMap<string, number> = new Map([
  ["AWS::Partition", 3],
  ["AWS::Region", 14],
  ["AWS::AccountId", 12],
]);
const nameLength = 60;
const arnLength = 105;
