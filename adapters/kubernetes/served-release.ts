import * as v from "valibot";
import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { isSha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { ServedCandidate } from "../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf, workloadKinds } from "./workload-kinds.ts";

/** What a workload is asked to run: one of ours, or an image that somebody else put there. */
export interface ServedRelease {
  readonly image: string;
  readonly approved?: {
    readonly promotion: PromotionId;
    readonly verdict: string;
    readonly model: ServedCandidate["model"];
    /** The image that fetches the model, which is part of what runs. */
    readonly fetcher: string;
    /** Whether that unpacks it. */
    readonly unpack?: true;
  };
}

/** Begins the names of our labels and annotations. The admission policy that is shipped names them too. */
export const prefix = "countersign.example";
export const annotation = {
  promotion: `${prefix}/promotion`,
  verdict: `${prefix}/verdict`,
  modelDigest: `${prefix}/model-sha256`,
  created: `${prefix}/created`,
  image: `${prefix}/image`,
  target: `${prefix}/target`,
  shadow: `${prefix}/shadow`,
  stopped: `${prefix}/stopped`,
} as const;
/** The container that fetches the model, and the volume that it puts it into. */
export const fetcherName = "countersign-model";

/** What a workload asks for at this moment; `undefined` where its container is not there. */
export function releaseIn(object: KubernetesObject, target: KubernetesTarget): ServedRelease | undefined {
  const { annotations, spec } = workloadKinds[target.workload].podOf(object);
  const container = itemsIn(spec, "containers").find(({ name }) => name === target.container);
  const image = container?.["image"];
  if (typeof image !== "string") return undefined;
  const fetcher = itemsIn(spec, "initContainers").find(({ name }) => name === fetcherName);
  const promotion = annotations[annotation.promotion];
  const verdict = annotations[annotation.verdict];
  if (fetcher === undefined || !isPromotionId(promotion) || typeof verdict !== "string") return { image };
  const given = Object.fromEntries(itemsIn(fetcher, "env").map(({ name, value }) => [String(name), String(value)]));
  const { MODEL_BUCKET: bucket, MODEL_KEY: key, MODEL_VERSION: versionId = "", MODEL_SHA256: sha256 } = given;
  const unpack = given["MODEL_UNPACK"] === undefined ? {} : { unpack: true as const };
  if (!isSha256(sha256)) return { image };
  const model = { uri: `s3://${bucket}/${key}`, versionId, sha256 };
  return { image, approved: { promotion, verdict, model, fetcher: String(fetcher["image"]), ...unpack } };
}

/** A release as text: enough to go back to it. */
export function revisionOf(release: ServedRelease): string {
  return canonicalJson(release as unknown as Json);
}

const text = v.pipe(v.string(), v.nonEmpty());
const revision = v.strictObject({
  image: text,
  approved: v.exactOptional(
    v.strictObject({
      promotion: v.custom<PromotionId>(isPromotionId),
      verdict: text,
      model: v.strictObject({
        uri: text,
        versionId: text,
        sha256: v.custom<ServedCandidate["model"]["sha256"]>(isSha256),
      }),
      fetcher: text,
      unpack: v.exactOptional(v.literal(true)),
    }),
  ),
});

/** The release that `revisionOf` wrote down. */
export function releaseOfRevision(written: string): ServedRelease {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), revision), written);
  if (result.success) return result.output;
  throw new Failure("internal", "What ran before was written down in a form that cannot be read.");
}

export function sameRelease(a: ServedRelease, b: ServedRelease): boolean {
  return revisionOf(a) === revisionOf(b);
}

/** Whether the workload was made by us, rather than by whoever runs the cluster. */
export function isOurs(object: KubernetesObject): boolean {
  return memberOf(memberOf(object, "metadata"), "annotations")[annotation.created] === "true";
}
