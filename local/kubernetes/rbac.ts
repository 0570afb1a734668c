import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { type KnownKind, knownKind } from "./kinds.ts";
import { nameOf, StatusRefusal } from "./status.ts";
import { metadataOf, type ObjectStore } from "./store.ts";
import type { KubernetesUser } from "./users.ts";

export interface Attempt {
  readonly verb: "get" | "list" | "create" | "patch" | "delete";
  readonly kind: KnownKind;
  readonly namespace: string;
  /** Empty for a list. */
  readonly name: string;
}

/**
 * Throws `Forbidden` unless a RoleBinding of the namespace gives the user a Role with a rule for it. ClusterRoles
 * are not carried: nothing here asks for one. https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function requireAllowed(user: KubernetesUser, attempt: Attempt, store: ObjectStore): void {
  const { verb, kind, namespace, name } = attempt;
  const rules = namespace === "" ? [] : rulesFor(user, namespace, store);
  if (rules.some((rule) => covers(rule, attempt))) return;
  throw new StatusRefusal(
    403,
    "Forbidden",
    `${nameOf(kind, name)} is forbidden: User "${user.name}" cannot ${verb} resource "${kind.plural}" in API group "${kind.group}" in the namespace "${namespace}"`,
    { name, group: kind.group, kind: kind.plural },
  );
}

function rulesFor(user: KubernetesUser, namespace: string, store: ObjectStore): readonly JsonObject[] {
  const bindings = knownKind("rbac.authorization.k8s.io/v1", "RoleBinding");
  const roles = knownKind("rbac.authorization.k8s.io/v1", "Role");
  return store.list(bindings, namespace).flatMap(({ object }) => {
    const { subjects, roleRef } = object;
    const bound = (isList(subjects) ? subjects : [])
      .filter(isRecord)
      .some(
        (subject) =>
          subject["apiGroup"] === "rbac.authorization.k8s.io" &&
          ((subject["kind"] === "Group" && user.groups.includes(String(subject["name"]))) ||
            (subject["kind"] === "User" && user.name === subject["name"])),
      );
    if (!bound || !isRecord(roleRef) || roleRef["kind"] !== "Role") return [];
    const role = store.get(roles, namespace, String(roleRef["name"]))?.object;
    return isList(role?.["rules"]) ? role["rules"].filter(isRecord) : [];
  });
}

function covers(rule: JsonObject, { verb, kind, name }: Attempt): boolean {
  const holds = (member: string, value: string): boolean => {
    const values = rule[member];
    return isList(values) && (values.includes(value) || values.includes("*"));
  };
  return (
    holds("apiGroups", kind.group) &&
    holds("resources", kind.plural) &&
    holds("verbs", verb) &&
    (rule["resourceNames"] === undefined || holds("resourceNames", name))
  );
}

/** The labels of a namespace, for what selects by them. */
export function namespaceObject(store: ObjectStore, namespace: string): JsonObject {
  const found = store.get(knownKind("v1", "Namespace"), "", namespace)?.object;
  return found ?? { metadata: metadataOf({ metadata: { name: namespace } }) };
}
