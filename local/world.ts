import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../core/encoding/canonical-json.ts";
import { Failure } from "../core/failure.ts";
import type { RestApi } from "./api-gateway/api-gateway.ts";
import { type AwsCallLog, localAccount, localRegion } from "./aws/aws-call.ts";
import type { JsonObject } from "./aws/json-shape.ts";
import type { Created } from "./cloudformation/resolve.ts";
import type { Assembly } from "./cloudformation/template.ts";
import type { Distribution } from "./cloudfront/cloudfront.ts";
import type { EdgeFunction } from "./cloudfront/function.ts";
import type { ResponseHeadersPolicy } from "./cloudfront/headers.ts";
import type { OidcClient } from "./cognito/oidc-provider.ts";
import type { LocalDynamoDb } from "./dynamodb/dynamodb.ts";
import type { LocalKms } from "./kms/kms.ts";
import type { InvocationResult } from "./lambda/invocation.ts";
import type { LocalFunction } from "./lambda/lambda.ts";
import type { LocalS3 } from "./s3/s3.ts";
import type { LocalStateMachine } from "./stepfunctions/stepfunctions.ts";

/** A resource that was made: as the template declares it, with everything in it resolved. */
export interface MadeResource extends Created {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** A rule on an event bus with one function as its target. */
export interface EventRule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: JsonObject;
  /** Attempts beyond the first to hand an event over. */
  readonly retries: number;
  readonly target: EventTarget;
}

/** A rule that rings a function at a rate. */
interface ScheduleRule {
  readonly logicalId: string;
  readonly arn: string;
  /** `rate(…)`. */
  readonly expression: string;
  readonly functionName: string;
}

/** Who an event rule hands its events to. */
interface EventTarget {
  readonly functionName: string;
  /** ARN of the queue for events that could not be handed over. */
  readonly deadLetterArn?: string;
}

/** The stand-ins that resources are made in. */
interface Services {
  readonly dynamodb: Pick<LocalDynamoDb, "createTable" | "addConsumer">;
  readonly s3: Pick<LocalS3, "createBucket" | "url">;
  readonly kms: Pick<LocalKms, "createKey">;
}

/** The addresses that stand for what has a name of its own on AWS. */
interface Addresses {
  /** Where a browser finds the portal, `http://localhost:PORT`. */
  readonly portal: string;
  /** The REST API, without the stage. */
  readonly api: string;
  /** The identity provider, `http://localhost:PORT/<user pool id>`. */
  readonly issuer: string;
  readonly userPoolId: string;
}

/** A function of the template, with who it is in the call log. */
export interface DeployedFunction extends LocalFunction {
  /** Logical id, which is its access key id as well. */
  readonly principal: string;
  /** Environment that the template gives it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Channels that take the place of the deployment's, with their other ends on this machine. */
interface OwnChannels {
  /** The file in the place of policies/channels.yaml. */
  readonly file: string;
}

/** Everything that the creators of resources share while a stack is made. */
export interface World {
  readonly assembly: Assembly;
  readonly services: Services;
  readonly addresses: Addresses;
  /** Addresses on AWS that are somewhere else here: replaced in every property and output once it is resolved. */
  readonly moved: Map<string, string>;
  readonly log: AwsCallLog;
  readonly stateDirectory: string;
  /** Absent where the channels are the deployment's. */
  readonly ownChannels?: OwnChannels;
  /** Address of what takes everything that functions send to the internet; absent where it leaves this machine. */
  readonly receivers?: string;
  /** What every function's environment gets beside its own: addresses of the stand-ins. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly functions: Map<string, DeployedFunction>;
  readonly permissions: { readonly functionName: string; readonly principal: string; readonly sourceArn?: string }[];
  readonly retries: Map<string, { readonly attempts: number; readonly onFailure?: string }>;
  readonly bucketRules: Map<string, (key: string) => boolean>;
  readonly headersPolicies: Map<string, ResponseHeadersPolicy>;
  /** By their ARNs. */
  readonly edgeFunctions: Map<string, EdgeFunction>;
  readonly originRequestPolicies: Map<string, JsonObject>;
  readonly restApis: RestApi[];
  readonly distributions: Distribution[];
  readonly stateMachines: LocalStateMachine[];
  readonly eventBuses: string[];
  readonly eventRules: EventRule[];
  readonly schedules: ScheduleRule[];
  /** By the name of an SES configuration set, the types of events that it reports. */
  readonly configurationSets: Map<string, Set<string>>;
  readonly groups: string[];
  readonly oidcClients: OidcClient[];
  /** Everything made so far, over all stacks. */
  readonly made: MadeResource[];
  /** Called once everything is made, to put together what consists of several resources. */
  readonly afterwards: (() => void)[];
  /** Called once everything that functions talk to is up, to let in what wakes functions. */
  readonly wakers: (() => void)[];
}

/** ARN of a resource on this machine. */
export function localArn(service: string, resource: string): string {
  // Global services have no region in their ARNs.
  const region = service === "iam" || service === "cloudfront" ? "" : localRegion;
  return `arn:aws:${service}:${region}:${localAccount}:${resource}`;
}

/** Folder for `name` under the state directory; made where it is missing. */
export function stateFolder(world: Pick<World, "stateDirectory">, name: string): string {
  const folder = join(world.stateDirectory, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The function with this name or ARN. Throws `invalid-request` where the template made none. */
export function functionNamed(world: Pick<World, "functions">, nameOrArn: string): DeployedFunction {
  const name = nameOrArn.startsWith("arn:") ? (nameOrArn.split(":")[6] ?? "") : nameOrArn;
  const found = world.functions.get(name);
  if (found === undefined) throw new Failure("invalid-request", `There is no function ${nameOrArn} in the template.`);
  return found;
}

/**
 * Invokes `target` for an AWS service. Throws `forbidden` unless an `AWS::Lambda::Permission` of the template lets
 * `service` do so on behalf of `sourceArn`, as Lambda would refuse it.
 */
export async function invokeForService(
  world: Pick<World, "permissions">,
  target: DeployedFunction,
  service: string,
  sourceArn: string,
  event: Json,
): Promise<InvocationResult> {
  requirePermission(world, target, service, sourceArn);
  return target.invoke(event);
}

/** Throws `forbidden` where `service` has no permission to invoke `target` on behalf of `sourceArn`. */
export function requirePermission(
  { permissions }: Pick<World, "permissions">,
  target: Pick<DeployedFunction, "name" | "arn">,
  service: string,
  sourceArn: string,
): void {
  const granted = permissions.some(
    (permission) =>
      (permission.functionName === target.name || permission.functionName === target.arn) &&
      permission.principal === service &&
      (permission.sourceArn === undefined || matchesArn(permission.sourceArn, sourceArn)),
  );
  if (!granted) {
    throw new Failure(
      "forbidden",
      `No AWS::Lambda::Permission lets ${service} invoke ${target.name} for ${sourceArn}.`,
    );
  }
}

/** Whether an ARN with `*` and `?` in it covers `arn`. */
export function matchesArn(pattern: string, arn: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(arn);
}
