import {
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { variantMeasures } from "../../../adapters/cloudwatch/variant-measures.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerShadow } from "../../../adapters/sagemaker/shadow.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { ApprovedOrder, Order } from "../../../core/deployment/order.ts";
import type { Shadowing } from "../../../core/deployment/shadow-target.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { type Capture, readCaptures } from "../../../core/gates/shadow/captures.ts";
import { pairedAnswers } from "../../../core/gates/shadow/report.ts";
import type { ShadowRun } from "../../../core/promotion/shadow.ts";
import type { Target } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { refused } from "../../core/refusal.ts";
import { failing, hosting, localSageMaker, scorer } from "../../local/sagemaker/setup.ts";
import { before as champion, id, idOf, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");

const target: Target = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 2,
};
const other = idOf("other");
const first: Release = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } };
const plan = sha256Hex(utf8("plan"));
const captures = `s3://exchange/shadow/${id}/${champion}`;
const shadowName = `shadow-${id}`;

const order = (promotion = id, image = scorer): Order => orderOf(promotion, target, image);
const shadow = () =>
  sagemakerShadow(local.client(), hosting, {
    measures: variantMeasures(local.alarms()),
    async *files(prefix) {
      for (const [uri, text] of [...local.objects].toSorted()) if (uri.startsWith(prefix)) yield utf8(String(text));
    },
  });
const endpoint = () => sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
/** What answers was there before. */
let askedAt = instantFromMs(Date.now());
const shadowing = (over: Partial<ShadowRun> = {}, promotion = id): Shadowing & Order => ({
  ...order(promotion),
  run: { plan, askedAt, beside: champion, ...over },
});
const until = (kind: string, run = shadowing()) =>
  vi.waitFor(async () => expect((await shadow().check(run)).kind).toBe(kind), { timeout: 15_000, interval: 20 });
const gone = (run = shadowing()) =>
  vi.waitFor(async () => expect(await shadow().end(run)).toBe("gone"), { timeout: 15_000, interval: 20 });

async function serving(): Promise<void> {
  const staging = sagemakerStaging(local.client(), hosting);
  await staging.stage(order(champion));
  await endpoint().start({ ...order(champion), verdict: plan } as ApprovedOrder, first);
  await vi.waitFor(async () => expect((await local.endpoint()).EndpointStatus).toBe("InService"), { timeout: 15_000 });
  askedAt = instantFromMs(Date.now());
}
async function staged(promotion = id, image = scorer): Promise<void> {
  await sagemakerStaging(local.client(), hosting).stage(order(promotion, image));
}

const ask = (row: number) => local.invoke(JSON.stringify({ row }));

