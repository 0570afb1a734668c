import type { Json } from "../../encoding/canonical-json.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { ChangeAction, PlannedInstances } from "../facts.ts";
import { itemsOf, type JsonPlace, memberOf, rootOf, textOf, whereOf } from "../json-places.ts";
import { allowedBy, allowedByName } from "../planned-permissions.ts";
import { itemsIn, roomIn } from "./plan-items.ts";
import { madePolicies } from "./terraform-made-policies.ts";

const actions: Readonly<Record<string, ChangeAction | "none">> = {
  "no-op": "none",
  read: "none",
  create: "create",
  update: "update",
  delete: "delete",
  // The resource leaves Terraform's hands and is nobody's after that, whether or not it still runs.
  forget: "delete",
  "delete,create": "replace",
  "create,delete": "replace",
  "create,forget": "replace",
};

/**
 * A plan as `terraform show -json` prints it, format 1.x: what it changes, which machines it asks for, and what its
 * IAM policies allow.
 * https://developer.hashicorp.com/terraform/internals/json-format
 */
export const terraformPlan = jsonReader("iac-plan", "terraform-plan", (document, name) => {
  const root = rootOf(document, name);
  if (!/^1\./.test(textOf(memberOf(root, "format_version"))))
    throw new NotOfThisFormat(["format_version"], "It is not a Terraform plan of the format 1.x.");
  if (memberOf(root, "errored").value === true)
    throw new NotOfThisFormat(["errored"], "The plan ended in an error and is not whole.");
  if (memberOf(root, "complete").value === false)
    throw new NotOfThisFormat(["complete"], "The plan leaves changes for a later one.");
  // What a provider does beside making resources (Terraform 1.14 and later), such as invoking a function, may be anything.
  for (const beside of ["action_invocations", "deferred_action_invocations"])
    if (itemsIn(root, beside).length > 0)
      throw new NotOfThisFormat(
        [beside],
        "The plan has actions invoked as it is applied, of which nothing can be told here.",
      );
  const place = memberOf(root, "resource_changes");
  const isMade = madePolicies(root);
  const room = roomIn(place);
  return {
    plans: [
      {
        where: whereOf(place),
        changes: itemsOf(place).flatMap((resource) => {
          const type = textOf(memberOf(resource, "type"));
          const change = memberOf(resource, "change");
          const action = actionOf(memberOf(change, "actions"));
          if (action === "none") return [];
          const after = memberOf(change, "after");
          const instances = action === "delete" ? [] : instancesIn(type, after);
          const before = action === "create" ? [] : instancesIn(type, memberOf(change, "before"));
          return [
            {
              address: textOf(memberOf(resource, "address")),
              type,
              action,
              where: whereOf(resource),
              instances,
              ...(action !== "create" && before.length + instances.length > 0 ? { instancesBefore: before } : {}),
              allows: permissionsIn(type, action, resource, { isMade, room }),
            },
          ];
        }),
      },
    ],
  };
});

function actionOf(place: JsonPlace): ChangeAction | "none" {
  const written = itemsOf(place).map(textOf).join(",");
  const action = Object.hasOwn(actions, written) ? actions[written] : undefined;
  if (action === undefined) throw new NotOfThisFormat(place.path, `The action '${written}' is not one that is known.`);
  return action;
}

function instancesIn(type: string, after: JsonPlace): readonly PlannedInstances[] {
  switch (type) {
    case "aws_instance":
      return [{ type: textIn(after, "instance_type"), count: 1 }];
    case "aws_sagemaker_endpoint_configuration":
      return ["production_variants", "shadow_production_variants"].flatMap((variants) =>
        listIn(after, variants)
          .filter((variant) => itemsIn(variant, "serverless_config").length === 0)
          .map((variant) => ({
            type: textIn(variant, "instance_type"),
            count: countIn(variant, "initial_instance_count"),
          })),
      );
    case "aws_autoscaling_group":
      return [{ type: null, count: countIn(after, "max_size") }];
    case "aws_eks_node_group": {
      const [scaling] = itemsIn(after, "scaling_config");
      const [machine] = itemsIn(after, "instance_types");
      const count = scaling === undefined ? null : countIn(scaling, "max_size");
      return [{ type: typeof machine?.value === "string" ? machine.value : null, count }];
    }
    default:
      return [];
  }
}

