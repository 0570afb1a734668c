import { createHash } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { Failure } from "../../../core/failure.ts";
import type { PromotionRequest } from "../../../core/promotion/request.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { limitHere } from "../../../local/limit-here.ts";
import type { RunningStack } from "../../../local/stack.ts";
import { artifacts, evidence, lineage, mediaTypeOf, pipelineJob } from "../submission.ts";
import { patientFetch } from "./patient-fetch.ts";

/** An answer of the API. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: { readonly [key: string]: Json };
}

/** The CI pipeline of the example: uploads what it built, submits it with its OIDC token, and follows the promotion. */
export class Pipeline {
  readonly #stack: RunningStack;
  readonly #s3: S3Client;
  readonly #exchange: string;
  #runs = 100;

  constructor(stack: RunningStack) {
    this.#stack = stack;
    this.#exchange = outputOf(stack, "ExchangeBucketName");
    this.#s3 = new S3Client({
      endpoint: stack.addresses.s3,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "CIPIPELINE", secretAccessKey: "unused" },
    });
  }

  /** Submits files as one version of the model, or of another of its type; answers what the API said. */
  async submit(
    files: ReadonlyMap<string, string>,
    version: string,
    name = "credit-scoring",
    target = "production",
  ): Promise<ApiAnswer> {
    const run = this.nextRun();
    const request = this.requestFor(files, version, run, await this.upload(files, run));
    return this.post("/v1/promotions", { ...request, target, model: { ...request.model, name } }, () =>
      this.token(run),
    );
  }

  /** The number of another run of the pipeline. */
  nextRun(): string {
    return `${this.#runs++}`;
  }

  /** Puts files where the freeze step looks for them; answers the version of each. */
  async upload(files: ReadonlyMap<string, string | Uint8Array>, run: string): Promise<ReadonlyMap<string, string>> {
    const versions = [...files].map(async ([path, content]) => {
      const object = { Bucket: this.#exchange, Key: `incoming/${run}/${path}`, Body: content };
      const { VersionId: version = "" } = await this.#s3.send(new PutObjectCommand(object));
      return [path, version] as const;
    });
    return new Map(await Promise.all(versions));
  }

  /** The request that stands for files uploaded by `run`, held to their `versions` where those are given. */
  requestFor(
    files: ReadonlyMap<string, string>,
    version: string,
    run: string,
    versions: ReadonlyMap<string, string> = new Map(),
  ): PromotionRequest {
    const declared = (path: string) => {
      const bytes = Buffer.from(files.get(path) ?? "");
      const versionId = versions.get(path);
      return {
        name: path.replaceAll("/", "."),
        uri: `s3://${this.#exchange}/incoming/${run}/${path}`,
        ...(versionId === undefined ? {} : { versionId }),
        size: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex") as PromotionRequest["artifacts"][number]["sha256"],
      };
    };
    return {
      model: { name: "credit-scoring", type: "credit-scoring", version },
      target: "production",
      artifacts: artifacts.map(([role, path, mediaType]) => ({ role, mediaType, ...declared(path) })),
      evidence: evidence
        .filter(([, , path]) => files.has(path))
        .map(([kind, format, path]) => ({
          kind,
          format,
          mediaType: mediaTypeOf(format),
          ...declared(path),
        })),
      lineage,
    };
  }

  /** A token of one job of the pipeline, as GitHub Actions would issue it. */
  token(run = "100"): Promise<string> {
    return this.#stack.machineToken({ ...pipelineJob, audience: this.#stack.addresses.portal, run_id: run });
  }

  async promotion(id: string): Promise<PromotionView> {
    const { status, body } = await this.get(`/v1/promotions/${id}`);
    if (status !== 200)
      throw new Failure("internal", `The API answered ${status} to a request for ${id}: ${JSON.stringify(body)}`);
    return body as unknown as PromotionView;
  }

  async get(path: string): Promise<ApiAnswer> {
    const answer = await patientFetch(`${this.#stack.addresses.portal}${path}`, async () => ({
      headers: { authorization: `Bearer ${await this.token()}` },
    }));
    return { status: answer.status, body: (await answer.json()) as ApiAnswer["body"] };
  }

  /** Follows a promotion, as CI does, until `reached` says so. Gives up after two minutes, or more on a busy machine. */
  async until(
    id: string,
    what: string,
    reached: (promotion: PromotionView) => boolean | Promise<boolean>,
  ): Promise<PromotionView> {
    const began = Date.now();
    const limit = limitHere(120_000);
    const { news } = this.#stack;
    const partition = `PROMOTION#${id}`;
    for (;;) {
      const changes = news.changes(partition);
      const promotion = await this.promotion(id);
      if (await reached(promotion)) return promotion;
      const waited = Date.now() - began;
      if (waited > limit) {
        throw new Failure(
          "unavailable",
          `Waited ${Math.round(waited / 1000)} seconds for '${what}'; the promotion is ${promotion.status}: ${promotion.reason ?? promotion.explanation.why}`,
        );
      }
      // What is recorded together is asked about together: each answer costs a dozen calls.
      await new Promise((resolve) => setTimeout(resolve, 100));
      // And what comes with the time alone is recorded by nobody.
      await news.beyond(partition, changes, 1_000);
    }
  }

  /**
   * Sends what the service does once however often it is asked; `once`: what it would do again, or refuse. `token`: a function
   * where a busy machine may take longer than one is good for.
   */
  async post(
    path: string,
    body: unknown,
    token: string | (() => Promise<string>),
    repeats: "repeatable" | "once" = "repeatable",
  ): Promise<ApiAnswer> {
    const address = `${this.#stack.addresses.portal}${path}`;
    const request = async (): Promise<RequestInit> => ({
      method: "POST",
      headers: {
        authorization: `Bearer ${typeof token === "string" ? token : await token()}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const answer = await (repeats === "repeatable" ? patientFetch(address, request) : fetch(address, await request()));
    return { status: answer.status, body: (await answer.json()) as ApiAnswer["body"] };
  }
}

/** An output of one of the two stacks. */
export function outputOf(stack: RunningStack, name: string): string {
  for (const outputs of Object.values(stack.outputs)) {
    const value = (outputs as Readonly<Record<string, unknown>>)[name];
    if (typeof value === "string") return value;
  }
  throw new Error(`The stacks have no output '${name}'.`);
}