describe("a candidate in the shadow of an endpoint", () => {
  it("gets what the other answers, is measured and captured beside it, and leaves nothing behind", async () => {
    await serving();
    await staged();
    expect(await shadow().footing(order())).toEqual({ kind: "possible", beside: champion });
    await shadow().start(order(), champion);
    await shadow().start(order(), champion);
    await until("running");
    const answers = [await ask(1), await ask(2), await ask(3)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers[0]?.headers.get("x-amzn-invoked-production-variant")).toBe("approved");
    // What is called by its name elsewhere is what answers.
    expect(await endpoint().describeRunning(target)).toEqual({ revision: champion, promotion: champion });

    expect(await shadow().end(shadowing())).toBe("going");
    await gone();
    const run = shadowing({ since: instantFromMs(Date.now() - 30_000), endedAt: instantFromMs(Date.now()) });
    const measured = await shadow().measure(run, run.run.askedAt);
    expect(measured.candidate).toEqual({
      invocations: 3,
      errors4xx: 0,
      errors5xx: 0,
      latencyP50Milliseconds: expect.any(Number),
      latencyP95Milliseconds: expect.any(Number),
    });
    expect(measured.champion.invocations).toBe(3);
    const read = async (of: "champion" | "candidate") => {
      const captures: Capture[] = [];
      for await (const file of shadow().captured(run, of)) captures.push(...readCaptures(file).captures);
      return captures;
    };
    expect(pairedAnswers(await read("champion"), await read("candidate"))).toHaveLength(3);
    expect((await local.endpoint()).EndpointConfigName).toBe(champion);
    await expect(local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: shadowName }))).rejects.toThrow(
      "Could not find",
    );
  });

  it("takes none of the instances that somebody gave what answers, there and back, and gets its share by the configuration's weights", async () => {
    await serving();
    await staged();
    await local.scale("approved", 7);
    await local.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: "credit-scoring",
        DesiredWeightsAndCapacities: [{ VariantName: "approved", DesiredWeight: 5 }],
      }),
    );
    await local.settled("InService");
    await shadow().start(order(), champion);
    await until("running");
    const variants = async () => (await local.endpoint()).ProductionVariants;
    // By a weight of five beside its own of one it would get a fifth of the requests.
    expect(await variants()).toMatchObject([{ CurrentInstanceCount: 7, CurrentWeight: 1 }]);
    await shadow().end(shadowing());
    await gone();
    expect(await variants()).toMatchObject([{ CurrentInstanceCount: 7 }]);
  });

  it("answers errors that nobody hears, and they are counted", async () => {
    await serving();
    await staged(id, failing);
    await shadow().start(order(id, failing), champion);
    await until("running", { ...shadowing(), ...order(id, failing) });
    expect((await ask(1)).status).toBe(200);
    expect((await ask(2)).status).toBe(200);
    await shadow().end(shadowing());
    await gone();
    const run = shadowing({ since: instantFromMs(Date.now() - 30_000), endedAt: instantFromMs(Date.now()) });
    expect((await shadow().measure(run, run.run.askedAt)).candidate).toMatchObject({ invocations: 2, errors5xx: 2 });
  });

  it("that does not come up leaves what answers as it is, and why is told", async () => {
    await serving();
    local.objects.set("s3://models/candidate/model.json", "not a model");
    await staged();
    await shadow().start(order(), champion);
    const standing = await vi.waitFor(
      async () => {
        const found = await shadow().check(shadowing());
        expect(found.kind).toBe("alone");
        return found;
      },
      { timeout: 15_000, interval: 20 },
    );
    expect(standing).toMatchObject({ failure: expect.stringContaining("ping health check") });
    // The same words about an earlier update say nothing of this one.
    expect(await shadow().check(shadowing({ askedAt: instantFromMs(Date.now() + 60_000) }))).toEqual({ kind: "alone" });
    expect(await shadow().end(shadowing())).toBe("gone");
  });

  it("is lost where somebody changes or removes the endpoint meanwhile", async () => {
    await serving();
    await staged();
    await staged(other);
    await shadow().start(order(), champion);
    await until("running");
    await local.send(new UpdateEndpointCommand({ EndpointName: "credit-scoring", EndpointConfigName: other }));
    await until("lost");
    expect(await shadow().check(shadowing())).toMatchObject({ why: expect.stringContaining("somebody changed it") });
    expect(await shadow().end(shadowing())).toBe("gone");
    await local.send(new DeleteEndpointCommand({ EndpointName: "credit-scoring" }));
    await until("lost");
  });

  it("waits for another candidate, and for nothing where nothing answers", async () => {
    expect(await shadow().footing(order())).toEqual({ kind: "nothing" });
    await serving();
    await staged();
    await staged(other);
    await shadow().start(order(), champion);
    expect(await shadow().footing(order(other))).toMatchObject({ kind: "later" });
    await until("running");
    expect(await shadow().footing(order(other))).toEqual({
      kind: "later",
      why: "Another candidate runs in shadow of the endpoint 'credit-scoring'.",
    });
    expect((await refused(shadow().start(order(other), champion))).code).toBe("unavailable");
    expect(await shadow().footing(order())).toEqual({ kind: "possible", beside: champion });
  });

  const variant = {
    VariantName: "approved",
    ModelName: champion,
    InstanceType: "ml.m5.large",
    InitialInstanceCount: 2,
  } as const;
  it.each([
    [
      "a configuration that captures for a monitor",
      { DataCaptureConfig: capture("s3://monitor/captured") },
      "somebody else",
    ],
    ["Inf1 instances", { ProductionVariants: [{ ...variant, InstanceType: "ml.inf1.xlarge" as const }] }, "Inf1"],
  ])("cannot be where what answers is %s", async (_, over: Partial<CreateEndpointConfigCommandInput>, why) => {
    await serving();
    await staged();
    const by = { EndpointConfigName: "by-hand", ProductionVariants: [variant], ...over };
    await local.send(new CreateEndpointConfigCommand(by));
    await local.send(new UpdateEndpointCommand({ EndpointName: "credit-scoring", EndpointConfigName: "by-hand" }));
    await vi.waitFor(async () => expect((await local.endpoint()).EndpointConfigName).toBe("by-hand"), {
      timeout: 15_000,
    });
    expect(await shadow().footing(order())).toMatchObject({ kind: "impossible", why: expect.stringContaining(why) });
  });

  it("cannot be where the candidate could reach the network", async () => {
    await serving();
    const open = order();
    const given = { ...open, target: { ...open.target, network: "open" as const } };
    expect(await shadow().footing(given)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("could reach the network"),
    });
  });

  it("runs under no configuration that somebody else made, nor another model than what was frozen", async () => {
    await serving();
    await staged();
    const forged = {
      EndpointConfigName: shadowName,
      ProductionVariants: [variant],
      ShadowProductionVariants: [{ ...variant, VariantName: "candidate" }],
      DataCaptureConfig: capture(captures),
    };
    await local.send(new CreateEndpointConfigCommand(forged));
    expect((await refused(shadow().start(order(), champion))).code).toBe("deployment-refused");
    expect((await refused(shadow().start(order(id, failing), champion))).sentence).toContain("not what was approved");
  });

  it.each([
    [
      "its model",
      "What is staged on SageMaker is not what was approved: the model was made anew after it had been staged",
    ],
    ["its configuration", "its configuration was made anew after it had begun"],
    ["what answers beside it", "the configuration beside which it runs was made anew"],
  ])("is lost where %s is made anew as it was, since what runs is what stood there before", async (what, why) => {
    await serving();
    const made = await sagemakerStaging(local.client(), hosting).stage(order());
    await shadow().start(order(), champion);
    await until("running");
    const now = instantFromMs(Date.now());
    const run = { ...shadowing({ since: now, askedAt: now }), ...(made === undefined ? {} : { staged: made }) };
    expect(await shadow().check(run)).toEqual({ kind: "running" });
    await vi.waitUntil(() => instantFromMs(Date.now()) > now);
    if (what === "its model") {
      await local.send(new DeleteModelCommand({ ModelName: id }));
      await sagemakerStaging(local.client(), hosting).stage(order());
    } else {
      const EndpointConfigName = what === "its configuration" ? shadowName : champion;
      const was = await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
      await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
      const { ProductionVariants, ShadowProductionVariants, DataCaptureConfig } = was;
      const asBefore = { ProductionVariants, ShadowProductionVariants, DataCaptureConfig };
      await local.send(new CreateEndpointConfigCommand({ EndpointConfigName, ...asBefore }));
    }
    expect(await shadow().check(run)).toMatchObject({ kind: "lost", why: expect.stringContaining(why) });
  });

  it("is not what a configuration of its name says, where another model answers under it", async () => {
    await serving();
    await staged();
    const forged = {
      EndpointConfigName: shadowName,
      ProductionVariants: [{ ...variant, ModelName: id }],
      ShadowProductionVariants: [{ ...variant, VariantName: "candidate" }],
      DataCaptureConfig: capture(captures),
    };
    await local.send(new CreateEndpointConfigCommand(forged));
    await local.send(new UpdateEndpointCommand({ EndpointName: "credit-scoring", EndpointConfigName: shadowName }));
    await vi.waitFor(async () => expect((await local.endpoint()).EndpointConfigName).toBe(shadowName), {
      timeout: 15_000,
    });
    expect((await endpoint().describeRunning(target)).revision).toBe(shadowName);
  });

  function capture(DestinationS3Uri: string) {
    return {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri,
      CaptureOptions: [{ CaptureMode: "Input" as const }, { CaptureMode: "Output" as const }],
    };
  }
});
