import { readFileSync } from "node:fs";
import { Aws, Fn, RemovalPolicy } from "aws-cdk-lib";
import { type IRole, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ILogGroup, LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { type StepName, steps } from "../../statemachine/contract.ts";
import { acknowledgeWildcards, allow } from "../permissions/grant.ts";
import type { CountersignFunction } from "./countersign-function.ts";

const definition = new URL("../../statemachine/promotion.asl.json", import.meta.url);

/** The state machine from its file. A definition from a file brings no grants: they are written here. */
export class PromotionMachine extends Construct {
  readonly machine: StateMachine;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, functions: Readonly<Record<StepName, CountersignFunction>>) {
    super(scope, id);
    const substitutions = Object.entries(steps).map(([name, step]): [string, string] => [
      step.substitution,
      functions[name as StepName].lambda.functionArn,
    ]);
    this.role = new Role(this, "Role", {
      // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
      description: "Countersign: runs the steps of a promotion.",
    });
    allow(this.role, [{ actions: ["lambda:InvokeFunction"], resources: substitutions.map(([, arn]) => arn) }]);
    this.logGroup = new LogGroup(this, "Log", {
      // Step Functions finds a log group by this prefix without a resource policy that grows with each machine. It stays
      // when the stack goes, and also when a first deployment fails: a stack that is made again finds its own name free.
      logGroupName: `/aws/vendedlogs/states/${scope.node.id}-promotions-${ownId()}`,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, "Machine", {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(readFileSync(definition, "utf8")),
      definitionSubstitutions: Object.fromEntries(substitutions),
      role: this.role as IRole,
      tracingEnabled: true,
      logs: {
        destination: this.logGroup as ILogGroup,
        level: LogLevel.ALL,
        // Execution data holds the task token (design 3.2).
        includeExecutionData: false,
      },
    });
    acknowledgeWildcards(
      this.role,
      ["*"],
      "Log delivery and X-Ray know no resources: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
    );
  }
}

/** What is another for each stack that is made, whatever its name: the end of its id, `arn:…:stack/<name>/<uuid>`. */
function ownId(): string {
  return Fn.select(2, Fn.split("/", Aws.STACK_ID));
}
