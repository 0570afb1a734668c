import { runSimulation, runUnsafeSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import { type AwsCall, localAccount } from "../../local/aws/aws-call.ts";
import type { MadeResource } from "../../local/world.ts";
import { ofType, type Role, roleBehind, textsIn } from "./roles.ts";

/** Calls that were made, and what they are held against. */
export interface Evidence {
  readonly calls: readonly AwsCall[];
  readonly resources: readonly MadeResource[];
  readonly roles: readonly Role[];
}

/** A call that AWS would not have let through. */
export interface Denial {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly why: string;
}

/** What every call from a function carries beside its own keys: TLS 1.3, as the bundled SDK speaks it. */
const transport = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };

/** Who calls, with what they may do by themselves. */
interface Caller {
  readonly principal: string;
  readonly identityPolicies: Simulation["identityPolicies"];
  readonly context: Readonly<Record<string, string>>;
}

/**
 * The calls that the synthesized policies would deny: identity policies of the caller's role, bucket policies and key
 * policies. Callers that the template does not make are left out; `strangers` names those.
 */
export async function deniedCalls(evidence: Evidence): Promise<readonly Denial[]> {
  const denials: Denial[] = [];
  for (const call of distinct(evidence.calls)) {
    const caller = callerOf(call.principal, evidence);
    if (caller === undefined) continue;
    const why = await denied(judged(call, evidence.resources), caller, evidence.resources);
    const { principal, action, resource } = call;
    if (why !== undefined) denials.push({ principal, action, resource, why });
  }
  return denials;
}

/** Callers that nothing in the template stands for. */
export function strangers(evidence: Evidence): readonly string[] {
  const principals = [...new Set(evidence.calls.map(({ principal }) => principal))];
  return principals.filter((principal) => callerOf(principal, evidence) === undefined).toSorted();
}

function callerOf(principal: string, { resources, roles }: Evidence): Caller | undefined {
  if (principal === "cloudfront.amazonaws.com") {
    const [distribution] = ofType(resources, "AWS::CloudFront::Distribution");
    // It signs as the service, for its distribution: only the bucket's policy can let it in.
    const context = { "aws:SourceArn": String(distribution?.attributes["Arn"]) };
    return { principal, identityPolicies: [], context };
  }
  const role = roleBehind(principal, resources, roles);
  if (role === undefined) return undefined;
  const own = ofType(resources, "AWS::IAM::Role").find(({ ref }) => ref === role.name);
  const policy = document(role.statements.map((statement) => statement.document));
  return {
    principal: `arn:aws:sts::${localAccount}:assumed-role/${role.name}/${principal}`,
    identityPolicies: [{ name: role.name, policy }],
    // As CloudFormation names it, by which the keys' policies know it.
    context: { "aws:PrincipalArn": `arn:aws:iam::${localAccount}:role/${own?.stackName}-${role.name}-A1B2C3` },
  };
}

/**
 * The call as AWS really judges it. The service authorization reference says that SendTaskSuccess knows no resource,
 * but Step Functions judges it by the state machine that waits (https://github.com/aws/aws-cdk/pull/8486), and that
 * is the narrower grant.
 */
export function judged(call: AwsCall, resources: readonly MadeResource[]): AwsCall {
  if (!call.action.startsWith("states:SendTask")) return call;
  const [machine] = ofType(resources, "AWS::StepFunctions::StateMachine");
  return { ...call, resource: machine?.ref ?? call.resource };
}

async function denied(call: AwsCall, caller: Caller, resources: readonly MadeResource[]): Promise<string | undefined> {
  const { action, resource } = call;
  const resourcePolicy = policyOn(resource, resources);
  const simulation: Simulation = {
    request: {
      principal: caller.principal,
      action,
      resource: { resource, accountId: resource.split(":")[4] || localAccount },
      contextVariables: { ...transport, ...caller.context, ...call.context },
    },
    identityPolicies: caller.identityPolicies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
  };
  // The checked variant would refuse the state machine's ARN, by the table that is wrong here.
  if (action.startsWith("states:SendTask")) {
    const result = await runUnsafeSimulation(simulation, {});
    return result === "Allowed" ? undefined : result;
  }
  const result = await runSimulation(simulation, {});
  if (result.resultType === "error") return `it could not be judged: ${JSON.stringify(result.errors)}`;
  return result.overallResult === "Allowed" ? undefined : result.overallResult;
}

function document(statements: readonly unknown[]): unknown {
  return { Version: "2012-10-17", Statement: statements };
}

/** The policy of the bucket, key or queue that a call is about. */
function policyOn(resource: string, resources: readonly MadeResource[]): unknown {
  if (resource.startsWith("arn:aws:s3:::")) {
    const bucket = resource.slice("arn:aws:s3:::".length).split("/")[0];
    const policy = ofType(resources, "AWS::S3::BucketPolicy").find(({ properties }) => properties["Bucket"] === bucket);
    return policy?.properties["PolicyDocument"];
  }
  if (resource.startsWith("arn:aws:kms:")) {
    return ofType(resources, "AWS::KMS::Key").find(({ attributes }) => attributes["Arn"] === resource)?.properties[
      "KeyPolicy"
    ];
  }
  // A role of another account lets ours in, as docs/deployment.md says; with which external id, the stand-in has compared.
  if (resource.startsWith("arn:aws:iam:") && !resource.includes(`:${localAccount}:`))
    return document([
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${localAccount}:root` },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    ]);
  if (resource.startsWith("arn:aws:sqs:")) {
    const queue = ofType(resources, "AWS::SQS::Queue").find(({ attributes }) => attributes["Arn"] === resource);
    return ofType(resources, "AWS::SQS::QueuePolicy").find(({ properties }) =>
      textsIn(properties["Queues"]).includes(queue?.ref ?? ""),
    )?.properties["PolicyDocument"];
  }
  return undefined;
}

/** One call of each kind: digests, sizes and ids in names and values are no business of a policy. */
function distinct(calls: readonly AwsCall[]): readonly AwsCall[] {
  const found = new Map<string, AwsCall>();
  for (const call of calls) {
    const { "s3:VersionId": _version, ...context } = call.context;
    const kind = [call.principal, call.action, call.resource, Object.entries(context).toSorted()];
    const key = JSON.stringify(kind)
      .replaceAll(/[0-9a-f]{32,}/g, "<digest>")
      .replaceAll(/\d+/g, "<number>");
    if (!found.has(key)) found.set(key, call);
  }
  return [...found.values()];
}
