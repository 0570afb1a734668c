import {
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  LimitExceededFault,
  ResourceConflict,
  ResourceNotFound,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { refused } from "../../core/refusal.ts";

const since = instantFromMs(Date.UTC(2026, 10, 23, 9));
const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 9, minute));
const update = (state: string, minute: number) => ({
  Timestamp: at(minute),
  HistoryData: JSON.stringify({ version: "1.0", newState: { stateValue: state } }),
});

/** An alarm that is quiet now, with pages of what it was before. */
function quiet(...pages: readonly (readonly object[])[]) {
  const asked: object[] = [];
  const send = async (command: unknown) => {
    if (command instanceof DescribeAlarmsCommand)
      return { MetricAlarms: [{ AlarmName: "errors", StateValue: "OK", StateReason: "Fine." }] };
    if (!(command instanceof DescribeAlarmHistoryCommand)) throw new Error("Nothing else is asked.");
    asked.push(command.input);
    const page = asked.length - 1;
    return {
      AlarmHistoryItems: pages[page] ?? [],
      ...(page + 1 < pages.length ? { NextToken: String(page + 1) } : {}),
    };
  };
  return { alarms: cloudWatchAlarms({ send } as unknown as CloudWatchClient), asked };
}
const reading = { name: "errors", state: "OK", reason: "Fine." };

describe("an alarm that is quiet", () => {
  it("is asked nothing of what was before, where nobody wants to know", async () => {
    const { alarms, asked } = quiet([update("ALARM", 5)]);
    expect(await alarms.read(["errors"])).toEqual([reading]);
    expect(asked).toEqual([]);
  });

  it("tells when it was raised last, from whichever page", async () => {
    const { alarms, asked } = quiet([update("OK", 9), update("INSUFFICIENT_DATA", 8)], [update("ALARM", 5)]);
    expect(await alarms.read(["errors"], since)).toEqual([{ ...reading, raisedAt: at(5).toISOString() }]);
    expect(asked).toMatchObject([
      {
        AlarmName: "errors",
        HistoryItemType: "StateUpdate",
        StartDate: new Date(since),
        ScanBy: "TimestampDescending",
      },
      { NextToken: "1" },
    ]);
  });

  it("was never raised where no page says so", async () => {
    expect(await quiet([update("OK", 9)], []).alarms.read(["errors"], since)).toEqual([reading]);
  });

  it.each([undefined, "", "null", "{", '{"newState":{}}'])(
    "was raised where %j is said of it, which nobody can read",
    async (data) => {
      const { alarms } = quiet([{ Timestamp: at(5), HistoryData: data }]);
      expect(await alarms.read(["errors"], since)).toEqual([{ ...reading, raisedAt: at(5).toISOString() }]);
    },
  );

  it("that is not there was nothing before", async () => {
    const { alarms, asked } = quiet([update("ALARM", 5)]);
    expect(await alarms.read(["latency"], since)).toEqual([{ name: "latency", state: "missing" }]);
    expect(asked).toEqual([]);
  });
});

describe("an alarm of a release", () => {
  const said = { message: "So it is.", $metadata: {} };
  /** CloudWatch has it, as it says, and answers whatever is to change with an error. */
  const refusing = (error: Error) =>
    cloudWatchAlarms({
      send: async (command: unknown) => {
        if (!(command instanceof DescribeAlarmsCommand)) throw error;
        return { MetricAlarms: [{ AlarmName: "errors", StateValue: "OK" }] };
      },
    } as unknown as CloudWatchClient);

  it.each([new ResourceNotFound(said), new ResourceConflict(said)])(
    "that somebody else is removing is looked at again, for of several none was removed: $name",
    async (error) => {
      expect(await refused(refusing(error).remove(["errors"]))).toMatchObject({
        code: "unavailable",
        sentence: "Somebody else is removing an alarm of the release, or changing it.",
      });
    },
  );

  it("that the account has no room for ends the deployment, and says so", async () => {
    const alarm = {
      name: "latency",
      description: "",
      namespace: "AWS/SageMaker",
      metric: "ModelLatency",
      statistic: "p95",
      dimensions: {},
      periodSeconds: 60,
      threshold: 1,
    } as const;
    expect(await refused(refusing(new LimitExceededFault(said)).create(alarm))).toMatchObject({
      code: "deployment-refused",
      sentence: "A quota of the account keeps CloudWatch from the alarm 'latency': So it is.",
    });
  });
});
