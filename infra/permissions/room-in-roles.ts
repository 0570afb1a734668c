import type { CountersignFunction } from "../constructs/countersign-function.ts";
import { GrantedRole } from "../constructs/granted-role.ts";
import { RefusedSetting } from "../settings.ts";

/**
 * Of all inline policies of a role, without white space; no request raises it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const mostCharacters = 10_240;

/** Throws `RefusedSetting` where so many roles of other accounts do not fit into a function's: that would fail as it is deployed. */
export function requireRoom(functions: readonly CountersignFunction[], targetRoles: readonly string[]): void {
  const sizes = functions.map(({ role, node }): [string, number] => [
    node.id,
    role instanceof GrantedRole ? role.characters() : 0,
  ]);
  const [name, characters] = sizes.toSorted(([, a], [, b]) => b - a)[0] ?? ["", 0];
  if (characters <= mostCharacters) return;
  const each = JSON.stringify(targetRoles).length / targetRoles.length;
  const fit = Math.max(0, targetRoles.length - Math.ceil((characters - mostCharacters) / each));
  throw new RefusedSetting(
    `The context setting 'targetRoles' names ${targetRoles.length} roles, with which the policy of ${name} would have about ${characters} characters; IAM takes ${mostCharacters}, so about ${fit} such roles fit. Give one role for all targets of an account, or shorter names.`,
  );
}
