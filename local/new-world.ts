import type { Ports } from "./ports.ts";
import { endpointVariables, userPoolId } from "./stand-ins.ts";
import type { World } from "./world.ts";

/** An account in which nothing was made yet, over stand-ins that are up. */
export function newWorld(given: {
  readonly assembly: World["assembly"];
  readonly services: World["services"];
  readonly ports: Ports;
  readonly addresses: Pick<World["addresses"], "portal" | "issuer">;
  readonly callLog: World["log"];
  readonly directory: string;
  readonly ownChannels?: NonNullable<World["ownChannels"]>;
  readonly receivers?: NonNullable<World["receivers"]>;
}): World {
  const { services, ports, addresses } = given;
  return {
    assembly: given.assembly,
    services,
    addresses: {
      portal: addresses.portal,
      api: `http://127.0.0.1:${ports.api}`,
      issuer: addresses.issuer,
      userPoolId,
    },
    moved: new Map(),
    log: given.callLog,
    stateDirectory: given.directory,
    ...(given.ownChannels === undefined ? {} : { ownChannels: given.ownChannels }),
    ...(given.receivers === undefined ? {} : { receivers: given.receivers }),
    functionEnvironment: endpointVariables(ports),
    now: Date.now,
    functions: new Map(),
    permissions: [],
    retries: new Map(),
    bucketRules: new Map(),
    headersPolicies: new Map(),
    edgeFunctions: new Map(),
    originRequestPolicies: new Map(),
    restApis: [],
    distributions: [],
    stateMachines: [],
    eventBuses: [],
    eventRules: [],
    schedules: [],
    configurationSets: new Map(),
    groups: [],
    oidcClients: [],
    made: [],
    afterwards: [],
    wakers: [],
  };
}