/**
 * What a resource lets somebody do; null where the plan does not show it.
 *
 * @param given `isMade`: a managed policy that is known once the plan is applied may be one that the plan makes: that one says itself what it allows
 */
function permissionsIn(
  type: string,
  action: ChangeAction,
  resource: JsonPlace,
  { isMade, room }: { readonly isMade: ReturnType<typeof madePolicies>; readonly room: ReturnType<typeof roomIn> },
): readonly string[] | null {
  if (action === "delete") return [];
  // What a stack makes stands in a template of its own, and the other provider writes its policies otherwise.
  if (type.startsWith("aws_cloudformation_stack") || type.startsWith("awscc_iam_")) return null;
  // Whoever gets a permission set may do what that allows.
  if (type.startsWith("aws_ssoadmin_")) return null;
  if (!type.startsWith("aws_iam_") || withoutPermissions.has(type)) return [];
  if (!withPermissions.has(type)) return null;
  const change = memberOf(resource, "change");
  const after = memberOf(change, "after");
  const unknown = memberOf(change, "after_unknown");
  const allowed: string[] = [];
  const documents: Json[] = [];
  for (const attribute of ["policy", "assume_role_policy"]) {
    if (memberOf(unknown, attribute).value === true) return null;
    const policy = memberOf(after, attribute).value;
    if (typeof policy === "string") documents.push(policy);
  }
  if (memberOf(unknown, "inline_policy").value === true) return null;
  const later = ["policy_arn", "managed_policy_arns", "policy_arns"].filter((name) =>
    isUnknown(memberOf(unknown, name).value),
  );
  if (later.some((name) => !isMade(resource, name))) return null;
  for (const inline of itemsIn(after, "inline_policy")) documents.push(memberOf(inline, "policy").value ?? null);
  for (const document of documents) {
    const found = allowedBy(document, room);
    if (found === undefined) return null;
    for (const pair of found) allowed.push(pair);
  }
  const arns = [
    memberOf(after, "policy_arn").value,
    ...["managed_policy_arns", "policy_arns"].flatMap((name) => itemsIn(after, name).map(({ value }) => value)),
  ];
  for (const arn of arns) if (typeof arn === "string") allowed.push(allowedByName(arn));
  return allowed;
}

/** Of a list the plan says it for each of its items. */
function isUnknown(value: Json | undefined): boolean {
  return value === true || (Array.isArray(value) && value.some(isUnknown));
}

const withPermissions: ReadonlySet<string> = new Set(
  ["role", "user", "group"]
    .flatMap((whose) => [
      `aws_iam_${whose}`,
      ...["policy", "policy_attachment", "policy_attachments_exclusive"].map((what) => `aws_iam_${whose}_${what}`),
    ])
    .concat("aws_iam_policy", "aws_iam_policy_attachment"),
);

/** Types of the provider that let nobody do anything; of one that is not known here, nobody can tell. */
const withoutPermissions: ReadonlySet<string> = new Set(
  [
    ...["access_key", "account_alias", "account_password_policy", "group_membership", "instance_profile"],
    ...["openid_connect_provider", "organizations_features", "saml_provider", "security_token_service_preferences"],
    ...["server_certificate", "service_linked_role", "service_specific_credential", "signing_certificate"],
    ...["user_login_profile", "user_ssh_key", "virtual_mfa_device"],
    // These take away whatever else there is.
    ...["role_policies_exclusive", "user_policies_exclusive", "group_policies_exclusive"],
  ].map((name) => `aws_iam_${name}`),
);

function listIn(place: JsonPlace, name: string): readonly JsonPlace[] {
  const list = memberOf(place, name);
  return list.value === undefined || list.value === null ? [] : itemsOf(list);
}

function textIn(place: JsonPlace, name: string): string | null {
  const { value } = memberOf(place, name);
  return typeof value === "string" ? value : null;
}

function countIn(place: JsonPlace, name: string): number | null {
  const { value } = memberOf(place, name);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
