import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GenerateMacCommand, KMSClient } from "@aws-sdk/client-kms";
import { DeleteObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { paginateListExecutions, SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { policyStore } from "../../adapters/dynamodb/policies.ts";
import { promotionStore } from "../../adapters/dynamodb/promotions.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { deployedPolicy } from "../../core/policy/activated-policy.ts";
import type { Policies } from "../../core/policy/load-policies.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { RunningStack } from "../../local/stack.ts";

const region = "us-east-1";
const credentials = { accessKeyId: "OPERATOR", secretAccessKey: "unused" };

/** Somebody with every right in the account: looks behind the API, and does what only they could. */
export class Operator {
  readonly #stack: RunningStack;

  constructor(stack: RunningStack) {
    this.#stack = stack;
  }

  /** Names of all executions that were ever started: promotion ids. */
  async executions(): Promise<readonly string[]> {
    const pages = paginateListExecutions(
      { client: this.#stepFunctions() },
      { stateMachineArn: this.#ref("PromotionsMachine") },
    );
    const names: string[] = [];
    for await (const page of pages) names.push(...(page.executions ?? []).map(({ name }) => name ?? ""));
    return names;
  }

  /** The token that the machine waits for, which nobody but two functions may read; there is none for a moment between two stages. */
  async taskToken(promotion: string): Promise<string | undefined> {
    const client = new DynamoDBClient({ endpoint: this.#stack.addresses.dynamodb, region, credentials });
    const command = new GetItemCommand({ TableName: this.#ref("TaskTokensTable"), Key: { pk: { S: promotion } } });
    const { Item: item = {} } = await client.send(command);
    const { token } = unmarshall(item);
    return typeof token === "string" ? token : undefined;
  }

  /** Has the deadline of the open stage be over, as if days had passed; the log has been told another one. */
  async endStage(promotion: string): Promise<void> {
    const client = new DynamoDBClient({ endpoint: this.#stack.addresses.dynamodb, region, credentials });
    const store = promotionStore(client, this.#ref("PromotionsTable"));
    const open = await store.load(promotion as PromotionId);
    if (open?.stage === undefined) throw new Error(`No stage of ${promotion} is open.`);
    const stage = { ...open.stage, deadline: open.stage.openedAt };
    const moved = await store.move({ ...open, revision: open.revision + 1, stage });
    if (moved === "lost") throw new Error(`${promotion} moves by itself.`);
  }

  /** Writes policies into the table, and that they are in force, as a deployment would. */
  async putInForce(policies: Policies): Promise<"replaced" | "lost"> {
    const client = new DynamoDBClient({ endpoint: this.#stack.addresses.dynamodb, region, credentials });
    const store = policyStore(client, this.#ref("PromotionsTable"));
    const pinned = await store.inForce();
    await store.keep(policies.bundle);
    return store.replace(pinned?.digest, deployedPolicy(policies, pinned, instantFromMs(Date.now())));
  }

  async ring(token: string, answer: object): Promise<void> {
    await this.#stepFunctions().send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(answer) }));
  }

  /** The MAC that only `notify` may make. */
  async linkMac(message: Uint8Array): Promise<Uint8Array> {
    const client = new KMSClient({ endpoint: this.#stack.addresses.kms, region, credentials });
    const command = new GenerateMacCommand({
      KeyId: this.#ref("LinkKey"),
      MacAlgorithm: "HMAC_SHA_256",
      Message: message,
    });
    const { Mac: mac } = await client.send(command);
    return mac ?? new Uint8Array();
  }

  /** The lines with this message that a function has logged. */
  logLines(functionName: string, message: string): readonly Readonly<Record<string, unknown>>[] {
    const lines = readFileSync(join(this.#stack.stateDirectory, "logs", `${functionName}.log`), "utf8").split("\n");
    const documents = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as object);
    return documents.filter((line) => "message" in line && line.message === message) as Record<string, unknown>[];
  }

  /** Hides an object behind a delete marker. */
  async hide(bucket: string, key: string): Promise<void> {
    await this.s3().send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }

  async keys(bucket: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: this.s3() }, { Bucket: bucket })) {
      keys.push(...(page.Contents ?? []).map(({ Key: key }) => key ?? ""));
    }
    return keys;
  }

  s3(): S3Client {
    return new S3Client({ endpoint: this.#stack.addresses.s3, region, credentials, forcePathStyle: true });
  }

  #stepFunctions(): SFNClient {
    return new SFNClient({ endpoint: this.#stack.addresses.stepFunctions, region, credentials });
  }

  #ref(logicalId: string): string {
    const made = this.#stack.resources.find((each) => each.logicalId === logicalId);
    if (made === undefined) throw new Error(`The templates have nothing called ${logicalId}.`);
    return made.ref;
  }
}
