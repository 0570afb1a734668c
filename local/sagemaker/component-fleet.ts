import type { JsonObject } from "../aws/json-shape.ts";
import { rollingPlan } from "./deployment.ts";
import { type HostingOptions, hostModel, type Serving } from "./hosting.ts";
import type { ComponentRecord } from "./store.ts";
import { openTransitions } from "./transitions.ts";

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
  const transitions = openTransitions(components, options);
  const { lanes, change, inBackground } = transitions;

  const start = (
    component: ComponentRecord,
    specification: JsonObject,
    failed: (reason: string) => void,
  ): Promise<Serving | undefined> =>
    transitions.start(
      () =>
        hostModel(options, {
          label: component.name,
          modelName: String(specification["ModelName"]),
          variantName: component.variant,
          configName: "",
          startupSeconds: 60,
        }),
      failed,
    );

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
    const old = lanes.get(name)?.serving;
    const shifted = await transitions.shift(name, serving, rollingPlan(pending.deployment, pending.copies));
    if (shifted.kind === "back") back();
    if (shifted.kind !== "over") return serving.retire();
    lanes.set(name, { serving });
    const { specification, copies, deployment } = pending;
    change(name, ({ pending: _, failureReason: __, lastDeployment: ___, ...was }) => ({
      ...was,
      status: "InService",
      specification,
      copies,
      ...(deployment === undefined ? {} : { lastDeployment: deployment }),
    }));
    await old?.retire();
  }

  return {
    deal: (name, endpoint) => (components.get(name)?.endpoint === endpoint ? lanes.deal(name) : undefined),
    create: (name) => inBackground(bringUp(name)),
    update: (name) => inBackground(replace(name)),
    remove: transitions.remove,
    restore: () => transitions.restore(bringUp, ({ name }) => replace(name)),
    close: transitions.close,
  };
}
