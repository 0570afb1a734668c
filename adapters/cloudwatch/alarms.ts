import {
  type CloudWatchClient,
  type CompositeAlarm,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type MetricAlarm as FoundMetricAlarm,
  LimitExceededFault,
  PutMetricAlarmCommand,
  ResourceConflict,
  ResourceNotFound,
} from "@aws-sdk/client-cloudwatch";
import type { AlarmKeeper, AlarmReading, MetricAlarm } from "../../core/deployment/alarms.ts";
import { type Instant, instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { alarmAsked, changedIn } from "./alarm-as-made.ts";

type FoundAlarm = FoundMetricAlarm | CompositeAlarm;

/** Alarms of CloudWatch. */
export function cloudWatchAlarms(client: CloudWatchClient): AlarmKeeper {
  async function find(names: readonly string[]): Promise<ReadonlyMap<string, FoundAlarm>> {
    if (names.length === 0) return new Map();
    // A hundred names a call, and a target heeds ten alarms: one page.
    const answer = await client.send(
      new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    );
    const found = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])];
    return new Map(found.flatMap((alarm) => (alarm.AlarmName === undefined ? [] : [[alarm.AlarmName, alarm]])));
  }

  /** When an alarm was raised last since then; `undefined`: it was not. */
  async function raisedSince(name: string, since: Instant): Promise<Instant | undefined> {
    let next: string | undefined;
    do {
      const page = await client.send(
        new DescribeAlarmHistoryCommand({
          AlarmName: name,
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          HistoryItemType: "StateUpdate",
          StartDate: new Date(msOfInstant(since)),
          ScanBy: "TimestampDescending",
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      for (const { Timestamp: at, HistoryData: data } of page.AlarmHistoryItems ?? [])
        if (at !== undefined && becameAlarm(data)) return instantFromMs(at.getTime());
      next = page.NextToken;
    } while (next !== undefined);
    return undefined;
  }

  return {
    async create(alarm) {
      const there = (await find([alarm.name])).get(alarm.name);
      // Its configuration goes on to be as old as it is: whoever reads of it later sees when somebody changed it.
      if (there !== undefined && changedIn(there, alarm) === undefined) return;
      await client.send(new PutMetricAlarmCommand(alarmAsked(alarm))).catch((error: unknown) => {
        if (!(error instanceof LimitExceededFault)) throw error;
        const sentence = `A quota of the account keeps CloudWatch from the alarm '${alarm.name}': ${error.message}`;
        throw new Failure("deployment-refused", sentence, { cause: error });
      });
    },

    async read(alarms, since) {
      const found = await find(alarms.map(nameOf));
      const readings: AlarmReading[] = [];
      for (const each of alarms) {
        const name = nameOf(each);
        const reading = readingOf(each, found.get(name));
        const asked = since !== undefined && reading.state !== "missing" && reading.state !== "ALARM";
        const raisedAt = asked ? await raisedSince(name, since) : undefined;
        readings.push(raisedAt === undefined ? reading : { ...reading, raisedAt });
      }
      return readings;
    },

    async remove(names) {
      const there = [...(await find(names)).keys()];
      if (there.length > 0) await client.send(new DeleteAlarmsCommand({ AlarmNames: there })).catch(throwAnew);
      return there;
    },
  };
}

/** Where one of them is gone by now, none was deleted: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html */
function throwAnew(cause: unknown): never {
  if (!(cause instanceof ResourceNotFound || cause instanceof ResourceConflict)) throw cause;
  throw new Failure("unavailable", "Somebody else is removing an alarm of the release, or changing it.", { cause });
}

function readingOf(asked: string | MetricAlarm, alarm: FoundAlarm | undefined): AlarmReading {
  const name = nameOf(asked);
  const state = alarm?.StateValue;
  if (alarm === undefined || (state !== "OK" && state !== "ALARM" && state !== "INSUFFICIENT_DATA"))
    return { name, state: "missing" };
  const changed = typeof asked === "string" ? undefined : changedIn(alarm, asked);
  const at = typeof asked === "string" ? undefined : alarm.AlarmConfigurationUpdatedTimestamp;
  const configured = at === undefined ? {} : { configuredAt: instantFromMs(at.getTime()) };
  if (changed !== undefined) return { name, state: "missing", changed, ...configured };
  return { name, state, ...configured, ...(alarm.StateReason === undefined ? {} : { reason: alarm.StateReason }) };
}

function nameOf(alarm: string | MetricAlarm): string {
  return typeof alarm === "string" ? alarm : alarm.name;
}

/** Data of a state's update: JSON with the new state, among much else. What cannot be read counts as raised. */
function becameAlarm(data: string | undefined): boolean {
  try {
    const told = JSON.parse(data ?? "") as { readonly newState?: { readonly stateValue?: unknown } } | null;
    const state = told?.newState?.stateValue;
    return state !== "OK" && state !== "INSUFFICIENT_DATA";
  } catch {
    return true;
  }
}
