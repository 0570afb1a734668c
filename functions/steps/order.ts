import type { Deployment } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { firstShared } from "../../core/deployment/weights.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { readStrictJson } from "../../core/gates/strict-json.ts";
import type { ArtifactRole, FrozenArtifact } from "../../core/promotion/freeze-manifest.ts";
import type { FrozenCopy, Promotion } from "../../core/promotion/promotion.ts";
import { requireDeclared } from "../../core/promotion/reported-file.ts";
import { servingImage } from "../../core/promotion/serving-environment.ts";

/** An environment artifact is a small description. */
const largestEnvironment = 1024 * 1024;

/** What a promotion's frozen artifacts say is to run. */
export async function orderOf(
  promotion: Promotion,
  artifactsBucket: string,
  read: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>,
): Promise<Order> {
  const environment = await read(frozen(promotion, "environment").copy, largestEnvironment);
  const { artifact, copy } = frozen(promotion, "model");
  return {
    promotion: promotion.id,
    target: promotion.manifest.target,
    image: servingImage(documentIn(environment)),
    model: { uri: `s3://${artifactsBucket}/${copy.key}`, versionId: copy.versionId, sha256: artifact.sha256 },
    ...stagingOf(promotion),
    ...(promotion.status === "restricted" ? { restricted: true } : {}),
  };
}

function documentIn(environment: Uint8Array): Json {
  const read = readStrictJson(environment);
  if (read.kind === "value") return read.value;
  throw new Failure(
    "deployment-refused",
    `The environment artifact is not JSON that can be taken, so no container image can be read from it: ${read.sentence}`,
  );
}

/** The environment artifact that was signed, by which the image is told. Throws `digest-mismatch`. */
export async function environmentOf(
  promotion: Promotion,
  read: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const { artifact, copy } = frozen(promotion, "environment");
  const bytes = await read(copy, largestEnvironment);
  requireDeclared(artifact, bytes);
  return bytes;
}

/** A deployment that has begun, as it was written down; `undefined` where none has. */
export function deploymentOf(promotion: Promotion): Deployment | undefined {
  const { id, manifest, deployment } = promotion;
  if (deployment === undefined) return undefined;
  const { serves, release, previous, startedAt } = deployment;
  const sharedSince = firstShared(promotion.history);
  return {
    promotion: id,
    target: manifest.target,
    ...serves,
    ...stagingOf(promotion),
    release,
    startedAt,
    ...(sharedSince === undefined ? {} : { sharedSince }),
    ...(previous === undefined ? {} : { previous }),
  };
}

/** What is known of when what serves it was made. */
function stagingOf({ staged, deployment }: Promotion): Pick<Order, "staged" | "stagedBefore"> {
  if (staged !== undefined) return { staged };
  return deployment === undefined ? {} : { stagedBefore: deployment.startedAt };
}

/** The one artifact in a role, with its frozen copy. */
function frozen(
  promotion: Promotion,
  role: ArtifactRole,
): { readonly artifact: FrozenArtifact; readonly copy: FrozenCopy } {
  const artifact = promotion.manifest.artifacts.find((each) => each.role === role);
  const copy = promotion.frozen?.find((each) => each.name === artifact?.name);
  if (artifact === undefined || copy === undefined)
    throw new Failure("deployment-refused", `The candidate has no frozen artifact in the role '${role}'.`);
  // Copies are kept under the digest of their bytes: another one would be another candidate's.
  if (!copy.key.startsWith(`frozen/${artifact.sha256}/`))
    throw new Failure(
      "deployment-refused",
      `The artifact '${artifact.name}' is frozen under another digest than its own.`,
    );
  return { artifact, copy };
}
