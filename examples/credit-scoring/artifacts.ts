import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Dataset, split, splitApplicants } from "./dataset.ts";
import type { LinearModel } from "./scorer/serve.ts";

/** The inference container's program. */
export const scorerUrl = new URL("./scorer/serve.ts", import.meta.url);

export interface ContainerImage {
  /** Registry and repository, without tag or digest. */
  readonly repository: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
}

/**
 * The image that the local registry would hold: it stands for the program alone, so its digest is the program's.
 * A pipeline that has really built and pushed the image passes that one instead.
 */
export function localImage(): ContainerImage {
  return {
    repository: "000000000000.dkr.ecr.us-east-1.amazonaws.com/credit-scorer",
    digest: `sha256:${sha256(readFileSync(scorerUrl))}`,
  };
}

/** What the model runs in. The image's digest is what a deployment must use. */
export function environment(image: ContainerImage): unknown {
  return {
    image: { ...image, reference: `${image.repository}@${image.digest}` },
    runtime: { name: "nodejs", major: 24 },
    program: { file: "scorer/serve.ts", sha256: sha256(readFileSync(scorerUrl)) },
    dependencies: [],
    contract: "SageMaker hosting container: GET /ping, POST /invocations",
  };
}

/** Which data the model was trained on: the file's digest, its origin, and how rows were held out. */
export function trainingData(dataset: Dataset): unknown {
  const { train, test } = splitApplicants(dataset.applicants);
  return {
    name: "Statlog (German Credit Data)",
    source: "doi:10.24432/C5NC77",
    licence: "CC-BY-4.0",
    files: [
      {
        name: "training-data.csv",
        mediaType: "text/csv",
        size: dataset.bytes.byteLength,
        sha256: sha256(dataset.bytes),
        rows: dataset.applicants.length,
      },
    ],
    columns: dataset.columns,
    label: { column: "Class", positive: "Good", negative: "Bad" },
    split: { ...split, trainingRows: train.length, heldOutRows: test.length },
  };
}

/** What is to run the model, in the manner of `terraform show -json` of a plan, with the gist of it on top. */
export function infrastructure(model: LinearModel, image: ContainerImage): unknown {
  const variant = {
    variant_name: "AllTraffic",
    model_name: `${model.name}-${model.version.replaceAll(".", "-")}`,
    instance_type: "ml.m5.large",
    initial_instance_count: 2,
    initial_variant_weight: 1,
  };
  return {
    format_version: "1.2",
    statement: {
      endpoint: model.name,
      instanceType: variant.instance_type,
      instanceCount: variant.initial_instance_count,
      region: "us-east-1",
    },
    resource_changes: [
      change("aws_sagemaker_model", ["create"], {
        name: variant.model_name,
        enable_network_isolation: true,
        primary_container: [{ image: `${image.repository}@${image.digest}` }],
      }),
      change("aws_sagemaker_endpoint_configuration", ["create"], { production_variants: [variant] }),
      change("aws_sagemaker_endpoint", ["update"], { name: model.name }),
    ],
  };
}

function change(type: string, actions: readonly string[], after: unknown): unknown {
  return {
    address: `${type}.credit_scoring`,
    mode: "managed",
    type,
    name: "credit_scoring",
    change: { actions, after },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
