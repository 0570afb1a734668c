import {
  DescribeInferenceComponentCommand,
  type DescribeInferenceComponentOutput,
  ListInferenceComponentsCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { DeploymentEvidence, Running } from "../../core/deployment/deployment-target.ts";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { isPromotionId } from "../../core/promotion/promotion-id.ts";
import type { ComponentTarget } from "../../core/promotion/target.ts";
import { releaseIn, revisionOf } from "./component-release.ts";
import { unlessAbsent } from "./refusals.ts";

/** An inference component as SageMaker describes it. */
export type ComponentState =
  | { readonly kind: "absent" }
  /** Created, updated, scaled or deleted. Which model it names until that is over, the one before or the one to come, is not documented. */
  | { readonly kind: "busy"; readonly status: string; readonly described: DescribeInferenceComponentOutput }
  | { readonly kind: "in-service"; readonly described: DescribeInferenceComponentOutput }
  | { readonly kind: "failed"; readonly why: string; readonly described: DescribeInferenceComponentOutput };

/** A component, and the words for the ledger. */
export interface DescribedComponent {
  readonly state: ComponentState;
  readonly evidence: DeploymentEvidence;
}

export async function describeComponent(client: SageMakerClient, name: string): Promise<DescribedComponent> {
  const described = await unlessAbsent(() =>
    client.send(new DescribeInferenceComponentCommand({ InferenceComponentName: name })),
  );
  if (described === undefined) return { state: { kind: "absent" }, evidence: { component: name, status: "absent" } };
  return { state: stateOf(described), evidence: evidenceOf(name, described) };
}

/** What a component runs, in the words of every kind of target. On another endpoint than the target's it is none of ours. */
export function runningIn(state: ComponentState, { host }: Pick<ComponentTarget, "host">): Running {
  switch (state.kind) {
    case "absent":
      return {};
    case "busy":
      return {
        ...(state.status === "Creating" ? {} : serving(state.described, host)),
        changingTo: becoming(state),
        ...unexplained(state),
      };
    case "in-service":
      return serving(state.described, host);
    case "failed":
      return { ...serving(state.described, host), broken: state.why };
    default:
      return state satisfies never;
  }
}

/** The names of the components on an endpoint; none where it is not there. */
export async function componentsOn(client: SageMakerClient, host: string): Promise<readonly string[]> {
  const names: string[] = [];
  let next: string | undefined;
  do {
    const asked = { EndpointNameEquals: host, MaxResults: 100, ...(next === undefined ? {} : { NextToken: next }) };
    const page = await unlessAbsent(() => client.send(new ListInferenceComponentsCommand(asked)));
    names.push(...(page?.InferenceComponents ?? []).flatMap(({ InferenceComponentName: name }) => name ?? []));
    next = page?.NextToken;
  } while (next !== undefined);
  return names;
}

function serving(described: DescribeInferenceComponentOutput, host: string): Running {
  const release = releaseIn(described);
  const { EndpointName: endpoint } = described;
  if (endpoint !== host || release === undefined) return { revision: foreignRevision(described) };
  return {
    revision: revisionOf(release),
    ...(isPromotionId(release.model) ? { promotion: release.model } : {}),
  };
}

/** Never taken for what it is now: whoever waits for it looks again. */
function becoming({
  status,
  described,
}: {
  readonly status: string;
  readonly described: DescribeInferenceComponentOutput;
}) {
  if (status === "Creating") return described.Specification?.ModelName ?? status;
  return `what it is ${status.toLowerCase()} to`;
}

/**
 * What somebody updates it to, of which SageMaker does not tell before that is over. Scaling is an update as well: while there are
 * fewer copies than are asked for, or more, it is that.
 */
function unexplained({
  status,
  described: { RuntimeConfig: copies, LastModifiedTime: at },
}: {
  readonly status: string;
  readonly described: DescribeInferenceComponentOutput;
}): Pick<Running, "unknownComing" | "unknownSince"> {
  const scales = copies !== undefined && copies.CurrentCopyCount !== copies.DesiredCopyCount;
  if (status !== "Updating" || scales || at === undefined) return {};
  return { unknownComing: "what somebody updates it to", unknownSince: instantFromMs(at.getTime()) };
}

/** Of what is not one model with resources of its own: a name for people. */
function foreignRevision({
  EndpointName: endpoint,
  Specification: spec,
  Specifications: specs,
}: DescribeInferenceComponentOutput) {
  const { ModelName: model, Container: container, BaseInferenceComponentName: base } = spec ?? {};
  return canonicalJson({
    host: endpoint ?? null,
    ...(model === undefined ? {} : { model }),
    ...(base === undefined ? {} : { adapterOf: base }),
    ...(container === undefined ? {} : { image: container.DeployedImage?.SpecifiedImage ?? null }),
    ...(container?.ArtifactUrl === undefined ? {} : { artifact: container.ArtifactUrl }),
    ...(specs === undefined ? {} : { models: specs.map(({ ModelName: each }) => each ?? null) }),
  });
}

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
function stateOf(described: DescribeInferenceComponentOutput): ComponentState {
  const status = described.InferenceComponentStatus ?? "unknown";
  if (status === "InService") return { kind: "in-service", described };
  if (status !== "Failed") return { kind: "busy", status, described };
  return { kind: "failed", why: described.FailureReason ?? "The inference component is Failed.", described };
}

function evidenceOf(name: string, described: DescribeInferenceComponentOutput): DeploymentEvidence {
  const { Specification: spec, RuntimeConfig: runtime, LastDeploymentConfig: last } = described;
  const images = spec?.Container?.DeployedImage;
  return {
    component: name,
    endpoint: described.EndpointName ?? null,
    variant: described.VariantName ?? null,
    status: described.InferenceComponentStatus ?? "unknown",
    failureReason: described.FailureReason ?? null,
    model: spec?.ModelName ?? null,
    image: images?.ResolvedImage ?? images?.SpecifiedImage ?? null,
    copies: { desired: runtime?.DesiredCopyCount ?? null, current: runtime?.CurrentCopyCount ?? null },
    alarmsHeeded: (last?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName: alarm }) => alarm ?? null),
    lastModified: described.LastModifiedTime?.toISOString() ?? null,
  };
}
