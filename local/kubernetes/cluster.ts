import { join } from "node:path";
import { readObject } from "../s3/objects.ts";
import type { LocalImage } from "../sagemaker/container.ts";
import { type KubernetesOptions, type LocalKubernetes, startKubernetes } from "./kubernetes.ts";
import type { AccessEntry } from "./users.ts";

/** A Kubernetes cluster, as whoever runs it has set it up. */
export interface ClusterOptions extends Pick<KubernetesOptions, "argoCd" | "services" | "keepAnswer"> {
  readonly name: string;
  /** What they applied to it: YAML documents. */
  readonly manifests: readonly string[];
  /** Whom they let in: functions by their logical ids. */
  readonly accessEntries: readonly AccessEntry[];
}

/** Starts the cluster, where one is given. Its pods read models with rights that are not the template's to give. */
export async function startCluster(
  options: {
    readonly cluster?: ClusterOptions;
    readonly stateDirectory: string;
    readonly images?: readonly LocalImage[];
  },
  port: number,
  s3Url: string,
): Promise<LocalKubernetes | undefined> {
  const { cluster } = options;
  if (cluster === undefined) return undefined;
  const { manifests, ...given } = cluster;
  const kubernetes = await startKubernetes({
    ...given,
    directory: join(options.stateDirectory, "kubernetes"),
    port,
    images: options.images ?? [],
    readObject: (s3Uri, versionId) => readObject(s3Url, s3Uri, "WORKLOAD", versionId),
  });
  for (const manifest of manifests) kubernetes.apply(manifest);
  return kubernetes;
}
