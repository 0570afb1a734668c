import { localAccount, localRegion } from "../aws/aws-call.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { oneOf, onlyCarried, requiredText, validationException } from "./input.ts";
import type { Handler } from "./models.ts";
import type { PackageRecord, SageMakerStore } from "./store.ts";

const statuses = ["Approved", "Rejected", "PendingManualApproval"] as const;

/**
 * What of the Model Registry is carried: a version comes to be in its group, is described, and has its approval and the
 * properties of its customers changed. What it would serve is no part of it here.
 */
export function packageOperations(store: SageMakerStore, now: () => number): Readonly<Record<string, Handler>> {
  return {
    CreateModelPackage(body) {
      onlyCarried(
        body,
        ["ModelPackageGroupName", "ModelApprovalStatus", "CustomerMetadataProperties", "ClientToken"],
        "CreateModelPackage",
      );
      const group = requiredText(body, "ModelPackageGroupName");
      const others = store.packages.all().filter((each) => each.group === group);
      const version = others.length + 1;
      const name = packageArn(group, version);
      const status = body["ModelApprovalStatus"] === undefined ? "PendingManualApproval" : statusOf(body);
      store.packages.put({ name, group, version, createdAt: now(), status, properties: propertiesIn(body) });
      return { ModelPackageArn: name };
    },

    DescribeModelPackage(body) {
      onlyCarried(body, ["ModelPackageName"], "DescribeModelPackage");
      const { name, group, version, createdAt, status, description, properties } = packageOf(body, "ModelPackageName");
      return {
        ModelPackageName: `${group}/${version}`,
        ModelPackageGroupName: group,
        ModelPackageVersion: version,
        ModelPackageArn: name,
        CreationTime: createdAt / 1000,
        ModelPackageStatus: "Completed",
        ModelApprovalStatus: status,
        CustomerMetadataProperties: properties,
        ...(description === undefined ? {} : { ApprovalDescription: description }),
      };
    },

    UpdateModelPackage(body) {
      onlyCarried(
        body,
        [
          "ModelPackageArn",
          "ModelApprovalStatus",
          "ApprovalDescription",
          "CustomerMetadataProperties",
          "CustomerMetadataPropertiesToRemove",
          "ClientToken",
        ],
        "UpdateModelPackage",
      );
      const found = packageOf(body, "ModelPackageArn");
      const removed = (body["CustomerMetadataPropertiesToRemove"] ?? []) as readonly string[];
      const kept = Object.entries(found.properties).filter(([name]) => !removed.includes(name));
      store.packages.put({
        ...found,
        status: statusOf(body),
        properties: { ...Object.fromEntries(kept), ...propertiesIn(body) },
        ...(body["ApprovalDescription"] === undefined
          ? {}
          : { description: requiredText(body, "ApprovalDescription") }),
      });
      return { ModelPackageArn: found.name };
    },
  };

  function packageOf(body: JsonObject, member: string): PackageRecord {
    const arn = requiredText(body, member);
    const found = store.packages.get(arn);
    if (found === undefined) throw validationException(`ModelPackage ${arn} does not exist.`);
    return found;
  }
}

function statusOf(body: JsonObject): string {
  return oneOf(body, "ModelApprovalStatus", statuses);
}

function propertiesIn(body: JsonObject): Readonly<Record<string, string>> {
  const given = body["CustomerMetadataProperties"] ?? {};
  if (!isRecord(given)) throw validationException("CustomerMetadataProperties must be a map.");
  const entries = Object.entries(given);
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackage.html
  const bad = entries.find(([name, value]) => !isPlain(name, 128) || !isPlain(value, 256));
  if (bad !== undefined || entries.length > 50)
    throw validationException(`CustomerMetadataProperties cannot hold '${bad?.[0] ?? "so many"}'.`);
  return Object.fromEntries(entries) as Record<string, string>;
}

function isPlain(value: unknown, most: number): boolean {
  return (
    typeof value === "string" &&
    value.length >= 1 &&
    value.length <= most &&
    /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value)
  );
}

function packageArn(group: string, version: number): string {
  return `arn:aws:sagemaker:${localRegion}:${localAccount}:model-package/${group}/${version}`;
}
