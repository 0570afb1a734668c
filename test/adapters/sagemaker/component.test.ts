import {
  CreateInferenceComponentCommand,
  DeleteInferenceComponentCommand,
  DeleteModelCommand,
  DescribeInferenceComponentCommand,
  DescribeModelCommand,
  type InferenceComponentSpecification,
  UpdateInferenceComponentCommand,
} from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { componentTarget } from "../../../adapters/sagemaker/component.ts";
import { componentStaging } from "../../../adapters/sagemaker/component-staged.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { plainRelease, releaseFor } from "../../../core/deployment/release.ts";
import type { ComponentTarget } from "../../../core/promotion/target.ts";
import { orUnavailable } from "../../../functions/unavailable.ts";
import { refused } from "../../core/refusal.ts";
import { failing, hosting, localSageMaker, modelAt, scorer } from "../../local/sagemaker/setup.ts";
import { approved, before, id, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");

const target: ComponentTarget = {
  name: "shared",
  kind: "sagemaker-inference-component",
  endpoint: "scoring",
  host: "credit-scoring",
  copies: 4,
  resources: { memoryMegabytes: 2048, cpuCores: 0.5 },
  traffic: { kind: "rolling", copies: 2, of: 4, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 5 },
};
const atOnce: ComponentTarget = { ...target, traffic: { kind: "all-at-once", waitSeconds: 0 }, watchSeconds: 3600 };
const alarmName = `countersign-${id}-errors`;
const update = releaseFor(target, "something");
const first = releaseFor(target, "nothing");

const order = (promotion = id, image = scorer, of = target): Order => orderOf(promotion, of, image);
const component = () => componentTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
const staging = () => componentStaging(local.client(), hosting);
const described = () => local.send(new DescribeInferenceComponentCommand({ InferenceComponentName: "scoring" }));
const settled = () =>
  vi.waitFor(async () => expect((await described()).InferenceComponentStatus).toBe("InService"), {
    timeout: 15_000,
    interval: 20,
  });
const baking = () => vi.waitFor(() => expect(local.clock().alarms().length).toBeGreaterThan(0), { timeout: 15_000 });
const until = (given: Deployment, kind: Progress["kind"]) =>
  vi.waitFor(
    async () => {
      const progress = await component().check(given);
      expect(progress.kind).toBe(kind);
      return progress;
    },
    { timeout: 15_000, interval: 20 },
  );
const ask = (given = order()) =>
  component().preflight(given, ({ revision }) =>
    releaseFor(given.target, revision === undefined ? "nothing" : "something"),
  );
const deployment = (previous: string | undefined, over: Partial<Deployment> = {}): Deployment => ({
  ...order(),
  release: update,
  ...(previous === undefined ? {} : { previous }),
  ...over,
});

/** The champion serves. @returns the revision to go back to */
async function serving(of = target): Promise<string> {
  await staging().stage(order(before, scorer, of));
  await component().start(approved(order(before, scorer, of)), releaseFor(of, "nothing"));
  await settled();
  return (await component().describeRunning(of)).revision ?? expect.unreachable();
}

/** And the candidate is on its way. */
async function updating(image = scorer, of = target): Promise<Deployment> {
  const previous = await serving(of);
  const given = order(id, image, of);
  await staging().stage(given);
  const release = releaseFor(of, "something");
  await component().start(approved(given), release);
  return { ...given, release, previous };
}

/** What somebody else does to it. */
async function change(Specification: {
  ModelName: string;
  ComputeResourceRequirements: { MinMemoryRequiredInMb: number };
}) {
  await local.send(new UpdateInferenceComponentCommand({ InferenceComponentName: "scoring", Specification }));
  await settled();
}

beforeEach(async () => {
  await local.hostConfig("instances");
  await local.create("instances");
  await local.settled("InService");
});

describe("an inference component", () => {
  it("is not what was approved where its model was made anew after it had been staged", async () => {
    const staged = await staging().stage(order());
    if (staged === undefined) throw new Error("Staging tells when what it made was made.");
    await component().start(approved({ ...order(), staged }), first);
    const given = deployment(undefined, { release: first, staged });
    await until(given, "serving");
    await local.send(new DeleteModelCommand({ ModelName: id }));
    await staging().stage(order());
    expect(await component().check(given)).toMatchObject({
      kind: "unhealthy",
      why: "What is staged on SageMaker is not what was approved: the model was made anew after it had been staged; somebody changed or removed it.",
    });
  });

  it("that somebody else makes is not replaced by a first release, which ends at once", async () => {
    await staging().stage(order(before));
    await staging().stage(order());
    await component().start(approved(order(before)), first);
    const start = () => refused(component().start(approved(order()), first));
    const failure = {
      code: "deployment-refused",
      sentence:
        "Somebody else made the inference component 'scoring', which was not there when the release began: it is not replaced. Look at what it serves, and submit the candidate again.",
    };
    expect(await start()).toMatchObject(failure);
    await settled();
    expect(await start()).toMatchObject(failure);
    expect(await component().describeRunning(target)).toMatchObject({ promotion: before });
  });

  it("is staged as a model alone, made by the first release, and says what serves by that model", async () => {
    await staging().stage(order());
    await staging().stage(order());
    expect(await local.send(new DescribeModelCommand({ ModelName: id }))).toMatchObject({
      EnableNetworkIsolation: true,
      PrimaryContainer: modelAt("candidate/model.json"),
    });
    expect(await ask()).toEqual({ kind: "possible", release: first, running: {} });
    await component().start(approved(order()), first);
    await component().start(approved(order()), first);
    await settled();
    expect(await described()).toMatchObject({
      EndpointName: "credit-scoring",
      VariantName: "instances",
      Specification: {
        ModelName: id,
        ComputeResourceRequirements: { MinMemoryRequiredInMb: 2048, NumberOfCpuCoresRequired: 0.5 },
      },
      RuntimeConfig: { DesiredCopyCount: 4 },
    });
    expect(await component().describeRunning(target)).toEqual({
      promotion: id,
      revision: `{"copies":4,"model":"${id}","resources":{"cpuCores":0.5,"memoryMegabytes":2048}}`,
    });
    expect(await component().check(deployment(undefined, { release: first }))).toMatchObject({
      kind: "serving",
      evidence: { component: "scoring", endpoint: "credit-scoring", model: id, copies: { desired: 4, current: 4 } },
    });
    expect((await local.invoke("{}", undefined, "scoring")).status).toBe(200);
    expect(await (await local.invoke("{}")).text()).toContain("Inference Component Name header is required");
  });

  it("is updated in batches with alarms that SageMaker heeds, and is what was approved once that is over", async () => {
    const given = await updating();
    await baking();
    expect(await component().check(given)).toMatchObject({ kind: "under-way" });
    expect(await component().describeRunning(target)).toMatchObject({
      promotion: before,
      changingTo: expect.any(String),
    });
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await settled();
    const size = { Type: "COPY_COUNT", Value: 2 };
    expect((await described()).LastDeploymentConfig).toEqual({
      RollingUpdatePolicy: {
        MaximumBatchSize: size,
        RollbackMaximumBatchSize: size,
        WaitIntervalInSeconds: 300,
        // Half an hour for each of two batches, and their waits.
        MaximumExecutionTimeoutInSeconds: 4200,
      },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: alarmName }] },
    });
    expect(await component().check(given)).toMatchObject({ kind: "serving" });
    await component().settle(given);
    expect(await cloudWatchAlarms(local.alarms()).read([alarmName])).toMatchObject([{ state: "missing" }]);
  });

  it("that SageMaker took back on an alarm is told to be back, with the alarm, and leaves nothing", async () => {
    const given = await updating(failing);
    await baking();
    for (let asked = 0; asked < 4; asked += 1) await local.invoke("{}", undefined, "scoring");
    await settled();
    expect(await component().check(given)).toMatchObject({
      kind: "returned",
      why: expect.stringMatching(
        /^The inference component 'scoring' went back to the model before. The alarm 'countersign-.* is raised/,
      ),
    });
    expect(await component().describeRunning(target)).toMatchObject({ promotion: before });
    expect(await component().cleanUp(id, target, given)).toEqual({ removed: ["model", alarmName], left: [] });
  });

  it("that is replaced all at once is watched and taken back by us", async () => {
    const given = await updating(failing, atOnce);
    await settled();
    expect((await described()).LastDeploymentConfig).toBeUndefined();
    await local.invoke("{}", undefined, "scoring");
    expect(await component().check(given)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining(alarmName),
    });
    await component().rollBack(given);
    await until(given, "returned");
    expect((await component().cleanUp(id, atOnce, given)).left).toEqual([]);
  });

  it("goes back in batches of the same part, and to the resources that the model before had", async () => {
    const given = await updating();
    await baking();
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await settled();
    const smaller = given.previous?.replace("2048", "1024");
    await component().rollBack({ ...given, ...(smaller === undefined ? {} : { previous: smaller }) });
    await settled();
    expect(await described()).toMatchObject({
      Specification: { ModelName: before, ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 } },
      LastDeploymentConfig: {
        RollingUpdatePolicy: { MaximumBatchSize: { Type: "CAPACITY_PERCENT", Value: 50 }, WaitIntervalInSeconds: 0 },
      },
    });
  });

  it.each([
    [60, { RollingUpdatePolicy: { MaximumBatchSize: { Value: 50 } } }],
    // No part of one copy: it is replaced all at once.
    [1, undefined],
  ])("goes back to %i copies as well, which somebody had made of them before", async (copies, told) => {
    const given = await updating();
    for (let batch = 0; batch < 2; batch += 1) {
      await baking();
      local.clock().advance(300_000);
    }
    await settled();
    const previous = given.previous?.replace('"copies":4', `"copies":${copies}`) ?? expect.unreachable();
    await component().rollBack({ ...given, previous });
    await settled();
    const { LastDeploymentConfig: last, ...now } = await described();
    expect(now).toMatchObject({ Specification: { ModelName: before }, RuntimeConfig: { CurrentCopyCount: copies } });
    if (told !== undefined) expect(last).toMatchObject(told);
  });

  it("is put back all at once where somebody made it serve another model", async () => {
    await serving();
    await local.configure("theirs", modelAt("champion/model.json"));
    await change({ ModelName: "theirs", ComputeResourceRequirements: { MinMemoryRequiredInMb: 128 } });
    await component().start(approved(order(before)), plainRelease("something"));
    await settled();
    expect(await described()).toMatchObject({ Specification: { ModelName: before } });
    expect((await described()).LastDeploymentConfig).toBeUndefined();
    expect(await component().check({ ...order(before), release: plainRelease("something") })).toMatchObject({
      kind: "serving",
    });
  });

  it("that had been scaled to nothing, and somebody removed, comes back with one copy", async () => {
    await serving();
    const InferenceComponentName = "scoring";
    await local.send(
      new UpdateInferenceComponentCommand({
        InferenceComponentName,
        Specification: (await described()).Specification as InferenceComponentSpecification,
        RuntimeConfig: { CopyCount: 0 },
      }),
    );
    await settled();
    const { revision } = await component().describeRunning(target);
    await local.send(new DeleteInferenceComponentCommand({ InferenceComponentName }));
    await vi.waitFor(() => expect(described()).rejects.toThrow("Could not find"), { timeout: 15_000 });
    await component().rollBack(deployment(revision));
    await settled();
    expect([revision?.includes('"copies":0'), await described()]).toEqual([
      true,
      expect.objectContaining({
        Specification: expect.objectContaining({ ModelName: before }),
        RuntimeConfig: { DesiredCopyCount: 1, CurrentCopyCount: 1 },
      }),
    ]);
  });

  it("that is gone, and that somebody makes anew between the look and the call, is looked at again", async () => {
    const given = deployment(await serving());
    const InferenceComponentName = "scoring";
    await local.send(new DeleteInferenceComponentCommand({ InferenceComponentName }));
    await vi.waitFor(() => expect(described()).rejects.toThrow("Could not find"), { timeout: 15_000 });
    let made = false;
    local.client().middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "CreateInferenceComponentCommand" && !made) {
            made = true;
            await component().rollBack(given);
          }
          return next(args);
        },
      { step: "initialize" },
    );
    expect([await refused(component().rollBack(given)), made]).toEqual([
      {
        code: "unavailable",
        sentence: "The inference component 'scoring' of the endpoint 'credit-scoring' is being changed at the moment.",
      },
      true,
    ]);
  });

  it("that came with a first release is gone after it is taken back", async () => {
    await staging().stage(order());
    await component().start(approved(order()), first);
    await settled();
    const given = deployment(undefined, { release: first });
    await component().rollBack(given);
    await until(given, "returned");
    expect((await component().cleanUp(id, target, given)).left).toEqual([]);
  });
});

