import type { Construct } from "constructs";
import type { FunctionName } from "../functions.ts";
import type { Places } from "../stacks/data-stack.ts";
import { apiPermissions } from "./api-permissions.ts";
import { besidesPolicies } from "./data-access.ts";
import type { Grant } from "./grant.ts";
import { listenerPermissions } from "./listener-permissions.ts";
import { type ServicePlaces, sharedAccess } from "./shared-access.ts";
import { stepPermissions } from "./step-permissions.ts";

/**
 * What each function may do: docs/architecture.md's column "may", action by action. The grants test holds every call
 * of the end-to-end stories against it, both ways.
 */
export function functionPermissions(
  scope: Construct,
  places: Places,
  service: ServicePlaces,
): Readonly<Record<FunctionName, readonly Grant[]>> {
  const shared = sharedAccess(scope, places, service);
  const permissions: Readonly<Record<FunctionName, readonly Grant[]>> = {
    ...apiPermissions(shared),
    ...stepPermissions(shared),
    ...listenerPermissions(shared),
  };
  return Object.fromEntries(
    Object.entries(permissions).map(([name, grants]) => [
      name,
      putPoliciesInForce.includes(name) ? grants : grants.flatMap((grant) => besidesPolicies(grant, places)),
    ]),
  ) as Record<FunctionName, readonly Grant[]>;
}

/** Whoever may write which policies are in force (decision 0035); no other function may, whatever else it writes. */
const putPoliciesInForce: readonly string[] = [
  "steps/activate-policy",
  "schedules/adopt-policy",
] satisfies readonly FunctionName[];
