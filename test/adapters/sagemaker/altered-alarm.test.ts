import { DescribeAlarmsCommand, PutMetricAlarmCommand, type PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { expect, it } from "vitest";
import { alarmAsked } from "../../../adapters/cloudwatch/alarm-as-made.ts";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { ownAlarms } from "../../../adapters/sagemaker/release-config.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import { type Instant, instantFromMs } from "../../../core/encoding/instant.ts";
import type { Target } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { hosting, localSageMaker } from "../../local/sagemaker/setup.ts";
import { approved, before as id, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");
const target: Target = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 2,
};
const order = orderOf(id, target);
/** What approvers asked for: it goes back where one of a hundred answers is an error. */
const release: Release = {
  kind: "first",
  traffic: { kind: "all-at-once", waitSeconds: 0 },
  alarms: { kind: "own", errorPercent: 1 },
};

it.each<[string, Partial<PutMetricAlarmInput>, string]>([
  ["never is raised", { Threshold: 2 }, "Threshold"],
  ["watches something else", { Dimensions: [{ Name: "EndpointName", Value: "another" }] }, "Dimensions"],
])("goes back where somebody makes the alarm that approvers asked for one that %s", async (_, change, member) => {
  const at = sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
  await sagemakerStaging(local.client(), hosting).stage(order);
  await at.start(approved(order), release);
  await local.settled("InService");
  const check = () => at.check({ ...order, release });
  expect((await check()).kind).toBe("serving");

  const [alarm] = ownAlarms({ ...order, release });
  if (alarm === undefined) throw new Error("The release has no alarm.");
  await local.alarms().send(new PutMetricAlarmCommand({ ...alarmAsked(alarm), ...change }));
  expect(await check()).toMatchObject({
    kind: "unhealthy",
    why: `The alarm '${alarm.name}' is not the one that was made for the release ('${member}' is another; somebody changed it), so nobody can tell whether the model is well.`,
    evidence: { alarms: [{ name: alarm.name, state: "missing", changed: member }] },
  });
  // It is removed with the rest all the same.
  await at.settle({ ...order, release });
  expect((await local.alarms().send(new DescribeAlarmsCommand({ AlarmNames: [alarm.name] }))).MetricAlarms).toEqual([]);
});

it("says of its alarm when it was made, and, once somebody changed it and put it back, when that was", async () => {
  const at = sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
  await sagemakerStaging(local.client(), hosting).stage(order);
  const ordered = approved(order);
  await at.start(ordered, release);
  await local.settled("InService");
  const configured = async () => {
    const { kind, evidence } = await at.check({ ...order, release });
    const [reading] = evidence["alarms"] as readonly { readonly configuredAt?: string }[];
    return { kind, configuredAt: reading?.configuredAt ?? expect.unreachable("It does not say when.") };
  };
  const made = await configured();
  local.clock().advance(1000);
  const [alarm] = ownAlarms({ ...order, release });
  if (alarm === undefined) throw new Error("The release has no alarm.");
  // Another run of the step makes nothing that is there.
  await cloudWatchAlarms(local.alarms()).create(alarm);
  expect(await configured()).toEqual(made);
  for (const Threshold of [2, alarm.threshold])
    await local.alarms().send(new PutMetricAlarmCommand({ ...alarmAsked(alarm), Threshold }));
  const since = await configured();
  // Whoever else wants to hear of it changes it as well, for all that CloudWatch says: it takes no release back.
  expect(since.kind).toBe("serving");
  expect(since.configuredAt > made.configuredAt).toBe(true);
});

it.each<[string, Release["traffic"]]>([
  ["all at once", { kind: "all-at-once", waitSeconds: 0 }],
  ["as a canary", { kind: "canary", percent: 50, waitSeconds: 600 }],
])(
  "goes back where its own alarm was raised and is quiet again before anybody looks: released %s",
  async (_, traffic) => {
    const keeper = cloudWatchAlarms(local.alarms());
    const at = sagemakerTarget(local.client(), keeper, hosting);
    await sagemakerStaging(local.client(), hosting).stage(order);
    await at.start(approved(order), release);
    await local.settled("InService");
    const startedAt = instantFromMs(0);
    const raisedAt = instantFromMs(1_000);
    const asked: (Instant | undefined)[] = [];
    const raised: typeof keeper.read = async (alarms, since) => {
      asked.push(since);
      return (await keeper.read(alarms)).map((reading) => ({
        ...reading,
        ...(since === undefined ? {} : { raisedAt }),
      }));
    };
    const told = sagemakerTarget(local.client(), { ...keeper, read: raised }, hosting);
    const [alarm] = ownAlarms({ ...order, release });
    expect(await told.check({ ...order, startedAt, release: { ...release, traffic } })).toMatchObject({
      kind: "unhealthy",
      why: `The alarm '${alarm?.name}' was raised at ${raisedAt}, and is quiet again.`,
    });
    // Somebody else's may have been raised by what ran before: SageMaker watches those while it shifts.
    expect(asked).toEqual([undefined, startedAt]);
  },
);

it("is not called healthy before CloudWatch has judged its own alarm once; an alarm of others may know nothing", async () => {
  const keeper = cloudWatchAlarms(local.alarms());
  await sagemakerStaging(local.client(), hosting).stage(order);
  await sagemakerTarget(local.client(), keeper, hosting).start(approved(order), release);
  await local.settled("InService");
  const unjudged: typeof keeper.read = async (alarms) =>
    alarms.map((each) => ({ name: typeof each === "string" ? each : each.name, state: "INSUFFICIENT_DATA" }));
  const check = (alarms: NonNullable<Release["alarms"]>) =>
    sagemakerTarget(local.client(), { ...keeper, read: unjudged }, hosting).check({
      ...order,
      release: { ...release, alarms },
    });
  const [alarm] = ownAlarms({ ...order, release });
  expect(await check({ kind: "own", errorPercent: 1 })).toMatchObject({
    kind: "under-way",
    why: `The endpoint 'credit-scoring' serves the approved model. CloudWatch has not judged the alarm '${alarm?.name}' yet.`,
  });
  expect((await check({ kind: "named", names: ["theirs"] })).kind).toBe("serving");
  expect((await check({ kind: "named", names: ["theirs"], own: { errorPercent: 1 } })).kind).toBe("under-way");
});
