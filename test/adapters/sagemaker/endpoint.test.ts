import {
  DeleteEndpointCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { runningOf } from "../../../adapters/sagemaker/endpoint-state.ts";
import { shareConfigName } from "../../../adapters/sagemaker/share-config.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { refused } from "../../core/refusal.ts";
import { failing, gated, hosting, modelAt, scorer } from "../../local/sagemaker/setup.ts";
import {
  alarmNames,
  atOnce,
  careful,
  deployment,
  endpointScene,
  first,
  order,
  plain,
  update,
} from "./endpoint-scene.ts";
import { approved, before, id } from "./orders.ts";

const { baking, check, local, serving, staged, staging, target, until } = endpointScene();

describe("staging", () => {
  it("creates exactly what was ordered, as often as it is asked to", async () => {
    await staging().stage(order());
    await staging().stage(order());
    const model = await local.send(new DescribeModelCommand({ ModelName: id }));
    expect(model.PrimaryContainer).toMatchObject(modelAt("candidate/model.json"));
    expect(model.EnableNetworkIsolation).toBe(true);
    const config = await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }));
    expect(config.ProductionVariants).toMatchObject([
      { VariantName: "approved", ModelName: id, InstanceType: "ml.m5.large", InitialInstanceCount: 2 },
    ]);
  });

  it("isolates the container from the network, unless the target says otherwise", async () => {
    const open: Target = { ...plain, network: "open" };
    await staging().stage(order(id, open));
    expect((await local.send(new DescribeModelCommand({ ModelName: id }))).EnableNetworkIsolation).toBe(false);
    // Staged open, and frozen for a target that isolates it: it is not what was approved.
    expect((await refused(staging().stage(order(id, plain)))).code).toBe("deployment-refused");
  });

  it("refuses what somebody staged under the promotion's name before", async () => {
    await local.configure(id, modelAt("champion/model.json"));
    expect((await refused(staging().stage(order()))).code).toBe("deployment-refused");
  });
});

describe("a first release, of an endpoint that somebody else makes at the same time", () => {
  const why =
    "Somebody else made the endpoint 'credit-scoring', which was not there when the release began: it is not replaced. Look at what it serves, and submit the candidate again.";

  it("ends at once, also while theirs is being created, and leaves it alone", async () => {
    await staging().stage(order(id, plain));
    await local.configure("theirs", modelAt("champion/model.json"));
    await local.create("theirs");
    const start = () => refused(target().start(approved(order(id, plain)), first));
    expect(await start()).toMatchObject({ code: "deployment-refused", sentence: why });
    await local.settled("InService");
    expect(await start()).toMatchObject({ code: "deployment-refused", sentence: why });
    expect(await target().describeRunning(plain)).toEqual({ revision: "theirs" });
  });

  it("ends so where it comes between the look and the making", async () => {
    await staging().stage(order(id, plain));
    await local.configure("theirs", modelAt("champion/model.json"));
    const client = local.client();
    let made = false;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "CreateEndpointCommand" && !made) {
            made = true;
            await local.create("theirs");
          }
          return next(args);
        },
      { step: "initialize" },
    );
    const meanwhile = sagemakerTarget(client, cloudWatchAlarms(local.alarms()), hosting);
    const failure = await refused(meanwhile.start(approved(order(id, plain)), first));
    expect([made, failure.code, failure.sentence]).toEqual([true, "deployment-refused", why]);
  });

  it("is tried again where it puts back what was approved: that takes the place of whatever is there", async () => {
    await staging().stage(order(id, plain));
    await local.configure("theirs", modelAt("champion/model.json"));
    await local.create("theirs");
    const putBack = { ...approved(order(id, plain)), putBackSince: "2026-11-28T10:00:00Z" } as ApprovedOrder;
    expect(await refused(target().start(putBack, first))).toMatchObject({ code: "unavailable" });
  });
});

describe("the preflight", () => {
  const ask = (of = careful) =>
    target().preflight(order(id, of), ({ revision }) =>
      releaseFor(of, revision === undefined ? "nothing" : "something"),
    );

  it("knows a first release", async () => {
    expect(await ask()).toEqual({ kind: "possible", release: first, running: {} });
  });

  it("lets an update of what we made be careful", async () => {
    await serving();
    expect(await ask()).toEqual({
      kind: "possible",
      release: update,
      running: { revision: before, promotion: before },
    });
  });

  it("is against a careful update of a variant of another name, which SageMaker would move all at once", async () => {
    await local.configure("theirs", modelAt("champion/model.json"));
    await local.create("theirs");
    await local.settled("InService");
    expect(await ask()).toEqual({
      kind: "impossible",
      why: "The endpoint 'credit-scoring' cannot be updated with traffic shifting and alarms: its variant is called 'AllTraffic' and the new one 'approved'. SageMaker would move all traffic at once without saying so.",
    });
    expect(await ask(plain)).toMatchObject({ kind: "possible", release: atOnce });
  });

  it("tells what scales at the moment from a candidate that answers a part of the requests: by what serves", () => {
    const busy = { kind: "busy", creating: false, stage: "Updating" } as const;
    const said = { promotion: before, changingTo: before };
    expect(runningOf({ ...busy, configName: before, changingTo: before })).toEqual({ ...said, revision: before });
    const share = shareConfigName(before);
    expect(runningOf({ kind: "in-service", configName: share, why: undefined })).toEqual({ ...said, revision: share });
  });

  it("is against updating an endpoint that failed", async () => {
    await local.configure("broken", modelAt("broken/model.json"));
    await local.create("broken");
    await local.settled("Failed");
    expect(await ask()).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("cannot be updated: The primary"),
    });
  });
});

