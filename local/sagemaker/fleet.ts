import type { JsonObject } from "../aws/json-shape.ts";
import { shiftPlan } from "./deployment.ts";
import { initialWeights } from "./endpoint-configs.ts";
import { type HostingOptions, host, type Serving } from "./hosting.ts";
import type { EndpointRecord, SageMakerStore } from "./store.ts";
import { openTransitions } from "./transitions.ts";

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
  /** Deals requests out by the endpoint's pending weights, in the background: nothing is started for that, nor for its pending instances. */
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
  const transitions = openTransitions(endpoints, options);
  const { lanes, change, inBackground } = transitions;

  const start = (name: string, configName: string, failed: (reason: string) => void): Promise<Serving | undefined> =>
    transitions.start(() => host(name, configName, options), failed);

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
    const old = lanes.get(name)?.serving;
    const shifted = await transitions.shift(name, serving, planOf(pending.deployment, old, serving));
    if (shifted.kind === "back")
      change(name, ({ pending: _, ...was }) => ({ ...was, status: "InService", failureReason: shifted.why }));
    if (shifted.kind !== "over") return serving.retire();
    const { configName, weights, instances } = pending;
    lanes.set(name, { serving, weights: weightsOf({ configName, ...(weights && { weights }) }, options.store) });
    change(name, ({ pending: _, failureReason: __, weights: ___, instances: ____, ...was }) => ({
      ...was,
      status: "InService",
      configName,
      ...(weights === undefined ? {} : { weights }),
      ...(instances === undefined ? {} : { instances }),
      ...(pending.deployment === undefined ? {} : { lastDeployment: pending.deployment }),
    }));
    await old?.retire();
  }

  async function reweigh(name: string): Promise<void> {
    // As of the next request: who asked for it sees the endpoint Updating first.
    await Promise.resolve();
    const endpoint = endpoints.get(name);
    const lane = lanes.get(name);
    const { weights, instances } = endpoint?.pending ?? {};
    if (weights === undefined || instances === undefined) return;
    if (lane !== undefined) lanes.set(name, { ...lane, weights });
    change(name, ({ pending: _, ...was }) => ({ ...was, status: "InService", weights, instances }));
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
    remove: transitions.remove,
    restore: () =>
      transitions.restore(bringUp, ({ name, pending }) =>
        pending?.reweighs === true ? reweigh(name) : switchOver(name),
      ),
    close: transitions.close,
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