describe("what happens meanwhile", () => {
  it("a release that is under way is not begun again, nor gone back from, nor cleaned up after", async () => {
    const given = await updating();
    await baking();
    for (const call of [
      () => component().start(approved(order()), update),
      () => component().rollBack(given),
      () => component().cleanUp(id, target, given),
    ])
      expect((await refused(call())).code).toBe("unavailable");
  });

  it("what still serves is not cleaned up", async () => {
    await serving();
    expect((await refused(component().cleanUp(before, target))).code).toBe("conflict");
  });

  it("faults pass: whoever asks again finds everything as if nothing had been", async () => {
    const previous = await serving(atOnce);
    const given = order(id, scorer, atOnce);
    await staging().stage(given);
    const release = releaseFor(atOnce, "something");
    let calls = 0;
    let fails = 0;
    const middleware =
      <Given, Answer>(next: (args: Given) => Promise<Answer>) =>
      async (args: Given): Promise<Answer> => {
        calls += 1;
        if (calls === fails) throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
        return next(args);
      };
    for (const { middlewareStack } of [local.client(), local.alarms()]) {
      middlewareStack.add(middleware, { step: "initialize" });
      middlewareStack.add(orUnavailable("AWS"), { step: "initialize", priority: "high" });
    }
    for (fails = 1; fails < 20; fails += 1) {
      calls = 0;
      const went = await component()
        .start(approved(given), release)
        .then(
          () => "went",
          (error: { code: string }) => error.code,
        );
      expect(went).toBe(calls < fails ? "went" : "unavailable");
      if (calls < fails) break;
    }
    fails = 0;
    await settled();
    expect(await component().check({ ...given, release, previous })).toMatchObject({ kind: "serving" });
  });

  it.each<[string, () => Promise<unknown>, Progress["kind"], string]>([
    [
      "serves another model",
      async () => {
        await local.configure("theirs", modelAt("champion/model.json"));
        await change({ ModelName: "theirs", ComputeResourceRequirements: { MinMemoryRequiredInMb: 2048 } });
      },
      "displaced",
      "serves 'theirs', which is neither what was approved nor what ran before",
    ],
    [
      "has other resources",
      () => change({ ModelName: before, ComputeResourceRequirements: { MinMemoryRequiredInMb: 128 } }),
      "unhealthy",
      "'Specification.ComputeResourceRequirements.MinMemoryRequiredInMb' of the component is not as it was asked",
    ],
    [
      "is gone",
      () => local.send(new DeleteInferenceComponentCommand({ InferenceComponentName: "scoring" })),
      "returned",
      "is gone",
    ],
    [
      "may reach the network",
      async () => {
        await local.hostConfig("open", false);
        await local.update("open");
        await local.settled("InService");
      },
      "unhealthy",
      "lets its containers reach the network",
    ],
  ])("one that somebody changed, so that it %s, is told", async (_, act, kind, why) => {
    await serving();
    await act();
    const given = deployment(undefined, { ...order(before), release: first });
    const progress = await until(given, kind);
    expect(progress.why).toContain(why);
  });
});

