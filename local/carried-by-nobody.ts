import type { Creator } from "./cloudformation/create-resources.ts";
import { localArn } from "./world.ts";

/** Why a type of resource has nothing to do on this machine. */
const reasons: Readonly<Record<string, string>> = {
  "AWS::IAM::Policy": "judged by the grants test, which reads the resolved properties",
  "AWS::IAM::ManagedPolicy": "judged by the grants test, which reads the resolved properties",
  "AWS::CloudWatch::Alarm": "nobody collects metrics here",
  "AWS::CloudWatch::CompositeAlarm": "nobody collects metrics here",
  "AWS::CloudWatch::Dashboard": "nobody collects metrics here",
  "AWS::Logs::LogGroup": "functions log to files under the state directory",
  "AWS::Logs::MetricFilter": "nobody collects metrics here",
  "AWS::Logs::ResourcePolicy": "functions log to files under the state directory",
  "AWS::SNS::Topic": "only alarms are sent to it",
  "AWS::SNS::TopicPolicy": "only alarms are sent to it",
  "AWS::SNS::Subscription": "only alarms are sent to it",
  "AWS::SQS::QueuePolicy": "judged by the grants test, which reads the resolved properties",
  "AWS::WAFv2::WebACL": "loopback only; nobody outside can send a request",
  "AWS::WAFv2::WebACLAssociation": "loopback only; nobody outside can send a request",
  "AWS::WAFv2::LoggingConfiguration": "loopback only; nobody outside can send a request",
  "AWS::ApiGateway::Account": "the role with which API Gateway writes logs",
  "AWS::ApiGateway::UsagePlan": "nothing is throttled here",
  "AWS::Lambda::LayerVersion": "holds the AWS CLI for CDK's own helper, whose work is done by portal-files.ts",
  "AWS::Cognito::ManagedLoginBranding": "the local login page has a look of its own",
  "AWS::Cognito::UserPoolUICustomizationAttachment": "the local login page has a look of its own",
  "AWS::SES::EmailIdentity": "the local mailbox takes every sender",
  "AWS::EventSchemas::Discoverer": "documentation of events",
  "AWS::CDK::Metadata": "CDK's own usage report",
};

/** ARNs of those that others name; the last part follows the service's own form. */
const arns: Readonly<Record<string, (name: string) => string>> = {
  "AWS::CloudWatch::Alarm": (name) => localArn("cloudwatch", `alarm:${name}`),
  "AWS::CloudWatch::CompositeAlarm": (name) => localArn("cloudwatch", `alarm:${name}`),
  "AWS::Logs::LogGroup": (name) => `${localArn("logs", `log-group:${name}`)}:*`,
  "AWS::WAFv2::WebACL": (name) => localArn("wafv2", `regional/webacl/${name}`),
};

/**
 * Creators that make nothing. A type that is neither here nor has a creator of its own stops the start: what this
 * machine does not carry must be a decision.
 */
export const nothingToMake: Readonly<Record<string, Creator>> = Object.fromEntries(
  Object.keys(reasons).map((type): [string, Creator] => [
    type,
    ({ stackName, logicalId, properties }) => {
      const name = String(
        properties["Name"] ?? properties["LogGroupName"] ?? properties["AlarmName"] ?? `${stackName}-${logicalId}`,
      );
      if (type === "AWS::SNS::Topic") {
        const topic = localArn("sns", String(properties["TopicName"] ?? name));
        return { ref: topic, attributes: { TopicArn: topic, TopicName: name } };
      }
      const arn = arns[type]?.(name);
      return { ref: name, attributes: { Id: logicalId, ...(arn === undefined ? {} : { Arn: arn }) } };
    },
  ]),
);
