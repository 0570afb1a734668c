import { utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject } from "./cluster.ts";
import { fetchFolder, modelFolder } from "./model-folder.ts";
import { fetcherName } from "./served-release.ts";
import { itemsIn, memberOf, record, workloadKinds } from "./workload-kinds.ts";

/** What decides, beside its image, which program a container runs, and with what. */
const ofContainer = ["command", "args", "workingDir", "env", "envFrom", "lifecycle", "volumeDevices"];
const probes = ["readinessProbe", "livenessProbe", "startupProbe"];
/** By which other containers, or the node, reach into it. */
const ofPod = ["shareProcessNamespace", "hostPID"];
/** The members of a predictor that are of its pod, or say how many there are and where; any other may be a model. */
const ofPredictor = new Set(
  [
    "activeDeadlineSeconds affinity annotations autoScaling automountServiceAccountToken batcher canaryTrafficPercent",
    "containerConcurrency containers deploymentStrategy dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostname",
    "hostNetwork hostPID hostUsers imagePullSecrets initContainers labels logger maxReplicas minReplicas nodeName nodeSelector",
    "os overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy",
    "runtimeClassName scaleMetric scaleMetricType scaleTarget schedulerName schedulingGates securityContext serviceAccount",
    "serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds timeout tolerations",
    "topologySpreadConstraints volumes",
  ].flatMap((names) => names.split(" ")),
);
const ownVariable = /^MODEL_(BUCKET|KEY|VERSION|SHA256|FILE|UNPACK)$/;

/**
 * Why what the containers that fetch and serve are told beside their images is not what the target names by its digest, as a
 * part of a sentence; `undefined` where it is, or where neither says anything. Values are not told: they may be secret.
 */
export function whyToldOtherwise(object: KubernetesObject, target: KubernetesTarget): string | undefined {
  const told = toldBeside(object, target);
  if (told === undefined)
    return target.told === undefined ? undefined : "its containers are told nothing of what its target names by 'told'";
  const digest = sha256Hex(utf8(canonicalJson(told)));
  if (digest === target.told) return undefined;
  const members = Object.entries(told).flatMap(([of, words]) =>
    typeof words === "object" ? Object.keys(words ?? {}).map((word) => `${of}.${word}`) : [of],
  );
  return `what its containers are told beside their images (${members.join(", ")}) is not what its target names, 'told: ${digest}'`;
}

function toldBeside(object: KubernetesObject, target: KubernetesTarget): KubernetesObject | undefined {
  const { spec } = workloadKinds[target.workload].podOf(object);
  const serving = itemsIn(spec, "containers").find(({ name }) => name === target.container);
  const fetcher = itemsIn(spec, "initContainers").find(({ name }) => name === fetcherName);
  const told = filled({
    ...(target.workload === "inference-service" ? otherParts(object) : {}),
    ...Object.fromEntries(ofPod.filter((name) => spec[name] === true).map((name) => [name, true])),
    ...(serving === undefined ? {} : { container: wordsOf(serving, spec, modelFolder) }),
    ...(fetcher === undefined ? {} : { fetcher: wordsOf(withoutOwn(fetcher), spec, fetchFolder) }),
  });
  return Object.keys(told).length === 0 ? undefined : told;
}

/** What an InferenceService says that lets KServe run another program before the container, or in its place. */
function otherParts(object: KubernetesObject): KubernetesObject {
  const { predictor, ...before } = memberOf(object, "spec");
  const others = Object.entries(record(predictor)).filter(([name]) => !ofPredictor.has(name));
  return { ...before, predictor: filled(Object.fromEntries(others)) };
}

function wordsOf(container: KubernetesObject, spec: KubernetesObject, folder: string): KubernetesObject {
  const mounts = itemsIn(container, "volumeMounts").filter((mount) => !isOwn(mount, folder));
  const mounted = new Set(mounts.map(({ name }) => name));
  const runs = probes.flatMap((name) => {
    const { exec } = memberOf(container, name);
    return exec === undefined ? [] : [[name, exec] as const];
  });
  return filled({
    ...Object.fromEntries(ofContainer.flatMap((name) => [[name, container[name] ?? null] as const])),
    ...Object.fromEntries(runs),
    volumeMounts: [...mounts],
    // What a volume of the model is, is ours.
    volumes: itemsIn(spec, "volumes").filter(({ name }) => name !== fetcherName && mounted.has(name)),
  });
}

/** Of our own container what is ours is compared by itself: of each variable the first, for a second one would take its place. */
function withoutOwn({ command: _, ...fetcher }: KubernetesObject): KubernetesObject {
  const env = itemsIn(fetcher, "env");
  const isFirst = ({ name }: KubernetesObject, at: number) => env.findIndex((each) => each["name"] === name) === at;
  return { ...fetcher, env: env.filter((each, at) => !(ownVariable.test(String(each["name"])) && isFirst(each, at))) };
}

function isOwn({ name, mountPath, subPath, subPathExpr }: KubernetesObject, folder: string): boolean {
  return name === fetcherName && mountPath === folder && subPath === undefined && subPathExpr === undefined;
}

/** Without what says nothing. */
function filled(members: Readonly<Record<string, Json>>): KubernetesObject {
  const says = (value: Json) =>
    typeof value === "object" ? Object.keys(value ?? {}).length > 0 : value !== "" && value !== false;
  return Object.fromEntries(Object.entries(members).filter(([, value]) => says(value)));
}
