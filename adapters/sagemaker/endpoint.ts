import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  type SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { Failure } from "../../core/failure.ts";
import type { Target } from "../../core/promotion/freeze-manifest.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** What is to run: an image by digest and one model file by its frozen address. */
export interface Serving {
  readonly image: string;
  /** `s3://bucket/frozen/<sha256>/<name>` */
  readonly modelUri: string;
  readonly target: Target;
}

export type EndpointState =
  | { readonly kind: "absent" }
  | { readonly kind: "busy"; readonly configName: string }
  | { readonly kind: "in-service"; readonly configName: string; readonly why: string | undefined }
  | { readonly kind: "failed"; readonly why: string };

/**
 * A model, an endpoint configuration and an endpoint on SageMaker. Model and configuration carry the promotion's id
 * as their name, so that every operation may be repeated.
 */
export function sagemakerTarget(client: SageMakerClient) {
  return {
    /** Creates model and configuration for a promotion; nothing serves yet. */
    async stage(id: PromotionId, serving: Serving, roleArn: string): Promise<void> {
      await createOnce(() =>
        client.send(
          new CreateModelCommand({
            ModelName: id,
            ExecutionRoleArn: roleArn,
            PrimaryContainer: {
              Image: serving.image,
              ModelDataSource: {
                S3DataSource: { S3Uri: serving.modelUri, S3DataType: "S3Object", CompressionType: "None" },
              },
            },
          }),
        ),
      );
      await createOnce(() =>
        client.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName: id,
            ProductionVariants: [
              {
                VariantName: "approved",
                ModelName: id,
                InstanceType: serving.target.instanceType as "ml.m5.large",
                InitialInstanceCount: serving.target.instanceCount,
                InitialVariantWeight: 1,
              },
            ],
          }),
        ),
      );
      await this.requireStaged(id, serving);
    },

    /** Throws `deployment-refused` unless what is staged under the promotion's name is exactly `serving`. */
    async requireStaged(id: PromotionId, serving: Serving): Promise<void> {
      const model = await client.send(new DescribeModelCommand({ ModelName: id }));
      const config = await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }));
      const [variant, ...others] = config.ProductionVariants ?? [];
      const container = model.PrimaryContainer;
      const source = container?.ModelDataSource?.S3DataSource;
      const same =
        (model.Containers ?? []).length === 0 &&
        container?.Image === serving.image &&
        source?.S3Uri === serving.modelUri &&
        source?.S3DataType === "S3Object" &&
        source?.CompressionType === "None" &&
        Object.keys(container?.Environment ?? {}).length === 0 &&
        others.length === 0 &&
        variant?.ModelName === id &&
        variant?.InstanceType === serving.target.instanceType &&
        variant?.InitialInstanceCount === serving.target.instanceCount;
      if (!same) {
        throw new Failure(
          "deployment-refused",
          "What is staged on SageMaker is not what was approved: somebody changed the model or its configuration.",
        );
      }
    },

    async state(endpointName: string): Promise<EndpointState> {
      try {
        const answer = await client.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
        const configName = answer.EndpointConfigName ?? "";
        switch (answer.EndpointStatus) {
          case "InService":
            return { kind: "in-service", configName, why: answer.FailureReason };
          case "Failed":
          case "UpdateRollbackFailed":
          case "OutOfService":
            return { kind: "failed", why: answer.FailureReason ?? `the endpoint is ${answer.EndpointStatus}` };
          default:
            return { kind: "busy", configName };
        }
      } catch (error) {
        if (isAbsent(error)) return { kind: "absent" };
        throw error;
      }
    },

    /** Makes the endpoint serve the promotion's configuration; the caller has looked at its state before. */
    async serve(id: PromotionId, endpointName: string, exists: boolean): Promise<void> {
      const input = { EndpointName: endpointName, EndpointConfigName: id };
      await client.send(exists ? new UpdateEndpointCommand(input) : new CreateEndpointCommand(input));
    },

    /** Removes what was staged for a promotion that will not run. Answers what was there. */
    async remove(id: PromotionId): Promise<readonly string[]> {
      const removed: string[] = [];
      if (await answers(() => client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id }))))
        removed.push("endpoint configuration");
      if (await answers(() => client.send(new DeleteModelCommand({ ModelName: id })))) removed.push("model");
      return removed;
    },

    /** What is still there of a promotion. */
    async remains(id: PromotionId): Promise<readonly string[]> {
      const left: string[] = [];
      if (await answers(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }))))
        left.push("endpoint configuration");
      if (await answers(() => client.send(new DescribeModelCommand({ ModelName: id })))) left.push("model");
      return left;
    },
  };
}

async function createOnce(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    const already =
      error instanceof Error && error.name === "ValidationException" && /already exist/i.test(error.message);
    if (!already) throw error;
  }
}

/** Whether the thing that a call is about is there. */
async function answers(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

// SageMaker has no error of its own for what does not exist: it is a ValidationException with this sentence.
function isAbsent(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationException" && /could not find/i.test(error.message);
}
