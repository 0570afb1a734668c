import {
  ConflictException,
  DescribeModelPackageCommand,
  type ModelApprovalStatus,
  type SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { unlessAbsent } from "./refusals.ts";

/** What we write beside the status, and what the pipeline writes when it registers the model. */
const properties = {
  /** The pipeline's: SHA-256 of the model artifact, in hexadecimal. */
  model: "countersign-model-sha256",
  status: "countersign-status",
  promotion: "countersign-promotion",
  verdict: "countersign-verdict",
} as const;

/** A version of a model in the Model Registry, as far as its approval goes. */
export interface ModelPackage {
  readonly status: string;
  readonly modelSha256: string | undefined;
  /** The status that we set last, and for which promotion; absent where we never did. */
  readonly ours: { readonly status: string; readonly promotion: string | undefined } | undefined;
}

/** Versions of models in the Model Registry, by their ARN. Nothing but approval and our own properties is changed. */
export function modelPackages(client: SageMakerClient) {
  return {
    async read(arn: string): Promise<ModelPackage | undefined> {
      const found = await unlessAbsent(() => client.send(new DescribeModelPackageCommand({ ModelPackageName: arn })));
      if (found === undefined) return undefined;
      const { ModelApprovalStatus: status = "PendingManualApproval", CustomerMetadataProperties: own = {} } = found;
      const set = own[properties.status];
      return {
        status,
        modelSha256: own[properties.model],
        ours: set === undefined ? undefined : { status: set, promotion: own[properties.promotion] },
      };
    },

    /** Sets the status; our properties with it, so that one set by anybody else is noticed. */
    async set(
      arn: string,
      status: ModelApprovalStatus,
      { promotion, verdict }: { readonly promotion: PromotionId; readonly verdict?: Sha256 },
    ): Promise<void> {
      try {
        await client.send(
          new UpdateModelPackageCommand({
            ModelPackageArn: arn,
            ModelApprovalStatus: status,
            ApprovalDescription: `Countersign: ${promotion}`,
            CustomerMetadataProperties: {
              [properties.status]: status,
              [properties.promotion]: promotion,
              ...(verdict === undefined ? {} : { [properties.verdict]: verdict }),
            },
            ...(verdict === undefined ? { CustomerMetadataPropertiesToRemove: [properties.verdict] } : {}),
          }),
        );
      } catch (error) {
        // Somebody changes it at the same moment: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
        if (!(error instanceof ConflictException)) throw error;
        throw new Failure("unavailable", "The version in the Model Registry is being changed at the moment.", {
          cause: error,
        });
      }
    },
  };
}

export type ModelPackages = ReturnType<typeof modelPackages>;

/** Why the package may not be approved for the candidate; `undefined`: it may. */
export async function whyNotApprovable(
  packages: ModelPackages,
  arn: string,
  modelSha256: Sha256,
): Promise<string | undefined> {
  if (!/\/[1-9][0-9]{0,8}$/.test(arn))
    return "The model's version is not a number, as versions in the Model Registry are.";
  const found = await packages.read(arn);
  if (found === undefined) return "The Model Registry has no such version of the model.";
  if (found.modelSha256 !== modelSha256)
    return `The version in the Model Registry is not said to be this model: its property '${properties.model}' is ${found.modelSha256 ?? "missing"}.`;
  return whyTouched(found);
}

/** Whether somebody else than Countersign set the status that a package has now. */
export function whyTouched({ status, ours }: ModelPackage): string | undefined {
  return status === (ours?.status ?? "PendingManualApproval")
    ? undefined
    : `Somebody else than Countersign set the model to ${status} in the Model Registry.`;
}

/** The same as a refusal. */
export async function requireApprovable(packages: ModelPackages, arn: string, modelSha256: Sha256): Promise<void> {
  const why = await whyNotApprovable(packages, arn, modelSha256);
  if (why !== undefined) throw new Failure("deployment-refused", why);
}
