import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Effect, PolicyStatement, type Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type AnyFunctionName, constructId, type EnvironmentOf, functionSpec } from "../functions.ts";
import { acknowledgeWildcards } from "../permissions/grant.ts";
import type { FunctionBundles } from "./function-bundles.ts";
import { GrantedRole } from "./granted-role.ts";

export interface CountersignFunctionProps<Name extends AnyFunctionName> {
  readonly bundles: FunctionBundles;
  readonly name: Name;
  /** At least what the function's env.ts asks for; it gets that and no more. */
  readonly variables: EnvironmentOf<Name>;
}

/**
 * One Lambda function with a role and a log group of its own. The role may write that log and trace itself; the rest
 * is granted in function-permissions.ts.
 */
export class CountersignFunction<Name extends AnyFunctionName = AnyFunctionName> extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, props: CountersignFunctionProps<Name>) {
    const { name, bundles } = props;
    super(scope, constructId(name));
    const spec = functionSpec(name);
    this.logGroup = new LogGroup(this, "Log", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new GrantedRole(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `Countersign: ${spec.description}`,
    });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    this.lambda = new LambdaFunction(this, "Function", {
      description: `Countersign: ${spec.description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: bundles.code(name),
      memorySize: spec.memoryMegabytes,
      timeout: Duration.seconds(spec.timeoutSeconds),
      role: this.role,
      logGroup: this.logGroup,
      tracing: Tracing.ACTIVE,
      environment: namedIn(Object.keys(spec.environment.entries), props.variables),
    });
    acknowledgeWildcards(this.role, ["*"], "X-Ray knows no resources: AWSXRayDaemonWriteAccess asks for the same.");
  }
}

function namedIn(names: readonly string[], variables: object): Record<string, string> {
  const all = new Map<string, unknown>(Object.entries(variables));
  return Object.fromEntries(
    names.map((name) => {
      const value = all.get(name);
      if (typeof value !== "string") throw new Error(`The variable ${name} has no value in the service stack.`);
      return [name, value];
    }),
  );
}
