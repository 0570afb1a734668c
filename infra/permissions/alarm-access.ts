import { ArnFormat, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { promotionNames, staged } from "./deployment-access.ts";
import type { Grant } from "./grant.ts";

const releaseAlarms = `countersign-${promotionNames}`;

/** What was measured of both models. */
export function readMetrics(): Grant {
  return { actions: ["cloudwatch:GetMetricData"], resources: ["*"], wildcard: "The action knows no resources." };
}

/** Making the alarms of a release, which are named after its promotion. */
export function makeReleaseAlarms(scope: Construct): Grant {
  return { actions: ["cloudwatch:PutMetricAlarm"], resources: [alarm(scope, releaseAlarms)], wildcard: staged };
}

/**
 * Reading the alarms that a target names. CloudWatch shows composite ones to nobody who may read less than all of them:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export const describeAlarms: Grant = {
  actions: ["cloudwatch:DescribeAlarms"],
  resources: ["*"],
  wildcard: "CloudWatch shows a composite alarm to nobody whose permission has a narrower scope.",
};

/** Whether an alarm was raised between two looks at a long release. */
export const readAlarmHistory: Grant = { ...describeAlarms, actions: ["cloudwatch:DescribeAlarmHistory"] };

/** Reading alarms, and removing those that were made for a release. */
export function watchAlarms(scope: Construct): readonly Grant[] {
  return [
    describeAlarms,
    { actions: ["cloudwatch:DeleteAlarms"], resources: [alarm(scope, releaseAlarms)], wildcard: staged },
  ];
}

function alarm(scope: Construct, resourceName: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return Stack.of(scope).formatArn({ service: "cloudwatch", resource: "alarm", resourceName, arnFormat });
}