describe("a release", () => {
  it("is told to SageMaker with its traffic and its alarms, and judged by them", async () => {
    const given = await staged();
    await target().start(approved(given), update);
    expect((await check(deployment(update))).kind).toBe("under-way");
    await baking();
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await local.settled("InService");
    expect(await local.endpoint()).toMatchObject({
      EndpointConfigName: id,
      LastDeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: "CANARY",
            CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
            WaitIntervalInSeconds: 300,
          },
          TerminationWaitInSeconds: 300,
          MaximumExecutionTimeoutInSeconds: 2400,
        },
        AutoRollbackConfiguration: { Alarms: alarmNames.map((AlarmName) => ({ AlarmName })) },
      },
    });
    expect(await check(deployment(update))).toMatchObject({
      kind: "serving",
      evidence: {
        status: "InService",
        configuration: id,
        variants: [{ name: "approved", images: [given.image] }],
        alarms: alarmNames.map((name) => ({ name, state: "OK" })),
      },
    });
    await target().settle(deployment(update));
    expect(await cloudWatchAlarms(local.alarms()).read(alarmNames)).toEqual(
      alarmNames.map((name) => ({ name, state: "missing" })),
    );
  });

  it("that answers with errors is back with the old model, and the evidence says why", async () => {
    await target().start(approved(await staged(failing)), update);
    const release = deployment(update, { image: order(id, careful, failing).image });
    await baking();
    await local.invoke("{}");
    await local.invoke("{}");
    await local.settled("InService");
    expect(await check(release)).toMatchObject({
      kind: "returned",
      why: expect.stringContaining(`did not stay in OK state: ${alarmNames[0]}.`),
      evidence: { configuration: before, alarms: [{ name: alarmNames[0], state: "ALARM" }, { state: "OK" }] },
    });
  });

  it("begins once, however often and by however many it is asked for", async () => {
    const given = await staged();
    await Promise.all([1, 2, 3].map(() => target().start(approved(given), update)));
    await target().start(approved(given), update);
    const updates = local.calls.filter(({ action, status }) => action === "sagemaker:UpdateEndpoint" && status === 200);
    // An endpoint's update is judged for the endpoint and for its configuration.
    expect(updates).toHaveLength(2);
  });

  it.each([
    ["slow", "is raised already"],
    ["gone", "is not there"],
  ])("is refused where the alarm '%s' that is to watch it %s", async (name, how) => {
    const given = await staged(scorer, plain);
    await local.alarm("slow", before, "breaching");
    const named = { ...atOnce, alarms: { kind: "named", names: [name] } } as const;
    expect(await refused(target().start(approved(given), named))).toEqual({
      code: "deployment-refused",
      sentence: `The alarm '${name}', which is to watch the release, ${how}.`,
    });
    expect((await local.endpoint()).EndpointStatus).toBe("InService");
  });

  it("waits for somebody else's", async () => {
    const given = await staged();
    await local.configure("theirs", {
      ...modelAt("champion/model.json", gated),
      Environment: { GATE: local.path("no") },
    });
    await local.update("theirs");
    expect((await refused(target().start(approved(given), update))).code).toBe("unavailable");
  });

  it("is refused where what was staged is another model by now", async () => {
    const given = await staged();
    await local.send(new DeleteModelCommand({ ModelName: id }));
    expect((await refused(target().start(approved(given), update))).code).toBe("deployment-refused");
    expect(await cloudWatchAlarms(local.alarms()).read(alarmNames)).toMatchObject([
      { state: "missing" },
      { state: "missing" },
    ]);
  });
});

