import type { ShiftPlan } from "./deployment.ts";
import type { HostingOptions, Serving } from "./hosting.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { type Shifted, shiftTraffic } from "./shift.ts";
import type { HostedStatus, Records } from "./store.ts";

/** What is served under a name: its status, and what happens to it in the background. */
export interface Transitions<Entry> {
  readonly lanes: Lanes;
  inBackground(task: Promise<void>): void;
  /** Writes what became of it, where it is there still. */
  change(name: string, next: (was: Entry) => Entry): void;
  /** What `host` starts; where that fails, hands the reason to `failed`, unless everything is being closed. */
  start(host: () => Promise<Serving>, failed: (reason: string) => void): Promise<Serving | undefined>;
  /** Lets traffic come over to what was started; what served before serves alone again where that goes back. */
  shift(name: string, serving: Serving, plan: ShiftPlan): Promise<Shifted>;
  remove(name: string): void;
  /** Goes on from where an earlier run was. */
  restore(bringUp: (name: string) => Promise<void>, update: (was: Entry) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

interface Hosted {
  readonly name: string;
  readonly modifiedAt: number;
  readonly status: HostedStatus;
}

export function openTransitions<Entry extends Hosted>(
  entries: Records<Entry>,
  options: HostingOptions,
): Transitions<Entry> {
  const lanes = openLanes();
  const tasks = new Set<Promise<void>>();

  function inBackground(task: Promise<void>): void {
    tasks.add(task);
    void task.finally(() => tasks.delete(task));
  }

  async function takeDown(name: string): Promise<void> {
    const serving = lanes.get(name)?.serving;
    lanes.remove(name);
    await serving?.retire();
    entries.remove(name);
  }

  return {
    lanes,
    inBackground,
    change(name, next) {
      const was = entries.get(name);
      if (was !== undefined) entries.put(next({ ...was, modifiedAt: options.now() }));
    },
    async start(host, failed) {
      try {
        return await host();
      } catch (error) {
        // Anything but a failure of the container is a fault of the stand-in: what is asked for fails just as well.
        if (!options.signal.aborted) failed(error instanceof Error ? error.message : String(error));
        return undefined;
      }
    },
    async shift(name, serving, plan) {
      const lane = lanes.get(name);
      const shifted = await shiftTraffic(plan, {
        ...options,
        turnOn: (percent) =>
          lanes.set(name, lane === undefined ? { serving } : { ...lane, coming: { serving, percent } }),
      });
      if (shifted.kind === "back" && lane !== undefined) lanes.set(name, lane);
      return shifted;
    },
    remove: (name) => inBackground(takeDown(name)),
    async restore(bringUp, update) {
      await Promise.all(
        entries.all().map(async (entry) => {
          const { name, status } = entry;
          switch (status) {
            case "Failed":
              return;
            case "Deleting":
              return takeDown(name);
            case "Creating":
              return inBackground(bringUp(name));
            case "InService":
              return bringUp(name);
            case "Updating":
              await bringUp(name);
              return inBackground(update(entry));
            default:
              return status satisfies never;
          }
        }),
      );
    },
    async close() {
      await Promise.all(tasks);
      await Promise.all(lanes.all().map(({ serving }) => serving.retire()));
    },
  };
}
