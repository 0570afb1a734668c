import type { DescribeEndpointConfigOutput } from "@aws-sdk/client-sagemaker";

/**
 * Why the variant that answers under a configuration cannot answer under another beside a candidate as it does alone: it is
 * not one on instances, or the copy would answer without something that somebody counts on. `undefined`: it can.
 */
export function whyNotCopied(config: DescribeEndpointConfigOutput): string | undefined {
  const [variant, ...others] = config.ProductionVariants ?? [];
  if (variant === undefined || others.length > 0) return `it serves ${others.length + 1} variants, not one`;
  if ((config.ShadowProductionVariants ?? []).length > 0) return "something runs in its shadow already";
  if (variant.ServerlessConfig !== undefined) return "it is serverless";
  if (config.AsyncInferenceConfig !== undefined) return "it answers asynchronously";
  if (variant.AcceleratorType !== undefined) return "it uses Elastic Inference";
  // The copy would answer without these, or somebody's monitor would see nothing meanwhile.
  const kept = {
    "captures its data for somebody else": config.DataCaptureConfig?.EnableCapture,
    "has an explainer": config.ExplainerConfig,
    "has a key of its own": config.KmsKeyId,
    "has a role of its own": config.ExecutionRoleArn,
    "is in a network of its own": config.VpcConfig,
    "is isolated from the network": config.EnableNetworkIsolation,
  };
  const lost = Object.entries(kept).find(([, value]) => value !== undefined && value !== false);
  return lost === undefined ? undefined : `it ${lost[0]}, which would be lost meanwhile`;
}
