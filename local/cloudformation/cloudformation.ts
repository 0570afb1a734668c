import { existsSync, readFileSync } from "node:fs";
import type { AwsCallLog, LocalService } from "../aws/aws-call.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import {
  type QueryAnswer,
  type QueryCall,
  queryRefusal,
  queryResult,
  startQueryService,
} from "../aws/query-protocol.ts";

/** A change set as `aws cloudformation describe-change-set` prints it, and how its stack stands. */
export interface HeldChangeSet {
  readonly description: JsonObject;
  /** What `describe-stacks` says of the stack; absent where it is gone. */
  readonly stack?: { readonly StackStatus: string; readonly ChangeSetId?: string };
}

/** What somebody wrote into a file: nothing as long as it is not there. */
export function changeSetsIn(path: string): readonly HeldChangeSet[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as readonly HeldChangeSet[]) : [];
}

/** Of the changes of a change set, so many are on one page. */
const pageSize = 2;

/**
 * CloudFormation on loopback: DescribeChangeSet and DescribeStacks of what is given, by ARN, and nothing else.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 */
export function startCloudFormation(options: {
  /** Asked at every call, so that a change set may be executed between two of them. */
  readonly changeSets: () => readonly HeldChangeSet[];
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly now?: () => number;
}): Promise<LocalService> {
  const { changeSets, log, now = Date.now } = options;
  return startQueryService({ port: options.port, fields: (action) => carried.get(action), answer });

  function answer({ principal, action: name, form }: QueryCall): QueryAnswer {
    const arn = form.get("ChangeSetName") ?? form.get("StackName") ?? "";
    if (!arn.startsWith("arn:"))
      return queryRefusal(400, "ValidationError", "Only ARNs are known to the local stand-in.");
    const held = changeSets().find(({ description, stack }) =>
      name === "DescribeChangeSet" ? description["ChangeSetId"] === arn : stack && description["StackId"] === arn,
    );
    const answered = name === "DescribeChangeSet" ? changeSetPage(held, form, arn) : stackPage(held, arn);
    // IAM judges a change set by the stack that it is of.
    const resource = String(held?.description["StackId"] ?? arn);
    const at = new Date(now()).toISOString();
    log.record({ at, principal, action: `cloudformation:${name}`, resource, context: {}, status: answered.status });
    return answered;
  }
}

/** The fields of each operation. */
const carried: ReadonlyMap<string, RegExp> = new Map([
  ["DescribeChangeSet", /^(Action|Version|ChangeSetName|IncludePropertyValues|NextToken)$/],
  ["DescribeStacks", /^(Action|Version|StackName)$/],
]);

function changeSetPage(held: HeldChangeSet | undefined, form: URLSearchParams, arn: string) {
  if (held === undefined) return queryRefusal(404, "ChangeSetNotFound", `ChangeSet [${arn}] does not exist`);
  const { Changes = [], ...description } = held.description;
  const changes = Changes as readonly JsonObject[];
  const from = Number(form.get("NextToken") ?? 0);
  const next = from + pageSize;
  const shown = form.get("IncludePropertyValues") === "true" ? changes : changes.map(withoutValues);
  const page = {
    ...description,
    Changes: shown.slice(from, next),
    ...(next < changes.length ? { NextToken: String(next) } : {}),
  };
  return queryResult("DescribeChangeSet", page);
}

function stackPage(held: HeldChangeSet | undefined, arn: string) {
  if (held?.stack === undefined) return queryRefusal(400, "ValidationError", `Stack with id ${arn} does not exist`);
  const { StackId = "", StackName = "" } = held.description;
  const stack = { StackId, StackName, CreationTime: "2026-11-01T08:00:00Z", ...held.stack };
  return queryResult("DescribeStacks", { Stacks: [stack] });
}

function withoutValues(change: JsonObject): JsonObject {
  const { BeforeContext: _before, AfterContext: _after, ...resource } = (change["ResourceChange"] ?? {}) as JsonObject;
  return { ...change, ResourceChange: resource };
}
