import { readFileSync } from "node:fs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import { exportJobStore } from "../../../adapters/dynamodb/export-jobs.ts";
import { factItem } from "../../../adapters/dynamodb/promotion-items.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { replayStore } from "../../../adapters/dynamodb/replays.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { loadMessages } from "../../../core/notification/load-messages.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { teller } from "../../../functions/telling/tell.ts";
import { startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import { listenOnLoopback, readBody } from "../../../local/loopback-server.ts";
import { askedExport } from "../../core/archive/export/asked-export.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, dana, id, now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { passportScene } from "../../functions/api/passport-scene.ts";
import { plentyOfTime } from "../../functions/events/notify-scene.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const text = (name: string) => ({ AttributeName: name, AttributeType: "S" });
const hash = { AttributeName: "pk", KeyType: "HASH" };
const range = { AttributeName: "sk", KeyType: "RANGE" };

/**
 * A table that does the first attempt of each put (or of what `operation` says), and whose answer to it is lost: the client tries again
 * by itself, after `meanwhile`.
 */
async function losingAnswers(meanwhile?: () => Promise<unknown>, operation = "PutItem") {
  const local = await startDynamoDb({ directory: scratchDirectory(), log: new RecordedCalls() });
  onTestFinished(() => local.close());
  const plain = { KeySchema: [hash], AttributeDefinitions: [text("pk")], BillingMode: "PAY_PER_REQUEST" };
  await local.createTable({ TableName: "replays", ...plain });
  await local.createTable({
    ...{ TableName: "promotions", KeySchema: [hash, range], AttributeDefinitions: ["pk", "sk"].map(text) },
    BillingMode: "PAY_PER_REQUEST",
  });
  let lost = 0;
  const front = await listenOnLoopback(async (request, response) => {
    const body = (await readBody(request, 1024 * 1024)) ?? Buffer.alloc(0);
    const { "x-amz-target": target, authorization, "amz-sdk-request": attempt } = request.headers;
    const headers = { "content-type": "application/x-amz-json-1.0", authorization: String(authorization) };
    const done = await fetch(local.url, {
      method: "POST",
      headers: { ...headers, "x-amz-target": String(target) },
      body: Uint8Array.from(body),
    });
    const answer = await done.text();
    const first = String(attempt).startsWith("attempt=1;") && String(target).endsWith(`.${operation}`) && done.ok;
    if (first) lost += 1;
    if (first) await meanwhile?.();
    response.writeHead(first ? 500 : done.status, { "content-type": "application/x-amz-json-1.0" });
    response.end(first ? '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}' : answer);
  });
  onTestFinished(() => front.close());
  const client = new DynamoDBClient({ endpoint: front.url, region: "us-east-1", credentials });
  onTestFinished(() => client.destroy());
  return { client, promotions: promotionStore(client, "promotions"), lost: () => lost };
}

const opened: Fact = {
  ...{ id: `${id}/link/1`, type: "link-opened", promotion: id, at: now },
  ...{ summary: "The link was opened.", body: {}, attachments: [] },
};

describe("what is put once, and whose first answer is lost,", () => {
  it("is told as put: a promotion, a sign-off, a fact", async () => {
    const { promotions, lost } = await losingAnswers();
    const promotion = promotionInReview();
    const signOff = await givenSignOff(promotion, cora);
    expect(await promotions.create(promotion)).toBe("created");
    expect(await promotions.recordSignOff(signOff)).toBe("recorded");
    expect(await promotions.recordFact(opened)).toBe("recorded");
    expect(lost()).toBe(3);
    expect(await promotions.load(id)).toEqual(promotion);
    expect(await promotions.signOffs(id)).toEqual([signOff]);
    expect(await promotions.facts(id)).toEqual([opened]);
  });

  it("is told as put: an export, a request that comes once", async () => {
    const { client, lost } = await losingAnswers();
    const exports = exportJobStore(client, "promotions");
    await exports.create(askedExport);
    expect(await exports.load(askedExport.id)).toEqual(askedExport);
    const replays = replayStore(client, "replays");
    const click = { issuer: "slack", id: "one", expiresAtSeconds: 2_000_000_000 };
    expect(await replays.first(click)).toBe(true);
    expect(await replays.first(click)).toBe(false);
    expect(lost()).toBe(2);
  });

  it("is told as there where another put it, in the very same words, and where it was put by a version of before", async () => {
    const { client, promotions } = await losingAnswers();
    expect(await promotions.recordFact(opened)).toBe("recorded");
    expect(await promotions.recordFact(opened)).toBe("exists");
    expect((await Promise.all([1, 2, 3].map(() => promotions.create(promotionInReview())))).toSorted()).toEqual([
      ...["created", "exists", "exists"],
    ]);
    const before = { ...opened, id: `${id}/link/2` };
    await client.send(new PutItemCommand({ TableName: "promotions", Item: factItem(before) }));
    expect(await promotions.recordFact(before)).toBe("exists");
    expect(await promotions.fact(before)).toEqual(before);
  });

  it("is told as moved, where a promotion is; and as lost where another moved it by the second attempt", async () => {
    const promotion = promotionInReview();
    const moved = advance(promotion, { status: "withdrawn" }, opened);
    const { promotions, lost } = await losingAnswers(undefined, "UpdateItem");
    await promotions.create(promotion);
    expect(await promotions.move(moved)).toBe("moved");
    // The very same once more is somebody else's.
    expect(await promotions.move(moved)).toBe("lost");
    expect([lost(), await promotions.load(id)]).toEqual([1, moved]);
    const next = advance(moved, {}, opened);
    const other = await losingAnswers(() => other.promotions.move(next), "UpdateItem");
    await other.promotions.create(promotion);
    expect(await other.promotions.move(moved)).toBe("lost");
    expect(await other.promotions.load(id)).toEqual(next);
  });

  it("is told as put also where somebody has moved it on by the second attempt", async () => {
    const promotion = promotionInReview();
    const moved = advance(promotion, { status: "withdrawn" }, opened);
    const { promotions } = await losingAnswers(() => promotions.move(moved));
    expect(await promotions.create(promotion)).toBe("created");
    expect(await promotions.load(id)).toEqual(moved);
  });
});

describe("where the answer is lost", () => {
  it("a letter leaves, once", async () => {
    const { promotions } = await losingAnswers();
    const left: string[] = [];
    const doubts: string[] = [];
    const promotion = promotionInReview({ stage: openStage(1) });
    const tell = teller(
      {
        channels: [
          {
            ...{ name: "email", kind: "email", form: "letter", audience: "person", purposes: ["asked"] },
            ...{ follows: false, repeats: false },
          },
        ],
        post: async (_, { to }) => {
          left.push(String(to?.name));
          return { kind: "sent", messageId: "1" };
        },
        now: () => now,
        log: (_, line) => void doubts.push(line),
        portalUrl: "https://portal.example",
        templates: requireLoaded("messages.yaml", loadMessages(readFileSync("policies/messages.yaml", "utf8"))),
        pause: async () => {},
        mac: async () => new Uint8Array(32),
        promotions,
      },
      plentyOfTime,
    );
    const ask = async () =>
      tell({
        ...{ purpose: "asked", promotion, occasion: "1/1/1", at: now, stage: openStage(1) },
        facts: await promotions.facts(id),
        people: [{ member: dana, roles: [{ name: "sre", title: "SRE" }] }],
      });
    await ask();
    await ask();
    expect({ left, doubts }).toEqual({ left: [dana.name], doubts: [] });
  });

  it("a passport is given and redeemed, and then no more", async () => {
    const scene = await passportScene();
    const { promotions } = await losingAnswers();
    Object.assign(scene.promotions, { recordFact: promotions.recordFact, facts: promotions.facts });
    const { passport } = (await scene.issue()).json as { readonly passport: string };
    expect(await scene.redeem(passport)).toMatchObject({ status: 200 });
    expect(await refused(scene.redeem(passport))).toMatchObject({ code: "token-replayed" });
    expect(await refused(scene.issue())).toMatchObject({ code: "conflict" });
  });
});
