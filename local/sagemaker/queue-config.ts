import { isList, type JsonObject } from "../aws/json-shape.ts";
import { onlyCarried, requiredObject, requiredText, validationException, wholeNumber } from "./input.ts";

/**
 * `AsyncInferenceConfig` of an endpoint configuration, which has one variant on instances then (https://github.com/aws/aws-cdk-rfcs/pull/433)
 * and none in its shadow (https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html). Topics and keys are not carried.
 */
export function checkedQueue(body: JsonObject, variant: JsonObject): JsonObject {
  const config = requiredObject(body, "AsyncInferenceConfig");
  onlyCarried(config, ["OutputConfig", "ClientConfig"], "AsyncInferenceConfig");
  const output = requiredObject(config, "OutputConfig");
  onlyCarried(output, ["S3OutputPath", "S3FailurePath"], "OutputConfig");
  for (const member of ["S3OutputPath", "S3FailurePath"])
    if ((member === "S3OutputPath" || output[member] !== undefined) && !isPlace(requiredText(output, member)))
      throw validationException(`${member} must be a place in S3.`);
  if (config["ClientConfig"] !== undefined) {
    const client = requiredObject(config, "ClientConfig");
    onlyCarried(client, ["MaxConcurrentInvocationsPerInstance"], "ClientConfig");
    if (wholeNumber(client, "MaxConcurrentInvocationsPerInstance", 1) > 1000)
      throw validationException("MaxConcurrentInvocationsPerInstance must be 1000 or less.");
  }
  const variants = body["ProductionVariants"];
  if (variant["ServerlessConfig"] !== undefined || (isList(variants) && variants.length > 1))
    throw validationException("An asynchronous endpoint has one variant, on instances.");
  if (body["ShadowProductionVariants"] !== undefined)
    throw validationException("Shadow variants are not supported for asynchronous endpoints.");
  if (body["DataCaptureConfig"] !== undefined)
    throw validationException("The local stand-in captures nothing of what is queued.");
  return config;
}

function isPlace(address: string): boolean {
  return address.length <= 512 && /^(https|s3):\/\/[^/]+\/?.*$/.test(address);
}
