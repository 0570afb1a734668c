import {
  complain,
  countOf,
  entriesOf,
  fieldsOf,
  type Loaded,
  type Place,
  type Reading,
  readPolicyFile,
  requireSlug,
  textOf,
} from "../../encoding/policy-file.ts";
import type { Model } from "../../promotion/freeze-manifest.ts";
import { type DeployedTarget, isHosted, type SageMakerTarget } from "../../promotion/target.ts";
import { servingAccountOf } from "./load-account.ts";
import { asynchronousOf, refuseServerlessQueue } from "./load-asynchronous.ts";
import { componentTargetOf } from "./load-component-target.ts";
import { demandsOf } from "./load-demands.ts";
import { endpointNameOf, groupOf, networkOf } from "./load-hosted.ts";
import { kubernetesTargetOf } from "./load-kubernetes-target.ts";
import { pipelineTargetOf } from "./load-pipeline-target.ts";
import { longestQueuedAnswer, releaseOf } from "./load-release.ts";
import { serverlessOf } from "./load-serverless.ts";
import { webhookTargetOf } from "./load-webhook-target.ts";

/** A place where candidates may come to run, as policies/targets.yaml describes it; `{model}` stands for the model's name. */
export type TargetRule = WithoutName<DeployedTarget>;
/** Of each kind by itself. */
type WithoutName<Each> = Each extends DeployedTarget ? Omit<Each, "name"> : never;

export type Targets = Readonly<Record<string, TargetRule>>;

/** Reads policies/targets.yaml. */
export function loadTargets(text: string, reading: Reading = "new"): Loaded<Targets> {
  return readPolicyFile(text, reading, (root) => {
    const { targets } = fieldsOf(root, ["targets"]);
    const entries = targets === undefined ? [] : (entriesOf(targets) ?? []);
    if (targets !== undefined && entries.length === 0) complain(targets, "There is no target.");
    return Object.fromEntries(entries.map(([name, place]) => [name, targetOf(name, place)]));
  });
}

/** The target that a candidate is frozen for. */
export function resolveTarget(name: string, rule: TargetRule, model: Model): DeployedTarget {
  const named = { name, ...rule, endpoint: rule.endpoint.replaceAll("{model}", model.name) };
  if (named.kind === "kubernetes") {
    const { application, mirror } = named;
    const own = (text: string) => text.replaceAll("{model}", model.name);
    return {
      ...named,
      ...(application === undefined ? {} : { application: { ...application, name: own(application.name) } }),
      ...(mirror === undefined
        ? {}
        : { mirror: { ...mirror, route: own(mirror.route), service: own(mirror.service) } }),
    };
  }
  if (!isHosted(named)) return named;
  const placed =
    named.kind === "sagemaker-endpoint"
      ? answeringFor(named, model)
      : { ...named, host: named.host.replaceAll("{model}", model.name) };
  if (placed.registry === undefined) return placed;
  // arn:…:model-package-group/<group> holds arn:…:model-package/<group>/<version>.
  const group = placed.registry.replaceAll("{model}", model.name).replace(":model-package-group/", ":model-package/");
  return { ...placed, registry: `${group}/${model.version}` };
}

/** The target, with its answers left where those of the model are. */
function answeringFor(target: SageMakerTarget, { name }: Model): SageMakerTarget {
  const { asynchronous } = target;
  if (asynchronous === undefined) return target;
  const { output, failures } = asynchronous;
  const own = (address: string) => address.replaceAll("{model}", name);
  return {
    ...target,
    asynchronous: {
      ...asynchronous,
      output: own(output),
      ...(failures === undefined ? {} : { failures: own(failures) }),
    },
  };
}

function targetOf(name: string, place: Place): TargetRule {
  requireSlug(name, place);
  const { value } = place;
  const kind = typeof value === "object" && value !== null && "kind" in value ? value["kind"] : undefined;
  if (kind === "kubernetes") return kubernetesTargetOf(place);
  if (kind === "sagemaker-inference-component") return componentTargetOf(place);
  if (kind === "webhook") return webhookTargetOf(place);
  return kind === "pipeline" ? pipelineTargetOf(place) : sagemakerTargetOf(place);
}

function sagemakerTargetOf(place: Place): TargetRule {
  const fields = fieldsOf(
    place,
    isServerless(place) ? ["kind", "endpoint", "serverless"] : ["kind", "endpoint", "instanceType", "instanceCount"],
    [
      ...["instanceType", "instanceCount", "traffic", "alarms", "registry", "account", "network", "infrastructure"],
      ...["watch", "asynchronous"],
    ] as const,
  );
  const { kind, endpoint, registry, account, network, infrastructure } = fields;
  if (kind !== undefined && kind.value !== "sagemaker-endpoint") {
    complain(
      kind,
      "The kinds of target known here are 'sagemaker-endpoint', 'sagemaker-inference-component', 'kubernetes', 'pipeline' and 'webhook'.",
    );
  }
  const shared = {
    kind: "sagemaker-endpoint",
    endpoint: endpointNameOf(endpoint, "An endpoint's name"),
    ...(registry === undefined ? {} : { registry: groupOf(registry) }),
    ...(account === undefined ? {} : { account: servingAccountOf(account) }),
    ...demandsOf({ infrastructure }),
  } as const;
  const { serverless, asynchronous } = fields;
  if (serverless !== undefined) refuseServerlessQueue(asynchronous);
  if (serverless !== undefined) return { ...shared, ...serverlessOf({ ...fields, serverless }), network: "open" };
  return { ...shared, ...instancesOf(fields), ...(network === undefined ? {} : networkOf(network)) };
}

function isServerless({ value }: Place): boolean {
  return typeof value === "object" && value !== null && "serverless" in value;
}

function instancesOf({
  instanceType,
  instanceCount,
  traffic,
  alarms,
  watch,
  asynchronous,
}: Readonly<
  Partial<Record<"instanceType" | "instanceCount" | "traffic" | "alarms" | "watch" | "asynchronous", Place>>
>) {
  if (watch !== undefined)
    complain(watch, "SageMaker itself watches what is released on instances; give 'traffic' with a wait.");
  const type = textOf(instanceType, 40);
  if (instanceType !== undefined && !/^ml\.[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+$/.test(type)) {
    complain(instanceType, "This must be a SageMaker instance type such as ml.m5.large.");
  }
  const count = countOf(instanceCount, 2, 100);
  const machine = { instanceType: type, instanceCount: count };
  if (asynchronous === undefined) return { ...machine, ...releaseOf({ traffic, alarms }, machine) };
  return {
    ...machine,
    asynchronous: asynchronousOf(asynchronous),
    ...releaseOf({ traffic, alarms }, machine, longestQueuedAnswer),
  };
}
