import type { Json } from "../../core/encoding/canonical-json.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Traffic } from "../../core/promotion/traffic.ts";
import { firstShare } from "./canary-share.ts";
import type { KubernetesObject } from "./cluster.ts";
import { fetchFolder, modelFolder } from "./model-folder.ts";
import { rolloutSteps } from "./rollout-steps.ts";
import { annotation, fetcherName, isOurs, prefix, type ServedRelease } from "./served-release.ts";
import { itemsIn, memberOf, workloadKinds } from "./workload-kinds.ts";

const stepsField = ".spec.strategy.canary.steps";
/** Nothing of it is put together from names: a shell reads only what stands here. */
const fetchScript =
  `aws s3api get-object --bucket "$MODEL_BUCKET" --key "$MODEL_KEY" --version-id "$MODEL_VERSION" "${fetchFolder}/$MODEL_FILE" >/dev/null\n` +
  `echo "$MODEL_SHA256  ${fetchFolder}/$MODEL_FILE" | sha256sum -c -`;
/** `-o`: what is unpacked belongs to whoever unpacks it, with GNU's tar and with BusyBox's. */
const unpackScript = `
tar -x -z -o -f "${fetchFolder}/$MODEL_FILE" -C "${fetchFolder}"
rm -f "${fetchFolder}/$MODEL_FILE"`;

/**
 * The fields of a workload that make it run `release`, and no others: everything else belongs to whoever runs the
 * cluster. `current` is the workload as it is; where there is none, the document makes it. `traffic`: how it comes over, where the
 * steps are ours to write.
 */
export function releaseDocument(
  release: ServedRelease,
  target: KubernetesTarget,
  current: KubernetesObject | undefined,
  traffic?: Traffic,
): KubernetesObject {
  const kind = workloadKinds[target.workload];
  const { group, version, kind: name } = kind.resource;
  const whole = current === undefined || isOurs(current);
  const selector = { "app.kubernetes.io/name": target.endpoint };
  const spec = podSpec(release, target, whole);
  const pod = {
    labels: { ...(whole ? selector : {}), ...ownLabels(release) },
    annotations: ownAnnotations(release),
    spec: kind.mergesLists || current === undefined ? spec : intoLists(kind.podOf(current).spec, spec, target, release),
  };
  const { resourceVersion, uid } = current === undefined ? {} : memberOf(current, "metadata");
  return {
    apiVersion: `${group}/${version}`,
    kind: name,
    metadata: {
      name: target.endpoint,
      namespace: target.namespace,
      // Whoever changed it since it was read is not overwritten.
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      // Nor is it made again, out of the fields that are ours alone, where somebody removed it.
      ...(uid === undefined ? {} : { uid }),
      labels: ownLabels(release),
      ...(whole ? { annotations: { [annotation.created]: "true" } } : {}),
    },
    spec: withTraffic(kind.specAround(pod, whole ? selector : undefined), target, traffic),
  };
}

/** Of a Rollout its steps, where the target leaves them to us; of an InferenceService the part that it gives, which says what answers. */
function withTraffic(spec: KubernetesObject, target: KubernetesTarget, traffic: Traffic | undefined): KubernetesObject {
  if (target.workload === "inference-service") {
    const share = firstShare(traffic);
    if (share === undefined) return spec;
    return { ...spec, predictor: { ...memberOf(spec, "predictor"), canaryTrafficPercent: share } };
  }
  if (target.traffic === undefined) return spec;
  return { ...spec, strategy: { canary: { steps: rolloutSteps(traffic ?? target.traffic) } } };
}

/**
 * Whether a conflict over `field` may be settled by force: it is one of those that say what runs. Of the lists that are
 * one field everything that is somebody else's is applied as it was read.
 */
export function mayTakeOver(field: string, target: KubernetesTarget): boolean {
  const pod = target.workload === "inference-service" ? ".spec.predictor" : ".spec.template.spec";
  const { mergesLists } = workloadKinds[target.workload];
  const taken = mergesLists
    ? [
        `${pod}.containers[name="${target.container}"].image`,
        `${pod}.containers[name="${target.container}"].volumeMounts[mountPath="${modelFolder}"]`,
        `${pod}.initContainers[name="${fetcherName}"]`,
        `${pod}.volumes[name="${fetcherName}"]`,
      ]
    : [
        `${pod}.containers`,
        `${pod}.initContainers`,
        `${pod}.volumes`,
        ...(target.workload === "inference-service" ? [`${pod}.canaryTrafficPercent`] : []),
        ...(target.traffic === undefined ? [] : [stepsField]),
      ];
  return taken.some((own) => field === own || field.startsWith(`${own}.`)) || field.includes(`.${prefix}/`);
}

