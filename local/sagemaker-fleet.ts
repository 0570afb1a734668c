import type { JsonObject } from "./json-shape.ts";
import { shiftPlan } from "./sagemaker-deployment.ts";
import { initialWeights } from "./sagemaker-endpoint-configs.ts";
import { HostingFailure, type HostingOptions, host, type Serving } from "./sagemaker-hosting.ts";
import { openLanes } from "./sagemaker-lanes.ts";
import { shiftTraffic } from "./sagemaker-shift.ts";
import type { EndpointRecord, SageMakerStore } from "./sagemaker-store.ts";

/** The running side of the endpoints: what serves each, and the transitions under way. */
export interface Fleet {
  serving(endpoint: string): Serving | undefined;
  /** Who answers the next request. */
  deal(endpoint: string): Serving | undefined;
  /** How far an update is, in the words of `VariantStatus`, and how much of the new fleet is turned on. */
  shifting(endpoint: string): { readonly status: "Creating" | "Baking"; readonly percent: number };
  /** Brings up a new endpoint in the background: `InService` or `Failed`. */
  create(endpoint: string): void;
  /**
   * Brings up an endpoint's pending configuration in the background. The old container answers until the new one is
   * healthy (blue/green); then traffic comes over as the deployment says. If the new one never gets healthy, or an alarm
   * is raised meanwhile, the old one stays and the endpoint says why.
   */
  update(endpoint: string): void;
  /** Deals requests out by the endpoint's pending weights, in the background: nothing is started for that. */
  weigh(endpoint: string): void;
  /** Stops what serves an endpoint, in the background, and forgets the endpoint. */
  remove(endpoint: string): void;
  /** Starts the endpoints of an earlier run again, each from where it was. */
  restore(): Promise<void>;
  /** Stops every container; endpoints keep their status, so that they are started again next time. */
  close(): Promise<void>;
}

/** Runs endpoints out of `options.store`. `options.signal` must be aborted before `close`. */
export function openFleet(options: HostingOptions): Fleet {
  const { endpoints } = options.store;
  const lanes = openLanes();
  const tasks = new Set<Promise<void>>();

  const inBackground = (task: Promise<void>): void => {
    tasks.add(task);
    void task.finally(() => tasks.delete(task));
  };
  const change = (name: string, next: (was: EndpointRecord) => EndpointRecord): void => {
    const was = endpoints.get(name);
    if (was !== undefined) endpoints.put(next({ ...was, modifiedAt: options.now() }));
  };

  /** Brings up `configName`. Where that fails, hands the reason to `failed`, unless everything is being closed. */
  async function start(
    name: string,
    configName: string,
    failed: (reason: string) => void,
  ): Promise<Serving | undefined> {
    try {
      return await host(name, configName, options);
    } catch (error) {
      if (options.signal.aborted) return undefined;
      // Anything but a failure of the container is a fault of the stand-in: the endpoint fails just as well.
      failed(error instanceof HostingFailure || error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  async function bringUp(name: string): Promise<void> {
    const endpoint = endpoints.get(name);
    if (endpoint === undefined) return;
    const serving = await start(name, endpoint.configName, (failureReason) =>
      change(name, ({ pending: _, ...was }) => ({ ...was, status: "Failed", failureReason })),
    );
    if (serving === undefined) return;
    lanes.set(name, { serving, weights: weightsOf(endpoint, options.store) });
    change(name, (was) => (was.status === "Creating" ? { ...was, status: "InService" } : was));
  }

  async function switchOver(name: string): Promise<void> {
    const pending = endpoints.get(name)?.pending;
    if (pending === undefined) return;
    const serving = await start(name, pending.configName, (failureReason) =>
      change(name, ({ pending: _, ...was }) => ({ ...was, status: "InService", failureReason })),
    );
    if (serving === undefined) return;
    const lane = lanes.get(name);
    const old = lane?.serving;
    const shifted = await shiftTraffic(planOf(pending.deployment, old, serving), {
      ...options,
      turnOn: (percent) =>
        lanes.set(name, lane === undefined ? { serving } : { ...lane, coming: { serving, percent } }),
    });
    if (shifted.kind === "stopped") return serving.retire();
    if (shifted.kind === "back") {
      if (lane !== undefined) lanes.set(name, lane);
      change(name, ({ pending: _, ...was }) => ({ ...was, status: "InService", failureReason: shifted.why }));
      return serving.retire();
    }
    const { configName, weights } = pending;
    lanes.set(name, { serving, weights: weightsOf({ configName, ...(weights && { weights }) }, options.store) });
    change(name, ({ pending: _, failureReason: __, weights: ___, ...was }) => ({
      ...was,
      status: "InService",
      configName,
      ...(weights === undefined ? {} : { weights }),
      ...(pending.deployment === undefined ? {} : { lastDeployment: pending.deployment }),
    }));
    await old?.retire();
  }

  async function reweigh(name: string): Promise<void> {
    // As of the next request: who asked for it sees the endpoint Updating first.
    await Promise.resolve();
    const endpoint = endpoints.get(name);
    const lane = lanes.get(name);
    const weights = endpoint?.pending?.weights;
    if (endpoint === undefined || weights === undefined) return;
    if (lane !== undefined) lanes.set(name, { ...lane, weights });
    change(name, ({ pending: _, ...was }) => ({ ...was, status: "InService", weights }));
  }

  async function takeDown(name: string): Promise<void> {
    const serving = lanes.get(name)?.serving;
    lanes.remove(name);
    await serving?.retire();
    endpoints.remove(name);
  }

  return {
    serving: (name) => lanes.get(name)?.serving,
    deal: (name) => lanes.deal(name),
    shifting(name) {
      const coming = lanes.get(name)?.coming;
      return { status: coming === undefined ? "Creating" : "Baking", percent: coming?.percent ?? 0 };
    },
    create: (name) => inBackground(bringUp(name)),
    update: (name) => inBackground(switchOver(name)),
    weigh: (name) => inBackground(reweigh(name)),
    remove: (name) => inBackground(takeDown(name)),
    async restore() {
      await Promise.all(
        endpoints.all().map(async ({ name, status, pending }) => {
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
              return inBackground(pending?.reweighs === true ? reweigh(name) : switchOver(name));
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

/** What SageMaker excludes from traffic shifting it moves all at once without a word: here, variants of other names. */
function planOf(deployment: JsonObject | undefined, old: Serving | undefined, serving: Serving) {
  // Serverless ones as well: theirs have names of their own here.
  const alike = old?.variantName === serving.variantName && old.beside?.variantName === serving.beside?.variantName;
  return shiftPlan(alike ? deployment : undefined);
}

function weightsOf({ configName, weights }: Pick<EndpointRecord, "configName" | "weights">, store: SageMakerStore) {
  const config = store.configs.get(configName);
  return weights ?? (config === undefined ? {} : initialWeights(config));
}
