import { Environment } from "@marcbachmann/cel-js";
import { isList, type JsonObject, recordIn, recordsIn } from "../aws/json-shape.ts";
import { type KnownKind, knownKind } from "./kinds.ts";
import { namespaceObject } from "./rbac.ts";
import { nameOf, notCarried, StatusRefusal } from "./status.ts";
import type { ObjectStore } from "./store.ts";
import type { KubernetesUser } from "./users.ts";

export interface Admission {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly kind: KnownKind;
  readonly namespace: string;
  readonly name: string;
  readonly user: KubernetesUser;
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
}

/**
 * Throws `Invalid` where a ValidatingAdmissionPolicy that is bound with Deny says no. Carries what the policies
 * shipped with Countersign use, and refuses policies that use more; an expression that throws is a denial
 * (`failurePolicy: Fail`). https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function admit(admission: Admission, store: ObjectStore): void {
  for (const policy of boundPolicies(store)) {
    const spec = recordIn(policy, "spec");
    const name = String(recordIn(policy, "metadata")["name"]);
    if (!matches(recordIn(spec, "matchConstraints"), admission)) continue;
    const scope = scopeOf(admission, store);
    const variables: Record<string, unknown> = {};
    const context = { ...scope, variables };
    try {
      // Match conditions are told neither the namespace nor the variables.
      const { namespaceObject: _, ...matched } = scope;
      if (!recordsIn(spec, "matchConditions").every((each) => holds(each["expression"], matched))) continue;
      for (const each of recordsIn(spec, "variables"))
        variables[String(each["name"])] = evaluated(each["expression"], context);
      for (const validation of recordsIn(spec, "validations")) {
        if (!holds(validation["expression"], context))
          throw denial(admission, name, String(validation["message"]), validation["reason"]);
      }
    } catch (error) {
      if (error instanceof StatusRefusal) throw error;
      throw denial(admission, name, `an expression resulted in error: ${error instanceof Error ? error.message : ""}`);
    }
  }
}

function boundPolicies(store: ObjectStore): readonly JsonObject[] {
  const policies = knownKind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy");
  const bindings = knownKind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding");
  return store.list(bindings, "").flatMap(({ object }) => {
    const { policyName, validationActions, ...more } = recordIn(object, "spec");
    if (Object.keys(more).length > 0) throw notCarried(`a policy binding with ${Object.keys(more).join(", ")}`);
    if (!isList(validationActions) || !validationActions.includes("Deny")) return [];
    const policy = store.get(policies, "", String(policyName))?.object;
    if (policy === undefined) return [];
    const foreign = Object.keys(recordIn(policy, "spec")).filter((member) => !carried.includes(member));
    if (foreign.length > 0) throw notCarried(`an admission policy with ${foreign.join(", ")}`);
    const { failurePolicy = "Fail" } = recordIn(policy, "spec");
    if (failurePolicy !== "Fail") throw notCarried(`an admission policy that lets pass what it fails to judge`);
    return [policy];
  });
}

const carried = ["failurePolicy", "matchConstraints", "matchConditions", "variables", "validations"];

function matches(constraints: JsonObject, { kind, operation }: Admission): boolean {
  return recordsIn(constraints, "resourceRules").some((rule) => {
    const includes = (member: string, value: string): boolean => {
      const values = rule[member];
      return isList(values) && (values.includes(value) || values.includes("*"));
    };
    return (
      includes("apiGroups", kind.group) &&
      includes("apiVersions", kind.version) &&
      includes("resources", kind.plural) &&
      includes("operations", operation)
    );
  });
}

/** What an expression may name. */
function scopeOf(admission: Admission, store: ObjectStore): Readonly<Record<string, unknown>> {
  const { operation, kind, namespace, name, user } = admission;
  return {
    object: admission.object,
    oldObject: admission.oldObject,
    request: {
      operation,
      name,
      namespace,
      kind: { group: kind.group, version: kind.version, kind: kind.kind },
      userInfo: { username: user.name, groups: user.groups },
    },
    namespaceObject: namespaceObject(store, namespace),
  };
}

const cel = new Environment({ unlistedVariablesAreDyn: true });

function evaluated(expression: unknown, context: Readonly<Record<string, unknown>>): unknown {
  return cel.evaluate(String(expression), context);
}

function holds(expression: unknown, context: Readonly<Record<string, unknown>>): boolean {
  return evaluated(expression, context) === true;
}

function denial({ kind, name }: Admission, policy: string, message: string, reason?: unknown): StatusRefusal {
  const forbidden = reason === "Forbidden";
  return new StatusRefusal(
    forbidden ? 403 : 422,
    forbidden ? "Forbidden" : "Invalid",
    `${nameOf(kind, name)} is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ${message}`,
    { name, group: kind.group, kind: kind.plural },
  );
}
