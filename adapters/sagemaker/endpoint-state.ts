import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointOutput,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { DeploymentEvidence, Running } from "../../core/deployment/deployment-target.ts";
import { isPromotionId } from "../../core/promotion/promotion-id.ts";
import type { Hosting } from "./hosting.ts";
import { unlessAbsent } from "./refusals.ts";
import { answeringConfig, answersAs, shadowedBy } from "./shadow-config.ts";
import { sharedBy } from "./share-config.ts";

/** An endpoint as SageMaker describes it. */
export type EndpointState =
  | { readonly kind: "absent" }
  /** On its way to `changingTo`; `configName` is what serves meanwhile, or, while `creating`, what shall. */
  | {
      readonly kind: "busy";
      readonly configName: string;
      readonly changingTo: string;
      readonly creating: boolean;
      readonly stage: string;
    }
  | { readonly kind: "in-service"; readonly configName: string; readonly why: string | undefined }
  /** `deletable` where nothing but its removal is left to do. */
  | { readonly kind: "failed"; readonly configName: string; readonly why: string; readonly deletable: boolean };

/** An endpoint, and the words for the ledger. */
export interface DescribedEndpoint {
  readonly state: EndpointState;
  readonly evidence: DeploymentEvidence;
  /** By the names of the variants, their weights at the moment. */
  readonly weights: Readonly<Record<string, number>>;
  /** The same for the images of their containers, as they were specified. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  /** The same for instances; of serverless ones none. */
  readonly instances: Readonly<Record<string, number>>;
  /** RFC 3339. */
  readonly modified?: string;
}

/**
 * What SageMaker says of an endpoint. While a candidate runs in its shadow, what answers is what ran before: the
 * configuration that it is called by here is that one.
 */
export async function describeEndpoint(
  client: SageMakerClient,
  hosting: Pick<Hosting, "captures">,
  name: string,
): Promise<DescribedEndpoint> {
  const described = await describeAsItIs(client, name);
  const { state } = described;
  const candidate = state.kind === "absent" ? undefined : shadowedBy(state.configName);
  if (state.kind === "absent" || candidate === undefined) return described;
  const input = { EndpointConfigName: state.configName };
  const config = await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand(input)));
  const configName = config === undefined ? undefined : answeringConfig(config);
  if (config === undefined || configName === undefined) return described;
  // A name and an address prove nothing: anybody may make a configuration that is called so and answers with another model, or hands on what it is asked.
  const before = await unlessAbsent(() =>
    client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: configName })),
  );
  return before !== undefined && answersAs(candidate, config, { configName, config: before, hosting })
    ? { ...described, state: { ...state, configName } }
    : described;
}

/** The same, with a candidate in its shadow told as it is. */
export async function describeAsItIs(client: SageMakerClient, name: string): Promise<DescribedEndpoint> {
  const answer = await unlessAbsent(() => client.send(new DescribeEndpointCommand({ EndpointName: name })));
  if (answer === undefined)
    return {
      state: { kind: "absent" },
      evidence: { endpoint: name, status: "absent" },
      weights: {},
      images: {},
      instances: {},
    };
  const modified = answer.LastModifiedTime?.toISOString();
  return {
    state: stateOf(answer),
    evidence: evidenceOf(name, answer),
    weights: Object.fromEntries(
      (answer.ProductionVariants ?? []).map(({ VariantName, CurrentWeight = 0 }) => [VariantName ?? "", CurrentWeight]),
    ),
    images: Object.fromEntries(
      (answer.ProductionVariants ?? []).map(({ VariantName, DeployedImages = [] }) => [
        VariantName ?? "",
        DeployedImages.flatMap(({ SpecifiedImage }) => SpecifiedImage ?? []),
      ]),
    ),
    instances: Object.fromEntries(
      (answer.ProductionVariants ?? []).flatMap(({ VariantName, CurrentInstanceCount: count }) =>
        count === undefined ? [] : [[VariantName ?? "", count]],
      ),
    ),
    ...(modified === undefined ? {} : { modified }),
  };
}

/**
 * What runs there, in the words of every kind of target. While a candidate answers a part of the requests, it is what runs
 * and what the endpoint is being changed to; what answers beside it is told by the configuration alone.
 */
export function runningOf(state: EndpointState): Running {
  const serving = (configName: string): Running => {
    const shared = sharedBy(configName);
    const promotion = shared ?? (isPromotionId(configName) ? configName : undefined);
    return {
      revision: configName,
      ...(promotion === undefined ? {} : { promotion }),
      ...(shared === undefined ? {} : { changingTo: shared }),
    };
  };
  switch (state.kind) {
    case "absent":
      return {};
    case "busy": {
      const { changingTo, configName } = state;
      const isOurs = isPromotionId(changingTo) || (sharedBy(changingTo) ?? shadowedBy(changingTo)) !== undefined;
      return {
        // While it is created, nothing serves yet.
        ...(state.creating ? {} : serving(configName)),
        changingTo: sharedBy(changingTo) ?? changingTo,
        // What changes only its weights or its instances has the same configuration.
        ...(isOurs || changingTo === configName ? {} : { unknownComing: changingTo }),
      };
    }
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
      return {
        kind: "busy",
        configName,
        changingTo,
        // What changes only its weights has no other configuration before it either.
        creating: answer.EndpointStatus === "Creating",
        stage: stageOf(answer),
      };
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
