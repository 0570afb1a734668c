import { givesRole, rolesNamedBy } from "../approval/entitlement.ts";
import { type Matrix, operatorRole } from "../approval/matrix.ts";
import { changeRule } from "../approval/requirements.ts";
import { list } from "../encoding/policy-file.ts";
import type { Member } from "../promotion/identity.ts";
import type { Note } from "./policy-files.ts";

/** A role and who holds it. */
export interface CheckedRole {
  readonly role: string;
  readonly title: string;
  /** Whether some rule asks for it. */
  readonly asked: boolean;
  /** People with an account that works; absent without a directory. */
  readonly holders?: readonly string[];
}

/** Roles that nobody holds, and roles that nobody asks for. */
export function checkRoles(matrix: Matrix, members: readonly Member[] | undefined, note: Note): readonly CheckedRole[] {
  const asked = new Set([...matrix.rules, ...changeRule(matrix)].flatMap(rolesNamedBy));
  return Object.entries(matrix.roles).map(([role, { title, groups, issuers }]) => {
    const path = ["roles", role];
    if (!asked.has(role) && role !== operatorRole)
      note("warning", "matrix.yaml", path, `No rule asks for the role '${role}'.`);
    if (members === undefined) return { role, title, asked: asked.has(role) };
    const all = members.filter((member) => givesRole(matrix.roles, role, member));
    const holders = all.filter(({ enabled }) => enabled).map(({ name }) => name);
    if (holders.length === 0) {
      const from = issuers === undefined ? "" : ` of ${list(issuers)}`;
      const why = all.length > 0 ? "every account is disabled" : `nobody${from} is in ${list(groups)}`;
      note(asked.has(role) ? "error" : "warning", "matrix.yaml", path, `Nobody holds the role '${role}': ${why}.`);
    }
    return { role, title, asked: asked.has(role), holders: holders.toSorted() };
  });
}
