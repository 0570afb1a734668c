import { matchesArn } from "../../local/world.ts";
import { type Evidence, judged } from "./judge-calls.ts";
import { type Role, roleBehind } from "./roles.ts";

/** One action on one resource that a role may do and that nobody did with it. */
export interface UnusedGrant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

/** What roles are allowed and no call of the evidence needed, statement by statement. */
export function unusedGrants(evidence: Evidence): readonly UnusedGrant[] {
  const { calls, resources, roles } = evidence;
  // Thousands of calls are of some hundred kinds.
  const used = new Map<Role, Map<string, { readonly action: string; readonly resource: string }>>();
  const behind = new Map(
    [...new Set(calls.map(({ principal }) => principal))].map((each) => [each, roleBehind(each, resources, roles)]),
  );
  for (const call of calls) {
    const role = behind.get(call.principal);
    if (role === undefined) continue;
    const { action, resource } = judged(call, resources);
    const mine = used.get(role) ?? new Map();
    used.set(role, mine.set(`${action} ${resource}`, { action, resource }));
  }
  return roles.flatMap((role) => {
    const mine = [...(used.get(role)?.values() ?? [])];
    return grantsOf(role).filter(
      ({ action, resource }) =>
        !mine.some((call) => matchesAction(action, call.action) && matchesArn(resource, call.resource)),
    );
  });
}

/** Every action × resource of a role's statements, each once. */
export function grantsOf(role: Role): readonly UnusedGrant[] {
  const grants = role.statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ actions, resources }) =>
      actions.flatMap((action) => resources.map((resource) => ({ role: role.name, action, resource }))),
    );
  return [...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values()];
}

/** IAM compares actions without case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html */
function matchesAction(pattern: string, action: string): boolean {
  return matchesArn(pattern.toLowerCase(), action.toLowerCase());
}
