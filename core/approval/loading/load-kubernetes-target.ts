import { complain, countOf, fieldsOf, type Place, textOf } from "../../encoding/policy-file.ts";
import { isSha256 } from "../../encoding/sha256.ts";
import { type KubernetesTarget, workloads } from "../../promotion/target.ts";
import { labelOf } from "./kubernetes-name.ts";
import { accountOf } from "./load-account.ts";
import { clusterReleaseOf } from "./load-cluster-release.ts";
import { demandsOf } from "./load-demands.ts";

// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
const clusterName = /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/;
const imageByDigest = /^[a-z0-9][a-zA-Z0-9./:_-]*@sha256:[0-9a-f]{64}$/;
const defaultPort = 8080;
const defaultReadinessPath = "/ping";

/** Reads a target of the kind `kubernetes`; complains where Kubernetes would not know what it says. */
export function kubernetesTargetOf(place: Place): Omit<KubernetesTarget, "name"> {
  const fields = fieldsOf(
    place,
    ["kind", "cluster", "namespace", "workload", "endpoint", "container", "fetcher"],
    [
      "account",
      "port",
      "readinessPath",
      "unpack",
      "serviceAccount",
      "application",
      "preSync",
      "told",
      "metrics",
      "mirror",
      "traffic",
      "alarms",
      "infrastructure",
    ],
  );
  const fetcher = textOf(fields.fetcher, 255);
  if (fields.fetcher !== undefined && !imageByDigest.test(fetcher))
    complain(
      fields.fetcher,
      "This must be an image by its digest: repository@sha256:…; a tag may mean another tomorrow.",
    );
  const readinessPath = fields.readinessPath === undefined ? defaultReadinessPath : textOf(fields.readinessPath, 200);
  if (fields.readinessPath !== undefined && !/^\/[\w./-]*$/.test(readinessPath))
    complain(fields.readinessPath, "This must be a path such as /ping.");
  const { unpack } = fields;
  if (unpack !== undefined && unpack.value !== true) complain(unpack, "This must be true, or nothing at all.");
  const cluster = textOf(fields.cluster, 100);
  if (fields.cluster !== undefined && !clusterName.test(cluster))
    complain(fields.cluster, "This must be the name of an EKS cluster.");
  const workload = workloadOf(fields.workload);
  return {
    kind: "kubernetes",
    cluster,
    ...(fields.account === undefined ? {} : { account: accountOf(fields.account) }),
    namespace: labelOf(fields.namespace),
    workload,
    endpoint: labelOf(fields.endpoint, "m"),
    container: labelOf(fields.container),
    fetcher,
    ...(unpack === undefined ? {} : { unpack: true }),
    port: countOf(fields.port, defaultPort, 65_535),
    readinessPath,
    ...(fields.serviceAccount === undefined ? {} : { serviceAccount: labelOf(fields.serviceAccount) }),
    ...toldOf(fields.told),
    ...deliveryOf(fields, workload),
    ...clusterReleaseOf(fields, workload),
    ...demandsOf(fields),
  };
}

/** Where Argo CD brings the workload: what it takes from Git is not made here. */
function deliveryOf(
  {
    application,
    preSync,
    serviceAccount,
  }: { readonly application?: Place; readonly preSync?: Place; readonly serviceAccount?: Place },
  workload: KubernetesTarget["workload"],
): Pick<KubernetesTarget, "application" | "preSync"> {
  if (application === undefined) {
    if (preSync !== undefined)
      complain(preSync, "'preSync' is a Job that an Application of Argo CD runs; here is no 'application'.");
    return {};
  }
  if (workload !== "deployment")
    complain(
      application,
      "By Argo CD a Deployment can be released: of other kinds Kustomize would replace whole lists of containers.",
    );
  if (serviceAccount !== undefined)
    complain(serviceAccount, "Argo CD takes the workload from Git, and its service account with it.");
  const { name, namespace, source } = fieldsOf(application, ["name"], ["namespace", "source"]);
  return {
    application: {
      name: labelOf(name, "m"),
      namespace: namespace === undefined ? "argocd" : labelOf(namespace),
      ...(source === undefined ? {} : { source: labelOf(source) }),
    },
    ...(preSync === undefined ? {} : { preSync: labelOf(preSync) }),
  };
}

/** What the containers are told is the cluster's to write, and may be secret: it is named by its digest alone. */
function toldOf(place: Place | undefined): Pick<KubernetesTarget, "told"> {
  if (place === undefined) return {};
  const { value } = place;
  if (isSha256(value)) return { told: value };
  complain(place, "This must be a SHA-256 of 64 small hexadecimal digits, as the refusal at staging names it.");
  return {};
}

function workloadOf(place: Place | undefined): KubernetesTarget["workload"] {
  const found = workloads.find((each) => each === place?.value);
  if (place !== undefined && found === undefined) complain(place, `This must be one of ${workloads.join(", ")}.`);
  return found ?? "deployment";
}
