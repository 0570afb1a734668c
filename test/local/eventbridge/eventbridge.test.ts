import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import { describe, expect, it, onTestFinished } from "vitest";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { type LocalRule, startEventBridge } from "../../../local/eventbridge/eventbridge.ts";
import { type HandClock, handClock } from "../hand-clock.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const fact: PutEventsRequestEntry = {
  EventBusName: "facts",
  Source: "countersign",
  DetailType: "Countersign Fact Recorded",
  Detail: JSON.stringify({ type: "stage-opened", promotionId: "p-1", attempt: 2 }),
};

async function open(directory = scratchDirectory(), clock: HandClock = handClock()) {
  const log = new RecordedCalls();
  const local = await startEventBridge({ directory, log, clock });
  let running = true;
  const close = async () => {
    if (running) await local.close();
    running = false;
  };
  const client = new EventBridgeClient({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
  onTestFinished(close);
  onTestFinished(() => client.destroy());
  local.createBus("facts");
  const put = (...Entries: Partial<PutEventsRequestEntry>[]) =>
    client.send(new PutEventsCommand({ Entries: Entries.map((entry) => ({ ...fact, ...entry })) }));
  const received: JsonObject[] = [];
  const rule = (more: Partial<LocalRule> = {}) =>
    local.addRule({
      name: "notify",
      busName: "facts",
      pattern: { source: ["countersign"] },
      target: async (event) => void received.push(event),
      ...more,
    });
  const left = () => readdirSync(join(directory, "deliveries"));
  return { local, client, log, directory, clock, close, put, rule, received, left };
}

describe("an event", () => {
  it("reaches the target of the rule that matches it, in EventBridge's envelope", async () => {
    const { put, rule, received, local, left } = await open();
    rule({ pattern: { source: ["countersign"], detail: { type: ["stage-opened", { prefix: "ended-" }] } } });
    const { Entries } = await put({});
    await local.idle();
    expect(received).toEqual([
      {
        version: "0",
        id: Entries?.[0]?.EventId,
        "detail-type": "Countersign Fact Recorded",
        source: "countersign",
        account: "000000000000",
        time: "2026-11-22T09:00:00Z",
        region: "us-east-1",
        resources: [],
        detail: { type: "stage-opened", promotionId: "p-1", attempt: 2 },
      },
    ]);
    expect(left()).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ["another source", { source: ["aws.sagemaker"] }],
    ["something excluded", { detail: { type: [{ "anything-but": ["stage-opened"] }] } }],
    ["a field that must not be there", { detail: { promotionId: [{ exists: false }] } }],
  ])("is kept from a rule for %s", async (_what, pattern) => {
    const { put, rule, received, local } = await open();
    rule({ pattern });
    await put({});
    await local.idle();
    expect(received).toEqual([]);
  });

  it("stays on its bus", async () => {
    const { put, rule, received, local } = await open();
    rule({ busName: "default" });
    await put({});
    await put({ EventBusName: "arn:aws:events:us-east-1:000000000000:event-bus/default" });
    await local.idle();
    expect(received).toHaveLength(1);
  });

  it("of an AWS service comes over the default bus", async () => {
    const { rule, received, local } = await open();
    rule({ busName: "default", pattern: { source: ["aws.sagemaker"] } });
    local.emit({ source: "aws.sagemaker", detailType: "SageMaker Model Package State Change", detail: { a: 1 } });
    await local.idle();
    expect(received).toMatchObject([{ source: "aws.sagemaker", detail: { a: 1 } }]);
  });
});

describe("delivery", () => {
  it("is tried again after a failure, with longer pauses", async () => {
    const { put, rule, local, clock } = await open();
    const tried: number[] = [];
    const start = clock.now();
    rule({
      target: async () => {
        tried.push(clock.now() - start);
        if (tried.length < 3) throw new Error("not yet");
      },
    });
    await put({});
    await clock.next();
    await clock.next();
    await local.idle();
    expect(tried).toEqual([0, 200, 600]);
  });

  it("gives up after its retries and hands the event to the dead letter with the last error", async () => {
    const { put, rule, local, clock, left } = await open();
    const dead: unknown[] = [];
    rule({
      retries: 1,
      target: () => Promise.reject(new Error("broken")),
      deadLetter: async (event, error) => void dead.push([event["source"], String(error)]),
    });
    await put({});
    await clock.next();
    await local.idle();
    expect(dead).toEqual([["countersign", "Error: broken"]]);
    expect(left()).toEqual([]);
  });

  it("goes on after a restart", async () => {
    const first = await open();
    first.rule({ target: () => Promise.reject(new Error("the function is not there yet")) });
    await first.put({});
    await first.close();
    expect(first.left()).toHaveLength(1);
    const second = await open(first.directory);
    second.rule();
    await second.local.idle();
    expect(second.received).toMatchObject([{ detail: { promotionId: "p-1" } }]);
    expect(second.left()).toEqual([]);
  });
});

describe("PutEvents", () => {
  it("says of each entry whether it was taken", async () => {
    const { put } = await open();
    const answer = await put(
      {},
      { Detail: "no json" },
      { Detail: "[]" },
      { Source: "aws.sagemaker" },
      { EventBusName: "nowhere" },
      { Source: undefined },
    );
    expect(answer.FailedEntryCount).toBe(5);
    expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
      undefined,
      "MalformedDetail",
      "MalformedDetail",
      "NotAuthorizedForSourceException",
      "ResourceNotFoundException",
      "InvalidArgument",
    ]);
  });

  it("refuses more than ten entries, unknown members and other operations", async () => {
    const { put, client } = await open();
    const invalid = { name: "ValidationException" };
    await expect(put(...Array.from({ length: 11 }, () => ({})))).rejects.toMatchObject(invalid);
    await expect(put({ TraceHeader: "Root=1" })).rejects.toMatchObject(invalid);
    await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({ name: "UnknownOperationException" });
  });

  it("tells the log bus, source and detail type", async () => {
    const { put, log } = await open();
    await put({});
    expect(log.calls).toMatchObject([
      {
        action: "events:PutEvents",
        resource: "arn:aws:events:us-east-1:000000000000:event-bus/facts",
        context: { "events:source": "countersign", "events:detail-type": "Countersign Fact Recorded" },
        status: 200,
      },
    ]);
  });

  it("cannot be given a rule that it would understand in part", async () => {
    const { rule } = await open();
    expect(() => rule({ pattern: { detail: { accuracy: [{ numeric: [">", 0.9] }] } } })).toThrow("not carried");
    expect(() => rule({ busName: "nowhere" })).toThrow("is not there");
  });
});
