import { utf8 } from "../../encoding/bytes.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { ChangeAction, PlannedInstances } from "../facts.ts";
import { itemsOf, type JsonPlace, memberOf, rootOf, textOf, whereOf } from "../json-places.ts";
import { allowedBy, allowedByName, isKnownLater } from "../planned-permissions.ts";
import { readStrictJson } from "../strict-json.ts";
import { itemsIn, roomIn } from "./plan-items.ts";

/**
 * A change set of CloudFormation as `aws cloudformation describe-change-set --include-property-values` prints it,
 * complete and ready to be executed. Replacements that are only possible count as replacements.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 */
export const cloudformationChangeSet = jsonReader("iac-plan", "cloudformation-change-set", (document, name) => {
  const root = rootOf(document, name);
  const status = memberOf(root, "Status");
  if (textOf(status) !== "CREATE_COMPLETE") throw new NotOfThisFormat(status.path, "The change set is not complete.");
  const next = memberOf(root, "NextToken").value;
  if (next !== undefined && next !== null)
    throw new NotOfThisFormat(["NextToken"], "There are more changes than it lists: join its pages.");
  const place = memberOf(root, "Changes");
  const isMade = madePolicies(root);
  const room = roomIn(place);
  return {
    plans: [
      {
        where: whereOf(place),
        changes: itemsOf(place).flatMap((item) => {
          const resource = memberOf(item, "ResourceChange");
          // A hook is no resource (the other Type of a Change).
          if (memberOf(item, "Type").value !== "Resource" && resource.value === undefined) return [];
          const type = textOf(memberOf(resource, "ResourceType"));
          const action = actionOf(resource);
          if (action === "none") return [];
          const properties = action === "delete" ? undefined : propertiesOf(resource);
          return [
            {
              address: textOf(memberOf(resource, "LogicalResourceId")),
              type,
              action,
              where: whereOf(resource),
              instances: action === "delete" ? [] : instancesIn(type, properties),
              allows:
                action === "delete" ? [] : permissionsIn(type, properties, { isMade: () => isMade(resource), room }),
            },
          ];
        }),
      },
    ],
  };
});

function actionOf(resource: JsonPlace): ChangeAction | "none" {
  const place = memberOf(resource, "Action");
  const action = textOf(place);
  switch (action) {
    case "Add":
    case "Import":
      return "create";
    case "Remove":
      return "delete";
    case "SyncWithActual":
      return "none";
    case "Modify":
      return memberOf(resource, "Replacement").value === "False" ? "update" : "replace";
    // What is only decided when it runs may be anything.
    case "Dynamic":
      return "replace";
    default:
      throw new NotOfThisFormat(place.path, `The action '${action}' is not one that is known.`);
  }
}

/** The properties after the change; undefined where the change set was described without them. */
function propertiesOf(resource: JsonPlace): JsonPlace | undefined {
  const { value } = memberOf(resource, "AfterContext");
  if (typeof value !== "string") return undefined;
  const context = readStrictJson(utf8(value));
  if (context.kind === "problem") return undefined;
  const { document, path } = memberOf(resource, "AfterContext");
  return memberOf({ value: context.value, path, document }, "Properties");
}

function instancesIn(type: string, properties: JsonPlace | undefined): readonly PlannedInstances[] {
  const open: readonly PlannedInstances[] = [{ type: null, count: null }];
  switch (type) {
    case "AWS::EC2::Instance":
      return properties === undefined ? open : [{ type: textIn(properties, "InstanceType"), count: 1 }];
    case "AWS::AutoScaling::AutoScalingGroup":
      return properties === undefined ? open : [{ type: null, count: countIn(properties, "MaxSize") }];
    case "AWS::SageMaker::EndpointConfig":
      if (properties === undefined) return open;
      return ["ProductionVariants", "ShadowProductionVariants"].flatMap((variants) =>
        itemsIn(properties, variants)
          .filter((variant) => memberOf(variant, "ServerlessConfig").value === undefined)
          .map((variant) => ({
            type: textIn(variant, "InstanceType"),
            count: countIn(variant, "InitialInstanceCount"),
          })),
      );
    default:
      return [];
  }
}

function permissionsIn(
  type: string,
  properties: JsonPlace | undefined,
  { isMade, room }: { readonly isMade: () => boolean; readonly room: ReturnType<typeof roomIn> },
): readonly string[] | null {
  // What a nested stack changes stands in a change set of its own.
  if (type === "AWS::CloudFormation::Stack" || type === "AWS::CloudFormation::StackSet") return null;
  // Whoever gets a permission set may do what that allows.
  if (type.startsWith("AWS::SSO::")) return null;
  if (!type.startsWith("AWS::IAM::")) return [];
  if (properties === undefined) return null;
  // What a function of the template makes is no list that could be read.
  if (["Policies", "ManagedPolicyArns"].some((name) => !isListed(memberOf(properties, name).value))) return null;
  const documents = [
    ...["PolicyDocument", "AssumeRolePolicyDocument"].flatMap((name) => memberOf(properties, name).value ?? []),
    ...itemsIn(properties, "Policies").map((policy) => memberOf(policy, "PolicyDocument").value ?? null),
  ];
  const allowed: string[] = [];
  for (const document of documents) {
    const found = allowedBy(document, room);
    if (found === undefined) return null;
    for (const pair of found) allowed.push(pair);
  }
  for (const { value } of itemsIn(properties, "ManagedPolicyArns")) {
    const later = typeof value !== "string" || isKnownLater(value);
    if (later && !isMade()) return null;
    allowed.push(allowedByName(value ?? null));
  }
  return allowed;
}

/**
 * Whether managed policies that are known once the change set is executed are ones that it makes, which say themselves what they
 * allow: those that caused the change of the resource. Of one that it adds a change set names no cause: then it makes one, and
 * nothing from which a text could come that is not to be seen here.
 */
function madePolicies(root: JsonPlace): (resource: JsonPlace) => boolean {
  const changed = itemsIn(root, "Changes")
    .map((item) => memberOf(item, "ResourceChange"))
    .filter((resource) => memberOf(resource, "Action").value !== "Remove");
  const made = new Set(
    changed
      .filter(
        (resource) =>
          memberOf(resource, "ResourceType").value === "AWS::IAM::ManagedPolicy" &&
          ["create", "replace"].includes(actionOf(resource)),
      )
      .map((resource) => memberOf(resource, "LogicalResourceId").value),
  );
  const handsOn = changed.some((resource) =>
    /^(?!AWS::)|^AWS::CloudFormation::/.test(textIn(resource, "ResourceType") ?? ""),
  );
  return (resource) => {
    if (actionOf(resource) === "create") return made.size > 0 && !handsOn;
    const causes = itemsIn(resource, "Details")
      .filter((detail) => memberOf(memberOf(detail, "Target"), "Name").value === "ManagedPolicyArns")
      .flatMap((detail) => textIn(detail, "CausingEntity") ?? []);
    return causes.length > 0 && causes.every((cause) => made.has(cause.split(".")[0]));
  };
}

function isListed(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value);
}

function textIn(place: JsonPlace, name: string): string | null {
  const { value } = memberOf(place, name);
  return typeof value === "string" ? value : null;
}

/** CloudFormation writes numbers as texts as well. */
function countIn(place: JsonPlace, name: string): number | null {
  const { value } = memberOf(place, name);
  const count = typeof value === "string" && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
