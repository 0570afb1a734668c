import {
  type ContainerDefinition,
  CreateModelCommand,
  type CreateModelInput,
  DeleteModelCommand,
  DescribeModelCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { Order } from "../../core/deployment/order.ts";
import { type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { isGzippedTar } from "../../core/promotion/model-archive.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { madeAnew, type StagedAt } from "../../core/promotion/staged.ts";
import { isHosted, type Target } from "../../core/promotion/target.ts";
import { whyNotModelAsked } from "./as-asked.ts";
import { type Hosting, servingRoleOf } from "./hosting.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";

/** Makes the model of a promotion, named after it, of the pinned bytes and the image's digest. */
export async function createModel(client: SageMakerClient, hosting: Hosting, order: Order): Promise<void> {
  await createOnce(() => client.send(new CreateModelCommand(modelOf(order, hosting))));
}

/** One thing that is staged, as it is found. */
export interface FoundStaged {
  /** Why it is not exactly what is ordered, as a part of a sentence; `undefined`: it is. */
  readonly why: string | undefined;
  /** By SageMaker's own clock. */
  readonly made: Date | undefined;
}

/** The model under the promotion's name. */
export async function findModel(client: SageMakerClient, hosting: Hosting, order: Order): Promise<FoundStaged> {
  const found = await unlessAbsent(() => client.send(new DescribeModelCommand({ ModelName: order.promotion })));
  return { why: whyNotModelAsked(found, modelOf(order, hosting)), made: found?.CreationTime };
}

/** When each of what is staged was made, by what it is. Throws `deployment-refused` where one is not as it was ordered. */
export function requireOrdered(found: Readonly<Record<string, FoundStaged>>): StagedAt {
  for (const { why } of Object.values(found)) requireNothingElse(why);
  return Object.fromEntries(
    Object.entries(found).flatMap(([what, { made }]) =>
      made === undefined ? [] : [[what, instantFromMs(made.getTime())]],
    ),
  );
}

/**
 * Throws `deployment-refused` where something was made anew since it was staged. What serves is what stood under these names as
 * SageMaker read them: another may have, though what stands there now is as it was ordered.
 */
export function requireNotMadeAnew(made: StagedAt, { staged, stagedBefore }: Order): void {
  const anew =
    staged === undefined
      ? Object.keys(made).find((what) => stagedBefore !== undefined && (made[what] ?? "") > stagedBefore)
      : madeAnew(made, staged);
  if (anew !== undefined) requireNothingElse(`the ${anew} was made anew after it had been staged`);
}

/** Whether something is there that was made since, by SageMaker's own clock, though it was read before. */
export function isMadeSince(made: Date | undefined, since: Instant | undefined): boolean {
  return since !== undefined && made !== undefined && instantFromMs(made.getTime()) > since;
}

function requireNothingElse(why: string | undefined): void {
  if (why !== undefined)
    throw new Failure(
      "deployment-refused",
      `What is staged on SageMaker is not what was approved: ${why}; somebody changed or removed it.`,
    );
}

function modelOf({ promotion, target, image, model }: Order, hosting: Hosting): CreateModelInput {
  return {
    ModelName: promotion,
    ExecutionRoleArn: servingRoleOf(target, hosting),
    // A candidate runs before people have approved it: it gets no credentials and reaches nothing.
    EnableNetworkIsolation: isolated(target),
    PrimaryContainer: { Image: image, ...dataOf(target, model.uri) },
  };
}

/** Serverless endpoints take no `ModelDataSource`: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html */
function dataOf(target: Target, uri: string): Pick<ContainerDefinition, "ModelDataUrl" | "ModelDataSource"> {
  if (isServerless(target)) return { ModelDataUrl: uri };
  return {
    ModelDataSource: {
      S3DataSource: { S3Uri: uri, S3DataType: "S3Object", CompressionType: compressionOf(uri) },
    },
  };
}

/** Why a serverless endpoint cannot serve a model; `undefined`: it can. */
export function whyNotServerless(target: Target, { uri }: Order["model"]): string | undefined {
  if (!isServerless(target) || uri.endsWith(".tar.gz")) return undefined;
  return `A serverless endpoint takes a model as a gzipped tar alone, whose name ends in '.tar.gz', and the model's is '${uri.slice(uri.lastIndexOf("/") + 1)}'.`;
}

function isServerless(target: Target): boolean {
  return target.kind === "sagemaker-endpoint" && target.serverless !== undefined;
}

/**
 * Whether SageMaker unpacks the model, as it unpacks what its training jobs make and its own containers expect; by the
 * name of the artifact, which is signed. Any other lies in `/opt/ml/model` as it is, under its own name.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html
 */
function compressionOf(uri: string): "Gzip" | "None" {
  return isGzippedTar(uri) ? "Gzip" : "None";
}

/**
 * Whether the model's container is cut off from the network and from the serving role. SageMaker fetches the model and
 * captures data by itself, outside of the container.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html
 */
export function isolated(target: Target): boolean {
  return !isHosted(target) || target.network !== "open";
}

/** Removes a promotion's model. Answers what was there. */
export async function removeModel(client: SageMakerClient, id: PromotionId): Promise<readonly string[]> {
  return (await unlessAbsent(() => client.send(new DeleteModelCommand({ ModelName: id })))) ? ["model"] : [];
}

/** What is still there of it. */
export async function remainsOfModel(client: SageMakerClient, id: PromotionId): Promise<readonly string[]> {
  return (await unlessAbsent(() => client.send(new DescribeModelCommand({ ModelName: id })))) ? ["model"] : [];
}
