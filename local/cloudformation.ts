import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { type AwsCallLog, type LocalService, principalOf } from "./aws-call.ts";
import type { JsonObject } from "./json-shape.ts";
import { listenOnLoopback, readBody } from "./loopback-server.ts";

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
const largestBody = 64 * 1024;

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
  return listenOnLoopback(async (request, response) => {
    const { status, xml } = await answer(request);
    response.writeHead(status, { "content-type": "text/xml" }).end(xml);
  }, options.port);

  async function answer(request: IncomingMessage): Promise<{ readonly status: number; readonly xml: string }> {
    const form = new URLSearchParams((await readBody(request, largestBody))?.toString("utf8") ?? "");
    const [principal, name] = [principalOf(request), form.get("Action") ?? ""];
    if (principal === undefined) return refusal(403, "MissingAuthenticationToken", "Request is missing a token");
    if (name !== "DescribeChangeSet" && name !== "DescribeStacks")
      return refusal(501, "NotImplemented", `${name} is not carried by the local stand-in.`);
    const known = name === "DescribeChangeSet" ? changeSetFields : stackFields;
    const unknown = [...form.keys()].find((field) => !known.includes(field));
    if (unknown !== undefined)
      return refusal(400, "ValidationError", `${unknown} is not carried by the local stand-in.`);
    const arn = form.get("ChangeSetName") ?? form.get("StackName") ?? "";
    if (!arn.startsWith("arn:")) return refusal(400, "ValidationError", "Only ARNs are known to the local stand-in.");
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

const changeSetFields: readonly string[] = ["Action", "Version", "ChangeSetName", "IncludePropertyValues", "NextToken"];
const stackFields: readonly string[] = ["Action", "Version", "StackName"];

function changeSetPage(held: HeldChangeSet | undefined, form: URLSearchParams, arn: string) {
  if (held === undefined) return refusal(404, "ChangeSetNotFound", `ChangeSet [${arn}] does not exist`);
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
  return result("DescribeChangeSet", page);
}

function stackPage(held: HeldChangeSet | undefined, arn: string) {
  if (held?.stack === undefined) return refusal(400, "ValidationError", `Stack with id ${arn} does not exist`);
  const { StackId = "", StackName = "" } = held.description;
  const stack = { StackId, StackName, CreationTime: "2026-11-01T08:00:00Z", ...held.stack };
  return result("DescribeStacks", { Stacks: [stack] });
}

function withoutValues(change: JsonObject): JsonObject {
  const { BeforeContext: _before, AfterContext: _after, ...resource } = (change["ResourceChange"] ?? {}) as JsonObject;
  return { ...change, ResourceChange: resource };
}

/** The query protocol's answer: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization */
function result(name: string, members: JsonObject) {
  return { status: 200, xml: `<${name}Response><${name}Result>${xmlOf(members)}</${name}Result></${name}Response>` };
}

function refusal(status: number, code: string, message: string) {
  const error = xmlOf({ Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message });
  return { status, xml: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
}

function xmlOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xmlOf(item)}</member>`).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `<${name}>${xmlOf(member)}</${name}>`)
      .join("");
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
