import { join } from "node:path";
import { type AsyncInvocations, openAsyncInvocations } from "../lambda/async.ts";
import { putDeadLetter } from "../sqs/dead-letters.ts";
import { systemClock } from "../wake-clock.ts";
import { functionNamed, requirePermission, type World } from "../world.ts";
import { type LocalEventBridge, startEventBridge } from "./eventbridge.ts";

/** Lambda's queue of events for which nobody waits, with the retries and destinations that the template sets. */
export function asyncInvocations(world: World): AsyncInvocations {
  const target = (functionName: string) => {
    const { name, principal, invoke } = functionNamed(world, functionName);
    const { attempts = 2, onFailure } = world.retries.get(name) ?? {};
    return {
      name,
      invoke,
      retries: attempts,
      onFailure:
        onFailure === undefined
          ? undefined
          : (document: unknown) =>
              putDeadLetter(world, onFailure, document, { principal, key: `${name}/${world.now()}.json` }),
    };
  };
  return openAsyncInvocations(join(world.stateDirectory, "async-invocations"), target, systemClock);
}

/** Starts EventBridge with the template's buses and rules; a rule hands its events to `invocations`. */
export async function startEventRules(
  world: World,
  port: number,
  invocations: AsyncInvocations,
): Promise<LocalEventBridge> {
  const directory = join(world.stateDirectory, "eventbridge");
  const events = await startEventBridge({ directory, log: world.log, port });
  for (const bus of world.eventBuses) events.createBus(bus);
  const service = "events.amazonaws.com";
  for (const { name, arn, busName, pattern, retries, target } of world.eventRules) {
    const { deadLetterArn } = target;
    const key = `${name}/${world.now()}.json`;
    events.addRule({
      name,
      busName,
      pattern,
      retries,
      target: async (event) => {
        requirePermission(world, functionNamed(world, target.functionName), service, arn);
        invocations.send(target.functionName, event);
      },
      ...(deadLetterArn === undefined
        ? {}
        : { deadLetter: (event) => putDeadLetter(world, deadLetterArn, event, { principal: service, key }) }),
    });
  }
  return events;
}