describe("the preflight", () => {
  it("tells an update what runs", async () => {
    const revision = await serving();
    expect(await ask()).toEqual({ kind: "possible", release: update, running: { revision, promotion: before } });
  });

  it.each<[string, () => Promise<unknown>, ComponentTarget, string]>([
    [
      "an endpoint that is not there",
      async () => {},
      { ...target, host: "nowhere" },
      "The endpoint 'nowhere' is not there",
    ],
    [
      "an endpoint whose containers may reach the network, where nobody said so",
      async () => {
        await local.hostConfig("open", false);
        await local.update("open");
        await local.settled("InService");
      },
      target,
      "lets its containers reach the network (EnableNetworkIsolation), and the target does not say 'network: open'",
    ],
    [
      "an endpoint with a model of its own",
      async () => {
        await local.configure("own", modelAt("champion/model.json"));
        await local.update("own");
        await local.settled("InService");
      },
      target,
      "serves a model of its own",
    ],
  ])("is against %s", async (_, act, of, why) => {
    await act();
    expect(await ask(order(id, scorer, of))).toMatchObject({ kind: "impossible", why: expect.stringContaining(why) });
  });

  it("takes an open endpoint where the target says so", async () => {
    await local.hostConfig("open", false);
    await local.update("open");
    await local.settled("InService");
    expect(await ask(order(id, scorer, { ...target, network: "open" }))).toMatchObject({ kind: "possible" });
  });

  it("and the release are against a component that is on another endpoint", async () => {
    await serving();
    const elsewhere = { ...target, host: "other" };
    const given = approved(order(before, scorer, elsewhere));
    await expect(component().start(given, update)).rejects.toThrow(
      "The inference component 'scoring' is on the endpoint 'credit-scoring', and not moved from there.",
    );
    expect(await component().describeRunning(elsewhere)).toEqual({
      revision: expect.stringContaining('"host":"credit-scoring"'),
    });
  });
});