/** Whether everything that we set is still there as we set it; what others added beside it does not matter. */
export function holdsAll(live: Json | undefined, ours: Json): boolean {
  if (Array.isArray(ours)) {
    if (!Array.isArray(live)) return false;
    const others = live as readonly Json[];
    const keyed = (ours as readonly Json[]).every((item) => keyOf(item) !== undefined);
    if (!keyed) return others.length === ours.length && ours.every((item, at) => holdsAll(others[at], item as Json));
    return ours.every((item) => {
      // The API server takes a variable that stands twice, and the later one counts.
      const [named, ...again] = others.filter((each) => keyOf(each) === keyOf(item as Json));
      return again.length === 0 && holdsAll(named, item as Json);
    });
  }
  if (typeof ours === "object" && ours !== null) {
    if (typeof live !== "object" || live === null || Array.isArray(live)) return false;
    const members = live as KubernetesObject;
    return Object.entries(ours).every(([name, value]) => name === "resourceVersion" || holdsAll(members[name], value));
  }
  return live === ours;
}

function keyOf(item: Json | undefined): string | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const { mountPath, containerPort, protocol = "TCP", name } = item as KubernetesObject;
  if (containerPort !== undefined) return `${String(containerPort)}/${String(protocol)}`;
  // A mount names its volume too, but it is its path that tells it apart.
  const key = mountPath ?? name;
  return key === undefined ? undefined : String(key);
}

/** By which what is ours is found, on a workload and on what brings it there. */
export function ownLabels({ approved }: ServedRelease): KubernetesObject {
  return approved === undefined ? {} : { [`${prefix}/model`]: "true", [annotation.promotion]: approved.promotion };
}

function ownAnnotations({ approved }: ServedRelease): KubernetesObject {
  if (approved === undefined) return {};
  return {
    [annotation.promotion]: approved.promotion,
    [annotation.verdict]: approved.verdict,
    [annotation.modelDigest]: approved.model.sha256,
  };
}

/** What the pods of a release run; `whole`: with all that a workload of our own needs. */
export function podSpec(
  { image, approved }: ServedRelease,
  target: KubernetesTarget,
  whole: boolean,
): KubernetesObject {
  const mount = { name: fetcherName, mountPath: modelFolder, readOnly: true };
  const container = {
    name: target.container,
    image,
    ...(approved === undefined ? {} : { volumeMounts: [mount] }),
    ...(whole
      ? {
          ports: [{ containerPort: target.port, protocol: "TCP" }],
          readinessProbe: { httpGet: { path: target.readinessPath, port: target.port } },
        }
      : {}),
  };
  if (approved === undefined) return { containers: [container] };
  return {
    ...(whole && target.serviceAccount !== undefined ? { serviceAccountName: target.serviceAccount } : {}),
    initContainers: [fetcherContainer(approved)],
    containers: [container],
    volumes: [{ name: fetcherName, emptyDir: {} }],
  };
}

/** Fetches one version of one object, and fails unless its bytes are those that were approved. */
function fetcherContainer({ model, fetcher, unpack }: NonNullable<ServedRelease["approved"]>): KubernetesObject {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(model.uri) ?? [];
  const env = {
    MODEL_BUCKET: bucket,
    MODEL_KEY: key,
    MODEL_VERSION: model.versionId,
    MODEL_SHA256: model.sha256,
    MODEL_FILE: key.slice(key.lastIndexOf("/") + 1),
    ...(unpack ? { MODEL_UNPACK: "tar.gz" } : {}),
  };
  return {
    name: fetcherName,
    image: fetcher,
    command: ["sh", "-ec", unpack ? `${fetchScript}${unpackScript}` : fetchScript],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    volumeMounts: [{ name: fetcherName, mountPath: fetchFolder }],
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/** Our containers and volume among those that are there, for lists that are applied as a whole. */
function intoLists(
  live: KubernetesObject,
  ours: KubernetesObject,
  target: KubernetesTarget,
  { approved }: ServedRelease,
): KubernetesObject {
  const others = (list: string, name: string) => itemsIn(live, list).filter((each) => each["name"] !== name);
  const [own = {}] = itemsIn(ours, "containers");
  const containers = itemsIn(live, "containers").map((each) =>
    each["name"] === target.container ? withOwn(each, own) : each,
  );
  const there = containers.some(({ name }) => name === target.container);
  const lists = {
    containers: there ? containers : [...containers, own],
    initContainers: [...others("initContainers", fetcherName), ...itemsIn(ours, "initContainers")],
    volumes: [...others("volumes", fetcherName), ...itemsIn(ours, "volumes")],
  };
  if (approved !== undefined) return { ...ours, ...lists };
  const filled = Object.entries(lists).filter(([, items]) => items.length > 0);
  return { ...ours, ...Object.fromEntries(filled) };
}

function withOwn(container: KubernetesObject, own: KubernetesObject): KubernetesObject {
  const { volumeMounts: _, ...kept } = container;
  const mounts = itemsIn(container, "volumeMounts").filter(({ mountPath }) => mountPath !== modelFolder);
  const volumeMounts = [...mounts, ...itemsIn(own, "volumeMounts")];
  return { ...kept, ...own, ...(volumeMounts.length === 0 ? {} : { volumeMounts }) };
}
