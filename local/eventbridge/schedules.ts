import { Failure } from "../../core/failure.ts";
import type { AsyncInvocations } from "../lambda/async.ts";
import { functionNamed, requirePermission, type World } from "../world.ts";
import { type Schedule, scheduledEvent, startSchedule } from "./scheduler.ts";

/** The template's rules with a rate, running. */
export interface Schedules {
  /** Does now what the rule with this logical id does at its time, and waits for the function. Throws where it fails. */
  ring(logicalId: string): Promise<void>;
  close(): Promise<void>;
}

const service = "events.amazonaws.com";

/** Starts the template's schedules; each hands its event to its function as EventBridge does, without waiting. */
export function startSchedules(world: World, invocations: AsyncInvocations): Schedules {
  const running: Schedule[] = world.schedules.map(({ arn, expression, functionName }) =>
    startSchedule({
      expression,
      run: async (time) => {
        requirePermission(world, functionNamed(world, functionName), service, arn);
        invocations.send(functionName, scheduledEvent(arn, time));
      },
    }),
  );
  return {
    async ring(logicalId) {
      const schedule = world.schedules.find((each) => each.logicalId === logicalId);
      if (schedule === undefined) throw new Failure("invalid-request", `The template has no schedule ${logicalId}.`);
      const { arn, functionName } = schedule;
      const target = functionNamed(world, functionName);
      requirePermission(world, target, service, arn);
      const result = await target.invoke(scheduledEvent(arn, new Date(world.now()).toISOString()));
      if ("errorType" in result) throw new Error(`${functionName} failed: ${result.errorMessage}`);
    },
    async close() {
      await Promise.all(running.map((each) => each.close()));
    },
  };
}