it("others on the same endpoint are known by name", async () => {
  await serving();
  await local.send(
    new CreateInferenceComponentCommand({
      InferenceComponentName: "theirs",
      EndpointName: "credit-scoring",
      Specification: { ModelName: before, ComputeResourceRequirements: { MinMemoryRequiredInMb: 128 } },
      RuntimeConfig: { CopyCount: 1 },
    }),
  );
  expect((await component().neighbours?.(target))?.toSorted()).toEqual(["scoring", "theirs"]);
});

describe("what the stand-in refuses, as SageMaker does", () => {
  it.each([
    ["batches of more than half", { Type: "COPY_COUNT", Value: 3 } as const, /between 5% and 50%/],
    ["batches of more than half by percent", { Type: "CAPACITY_PERCENT", Value: 51 } as const, /between 5% and 50%/],
  ])("%s", async (_, size, why) => {
    await serving();
    const rolling = { MaximumBatchSize: size, WaitIntervalInSeconds: 0 };
    await expect(
      local.send(
        new UpdateInferenceComponentCommand({
          InferenceComponentName: "scoring",
          Specification: { ModelName: before, ComputeResourceRequirements: { MinMemoryRequiredInMb: 2048 } },
          DeploymentConfig: { RollingUpdatePolicy: rolling },
        }),
      ),
    ).rejects.toThrow(why);
  });
});
