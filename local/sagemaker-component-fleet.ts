import type { JsonObject } from "./json-shape.ts";
import { rollingPlan } from "./sagemaker-deployment.ts";
import { type HostingOptions, hostModel, type Serving } from "./sagemaker-hosting.ts";
import { openLanes } from "./sagemaker-lanes.ts";
import { shiftTraffic } from "./sagemaker-shift.ts";
import type { ComponentRecord } from "./sagemaker-store.ts";

/** The running side of the inference components: what serves each, and the transitions under way. All work is done in the background. */
export interface ComponentFleet {
  /** Who answers the next request to a component, where it is on that endpoint. */
  deal(component: string, endpoint: string): Serving | undefined;
  /** `InService` or `Failed`. */
  create(component: string): void;
  /**
   * Copies of the old model answer until one of the new one is healthy; then they are replaced as the deployment says. If the
   * new one never gets healthy, or an alarm is raised meanwhile, all copies are of the old one again.
   */
  update(component: string): void;
  remove(component: string): void;
  /** Starts the components of an earlier run again, each from where it was. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Runs components out of `options.store`. However many copies a component has, they are one container. */
export function openComponentFleet(options: HostingOptions): ComponentFleet {
  const { components } = options.store;
  const lanes = openLanes();
  const tasks = new Set<Promise<void>>();

  const inBackground = (task: Promise<void>): void => {
    tasks.add(task);
    void task.finally(() => tasks.delete(task));
  };
  const change = (name: string, next: (was: ComponentRecord) => ComponentRecord): void => {
    const was = components.get(name);
    if (was !== undefined) components.put(next({ ...was, modifiedAt: options.now() }));
  };

  async function start(
    component: ComponentRecord,
    specification: JsonObject,
    failed: (reason: string) => void,
  ): Promise<Serving | undefined> {
    try {
      return await hostModel(options, {
        label: component.name,
        modelName: String(specification["ModelName"]),
        variantName: component.variant,
        configName: "",
        startupSeconds: 60,
      });
    } catch (error) {
      if (!options.signal.aborted) failed(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  async function bringUp(name: string): Promise<void> {
    const component = components.get(name);
    if (component === undefined) return;
    const serving = await start(component, component.specification, (failureReason) =>
      change(name, ({ pending: _, ...was }) => ({ ...was, status: "Failed", failureReason })),
    );
    if (serving === undefined) return;
    lanes.set(name, { serving });
    change(name, (was) => (was.status === "Creating" ? { ...was, status: "InService" } : was));
  }

  async function replace(name: string): Promise<void> {
    const component = components.get(name);
    const pending = component?.pending;
    if (component === undefined || pending === undefined) return;
    // SageMaker tells no reason of an update that it took back.
    const back = () => change(name, ({ pending: _, ...was }) => ({ ...was, status: "InService" }));
    const serving = await start(component, pending.specification, back);
    if (serving === undefined) return;
    const lane = lanes.get(name);
    const shifted = await shiftTraffic(rollingPlan(pending.deployment, pending.copies), {
      ...options,
      turnOn: (percent) =>
        lanes.set(name, lane === undefined ? { serving } : { ...lane, coming: { serving, percent } }),
    });
    if (shifted.kind === "stopped") return serving.retire();
    if (shifted.kind === "back") {
      if (lane !== undefined) lanes.set(name, lane);
      back();
      return serving.retire();
    }
    lanes.set(name, { serving });
    const { specification, copies, deployment } = pending;
    change(name, ({ pending: _, failureReason: __, lastDeployment: ___, ...was }) => ({
      ...was,
      status: "InService",
      specification,
      copies,
      ...(deployment === undefined ? {} : { lastDeployment: deployment }),
    }));
    await lane?.serving.retire();
  }

  async function takeDown(name: string): Promise<void> {
    const serving = lanes.get(name)?.serving;
    lanes.remove(name);
    await serving?.retire();
    components.remove(name);
  }

  return {
    deal: (name, endpoint) => (components.get(name)?.endpoint === endpoint ? lanes.deal(name) : undefined),
    create: (name) => inBackground(bringUp(name)),
    update: (name) => inBackground(replace(name)),
    remove: (name) => inBackground(takeDown(name)),
    async restore() {
      await Promise.all(
        components.all().map(async ({ name, status }) => {
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
              return inBackground(replace(name));
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
