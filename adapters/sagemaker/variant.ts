import type { ProductionVariant } from "@aws-sdk/client-sagemaker";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { InstancesTarget, SageMakerTarget } from "../../core/promotion/target.ts";

/** The one variant of what we stage on instances. SageMaker shifts traffic only between variants of the same name. */
export const variantName = "approved";

/** The one variant of what is staged for a promotion. */
export function stagedVariant(promotion: PromotionId, target: SageMakerTarget): ProductionVariant {
  const { serverless } = target;
  if (serverless === undefined)
    return { VariantName: variantName, ModelName: promotion, ...machineOf(target), InitialVariantWeight: 1 };
  return {
    VariantName: variantNameOf(promotion, target),
    ModelName: promotion,
    ServerlessConfig: { MemorySizeInMB: serverless.memoryMegabytes, MaxConcurrency: serverless.maxConcurrency },
    InitialVariantWeight: 1,
  };
}

/**
 * What the variant is called. SageMaker shifts no traffic between serverless variants, so theirs has a name of its own: its
 * metrics are nobody else's.
 */
export function variantNameOf(promotion: PromotionId, { serverless }: Pick<SageMakerTarget, "serverless">): string {
  return serverless === undefined ? variantName : promotion;
}

/** The instances of a variant. */
export function machineOf({ instanceType, instanceCount }: Pick<InstancesTarget, "instanceType" | "instanceCount">) {
  return { InstanceType: instanceType as "ml.m5.large", InitialInstanceCount: instanceCount };
}