describe("what is seen of a deployment", () => {
  async function deployed(release = atOnce): Promise<Deployment> {
    await target().start(approved(await staged(scorer, plain)), release);
    await local.settled("InService");
    return deployment(release, { target: plain });
  }

  it("is well while it is what was approved", async () => {
    expect(await check(await deployed())).toMatchObject({
      kind: "serving",
      why: "The endpoint 'credit-scoring' serves the approved model.",
    });
  });

  it("is ill once somebody puts another model under its name", async () => {
    const given = await deployed();
    await local.send(new DeleteModelCommand({ ModelName: id }));
    expect(await check(given)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining("not what was approved"),
    });
  });

  it("cannot be judged once an alarm of it is gone", async () => {
    const given = await deployed();
    const named = { ...given, release: { ...atOnce, alarms: { kind: "named", names: ["slow"] } } } as const;
    expect(await check(named)).toMatchObject({
      kind: "unhealthy",
      why: "The alarm 'slow' is gone, so nobody can tell whether the model is well.",
    });
  });

  it("was changed by hand where something else serves", async () => {
    const given = await deployed();
    await local.configure("theirs", modelAt("champion/model.json"));
    await local.send(new UpdateEndpointCommand({ EndpointName: "credit-scoring", EndpointConfigName: "theirs" }));
    expect(await until(given, "displaced")).toMatchObject({ evidence: { configuration: "theirs" } });
  });

  it("was changed by hand where the endpoint is gone", async () => {
    const given = await deployed();
    await local.send(new DeleteEndpointCommand({ EndpointName: "credit-scoring" }));
    expect((await until(given, "displaced")).why).toContain("somebody removed it");
  });
});

describe("going back", () => {
  it("lets what ran before serve again", async () => {
    await target().start(approved(await staged(scorer, plain)), atOnce);
    await local.settled("InService");
    const given = deployment(atOnce, { target: plain });
    await target().rollBack(given);
    await target().rollBack(given);
    expect((await until(given, "returned")).evidence["configuration"]).toBe(before);
  });

  it("removes the endpoint that a first release came with", async () => {
    await staging().stage(order(id, plain));
    await target().start(approved(order(id, plain)), first);
    await local.settled("InService");
    const { previous: _, ...given } = deployment(first, { target: plain });
    await target().rollBack(given);
    expect((await until(given, "returned")).why).toContain("before, there was none either");
    await target().rollBack(given);
  });

  it("creates again what ran before where the endpoint failed altogether", async () => {
    await serving();
    await local.send(new DeleteEndpointCommand({ EndpointName: "credit-scoring" }));
    await vi.waitFor(async () => expect(local.endpoint()).rejects.toThrow());
    await local.configure("broken", modelAt("broken/model.json"));
    await local.create("broken");
    await local.settled("Failed");
    const given = deployment(atOnce, { target: plain });
    expect((await check(given)).kind).toBe("broken");
    await target().rollBack(given);
    await until(given, "displaced");
    await target().rollBack(given);
    expect((await until(given, "returned")).evidence["configuration"]).toBe(before);
  });

  it("is tried again where somebody begins to change the endpoint between the look and the call", async () => {
    await target().start(approved(await staged(scorer, plain)), atOnce);
    await local.settled("InService");
    await local.configure("theirs", {
      ...modelAt("champion/model.json", gated),
      Environment: { GATE: local.path("no") },
    });
    const client = local.client();
    let changed = false;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "UpdateEndpointCommand" && !changed) {
            changed = true;
            await local.update("theirs");
          }
          return next(args);
        },
      { step: "initialize" },
    );
    const meanwhile = sagemakerTarget(client, cloudWatchAlarms(local.alarms()), hosting);
    expect([await refused(meanwhile.rollBack(deployment(atOnce, { target: plain }))), changed]).toEqual([
      { code: "unavailable", sentence: "The endpoint 'credit-scoring' is being changed at the moment." },
      true,
    ]);
  });

  it("is not possible while the endpoint is being changed, and says so", async () => {
    await target().start(approved(await staged()), update);
    expect(await refused(target().rollBack(deployment(update)))).toEqual({
      code: "unavailable",
      sentence: "The endpoint 'credit-scoring' is being changed at the moment.",
    });
  });
});

describe("cleaning up", () => {
  it("removes everything of the promotion, and looks whether it is gone", async () => {
    const given = await staged();
    const alarms = cloudWatchAlarms(local.alarms());
    await target().start(approved(given), update);
    await baking();
    expect((await refused(target().cleanUp(id, careful, deployment(update)))).code).toBe("conflict");
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await local.settled("InService");
    await local.update(before);
    await local.settled("InService");
    const everything = ["endpoint configuration", "model", ...alarmNames];
    expect(await target().cleanUp(id, careful, deployment(update))).toEqual({ removed: everything, left: [] });
    expect(await target().cleanUp(id, careful, deployment(update))).toEqual({ removed: [], left: [] });
    expect(await alarms.read(alarmNames)).toMatchObject([{ state: "missing" }, { state: "missing" }]);
  });

  it("asks nothing of alarms where no deployment had begun", async () => {
    await staging().stage(order());
    expect(await target().cleanUp(id, careful)).toEqual({ removed: ["endpoint configuration", "model"], left: [] });
    expect(local.calls.filter(({ action }) => action.startsWith("cloudwatch:"))).toEqual([]);
  });
});
