import { Failure } from "../../core/failure.ts";
import type { ArtifactRole, Target } from "../../core/promotion/freeze-manifest.ts";
import type { FrozenCopy, Promotion } from "../../core/promotion/promotion.ts";
import { servingImage } from "../../core/promotion/serving-environment.ts";

/** An environment artifact is a small description. */
const largestEnvironment = 1024 * 1024;

/** What is to run: an image by digest and one model file by its frozen address. */
export interface Serving {
  readonly image: string;
  readonly modelUri: string;
  readonly target: Target;
}

/** What a promotion's frozen artifacts say is to run. */
export async function servingOf(
  promotion: Promotion,
  artifactsBucket: string,
  read: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>,
): Promise<Serving> {
  const environment = await read(frozenCopy(promotion, "environment"), largestEnvironment);
  return {
    image: servingImage(environment),
    modelUri: `s3://${artifactsBucket}/${frozenCopy(promotion, "model").key}`,
    target: promotion.manifest.target,
  };
}

/** The frozen copy of the one artifact in a role. */
export function frozenCopy(promotion: Promotion, role: ArtifactRole): FrozenCopy {
  const artifact = promotion.manifest.artifacts.find((each) => each.role === role);
  const copy = promotion.frozen?.find((each) => each.name === artifact?.name);
  if (copy === undefined)
    throw new Failure("deployment-refused", `The candidate has no frozen artifact in the role '${role}'.`);
  return copy;
}
