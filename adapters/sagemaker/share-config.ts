import type {
  CreateEndpointConfigInput,
  DescribeEndpointConfigOutput,
  ProductionVariant,
} from "@aws-sdk/client-sagemaker";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { InstancesTarget } from "../../core/promotion/target.ts";
import { whyNotConfigAsked } from "./as-asked.ts";
import { configNames } from "./config-names.ts";
import { whyNotCopied } from "./copied-variant.ts";
import { machineOf } from "./variant.ts";

const names = configNames("share-");

/** The configuration under which a promotion's candidate answers a part of the requests, beside what ran before. */
export const shareConfigName = names.of;

/** The promotion whose candidate answers a part of the requests under a configuration, where one does. */
export const sharedBy = names.promotionIn;

/**
 * What answers now, unchanged but for its weight, and the candidate beside it. Its variant has the promotion's name: no
 * caller names that one by chance, and nobody else's metrics are under it.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-ab-testing.html
 */
export function shareConfig(
  promotion: PromotionId,
  machine: Pick<InstancesTarget, "instanceType" | "instanceCount">,
  { variant, percent }: { readonly variant: ProductionVariant; readonly percent: number },
): CreateEndpointConfigInput {
  return {
    EndpointConfigName: shareConfigName(promotion),
    ProductionVariants: [
      { ...variant, InitialVariantWeight: 100 - percent },
      {
        VariantName: promotion,
        ModelName: promotion,
        // As many as for all of the requests, which it gets in the end.
        ...machineOf(machine),
        InitialVariantWeight: percent,
      },
    ],
  };
}

/** Why nothing can answer a part of the requests beside what answers under a configuration; `undefined`: it can. */
export function whyNoShare(config: DescribeEndpointConfigOutput): string | undefined {
  return whyNotCopied(config);
}

/**
 * Why a configuration does not let exactly the candidate answer beside what answers under `before`, as a part of a sentence.
 * `undefined`: it does.
 */
export function whyNotShareOf(
  found: DescribeEndpointConfigOutput | undefined,
  before: DescribeEndpointConfigOutput | undefined,
  wanted: {
    readonly promotion: PromotionId;
    readonly machine: Pick<InstancesTarget, "instanceType" | "instanceCount">;
    readonly percent: number;
  },
): string | undefined {
  const [variant] = before?.ProductionVariants ?? [];
  if (before === undefined || variant === undefined) return "the configuration before it is gone";
  const other = whyNotCopied(before);
  if (other !== undefined) return `of the configuration before it, ${other}`;
  return whyNotConfigAsked(found, shareConfig(wanted.promotion, wanted.machine, { variant, percent: wanted.percent }));
}
