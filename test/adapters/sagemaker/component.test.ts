import {
  DeleteInferenceComponentCommand,
  DeleteModelCommand,
  DescribeModelCommand,
  type InferenceComponentSpecification,
  UpdateInferenceComponentCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import type { Progress } from "../../../core/deployment/deployment-target.ts";
import { plainRelease, releaseFor } from "../../../core/deployment/release.ts";
import { orUnavailable } from "../../../functions/unavailable.ts";
import { refused } from "../../core/refusal.ts";
import { failing, modelAt, scorer } from "../../local/sagemaker/setup.ts";
import { alarmName, atOnce, componentScene, deployment, first, order, target, update } from "./component-scene.ts";
import { approved, before, id } from "./orders.ts";

const { local, component, staging, described, settled, baking, until, ask, serving, updating, change } =
  componentScene();

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
