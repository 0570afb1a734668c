import type { Json } from "../../../core/encoding/canonical-json.ts";

const stack = "arn:aws:cloudformation:us-east-1:000000000000:stack/scoring/0f1e";
export const changeSetId = "arn:aws:cloudformation:us-east-1:000000000000:changeSet/release-7/9a8b";

const change = (LogicalResourceId: string, AfterContext: string) => ({
  Type: "Resource",
  ResourceChange: {
    Action: "Modify",
    LogicalResourceId,
    ResourceType: "AWS::SageMaker::EndpointConfig",
    Replacement: "True",
    Scope: ["Properties"],
    Details: [],
    AfterContext,
  },
});

/** A change set of three changes, as the command line of AWS prints it. */
export const signedChangeSet = {
  ChangeSetName: "release-7",
  ChangeSetId: changeSetId,
  StackId: stack,
  StackName: "scoring",
  Parameters: [{ ParameterKey: "Count", ParameterValue: "2" }],
  CreationTime: "2026-11-23T09:00:00.000000+00:00",
  ExecutionStatus: "AVAILABLE",
  Status: "CREATE_COMPLETE",
  NotificationARNs: [],
  RollbackConfiguration: {},
  Capabilities: ["CAPABILITY_IAM"],
  Tags: [],
  IncludeNestedStacks: false,
  Changes: ["One", "Two", "Three"].map((name) => change(name, `{"Properties":{"Count":"<${name} & 2>"}}`)),
} satisfies Json;

/** The same, once it was executed. */
export const executed = { ...signedChangeSet, ExecutionStatus: "EXECUTE_COMPLETE" };
export const changedStack = { StackStatus: "UPDATE_COMPLETE", ChangeSetId: changeSetId };
