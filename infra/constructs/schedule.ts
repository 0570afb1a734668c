import type { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { CountersignFunction } from "./countersign-function.ts";

/** Rings a function at a rate. A ring that is lost does no harm: each does whatever is due. */
export function ringAtRate(scope: Construct, id: string, rung: CountersignFunction, every: Duration): Rule {
  return new Rule(scope, id, {
    description: `Countersign: rings ${rung.node.id}.`,
    schedule: Schedule.rate(every),
    targets: [new LambdaFunction(rung.lambda as IFunction)],
  });
}
