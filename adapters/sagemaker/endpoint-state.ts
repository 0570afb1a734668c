import { DescribeEndpointCommand, type DescribeEndpointOutput, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { DeploymentEvidence, Running } from "../../core/deployment/deployment-target.ts";
import { isPromotionId } from "../../core/promotion/promotion-id.ts";
import { unlessAbsent } from "./refusals.ts";

/** An endpoint as SageMaker describes it. */
export type EndpointState =
  | { readonly kind: "absent" }
  /** On its way to `changingTo`; `configName` is what serves meanwhile, or what is being created. */
  | { readonly kind: "busy"; readonly configName: string; readonly changingTo: string; readonly stage: string }
  | { readonly kind: "in-service"; readonly configName: string; readonly why: string | undefined }
  /** `deletable` where nothing but its removal is left to do. */
  | { readonly kind: "failed"; readonly configName: string; readonly why: string; readonly deletable: boolean };

/** What SageMaker says of an endpoint: how it stands, and the words for the ledger. */
export async function describeEndpoint(
  client: SageMakerClient,
  name: string,
): Promise<{ readonly state: EndpointState; readonly evidence: DeploymentEvidence }> {
  const answer = await unlessAbsent(() => client.send(new DescribeEndpointCommand({ EndpointName: name })));
  if (answer === undefined) return { state: { kind: "absent" }, evidence: { endpoint: name, status: "absent" } };
  return { state: stateOf(answer), evidence: evidenceOf(name, answer) };
}

/** What runs there, in the words of every kind of target. */
export function runningOf(state: EndpointState): Running {
  const serving = (configName: string): Running => ({
    revision: configName,
    ...(isPromotionId(configName) ? { promotion: configName } : {}),
  });
  switch (state.kind) {
    case "absent":
      return {};
    case "busy":
      // While it is created, nothing serves yet.
      return {
        ...(state.changingTo === state.configName ? {} : serving(state.configName)),
        changingTo: state.changingTo,
      };
    case "in-service":
      return serving(state.configName);
    case "failed":
      return { ...serving(state.configName), broken: state.why };
    default:
      return state satisfies never;
  }
}

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html says what each status means.
function stateOf(answer: DescribeEndpointOutput): EndpointState {
  const configName = answer.EndpointConfigName ?? "";
  const why = answer.FailureReason ?? `The endpoint is ${answer.EndpointStatus}.`;
  switch (answer.EndpointStatus) {
    case "InService":
      return { kind: "in-service", configName, why: answer.FailureReason };
    case "Failed":
      return { kind: "failed", configName, why, deletable: true };
    case "UpdateRollbackFailed":
    case "OutOfService":
      return { kind: "failed", configName, why, deletable: false };
    default: {
      // Until the update is over, EndpointConfigName is the old configuration's.
      const changingTo = answer.PendingDeploymentSummary?.EndpointConfigName ?? configName;
      return { kind: "busy", configName, changingTo, stage: stageOf(answer) };
    }
  }
}

function stageOf(answer: DescribeEndpointOutput): string {
  const statuses = (answer.PendingDeploymentSummary?.ProductionVariants ?? [])
    .flatMap(({ VariantStatus }) => VariantStatus ?? [])
    .flatMap(({ Status }) => (Status === undefined ? [] : [Status]));
  return [answer.EndpointStatus ?? "unknown", ...statuses].join(", ");
}

function evidenceOf(name: string, answer: DescribeEndpointOutput): DeploymentEvidence {
  const pending = answer.PendingDeploymentSummary;
  return {
    endpoint: name,
    status: answer.EndpointStatus ?? "unknown",
    configuration: answer.EndpointConfigName ?? null,
    failureReason: answer.FailureReason ?? null,
    variants: (answer.ProductionVariants ?? []).map((variant) => ({
      name: variant.VariantName ?? null,
      images: (variant.DeployedImages ?? []).map(({ ResolvedImage }) => ResolvedImage ?? null),
      weight: variant.CurrentWeight ?? null,
      instances: variant.CurrentInstanceCount ?? null,
    })),
    pending:
      pending === undefined ? null : { configuration: pending.EndpointConfigName ?? null, stage: stageOf(answer) },
    lastModified: answer.LastModifiedTime?.toISOString() ?? null,
  };
}
