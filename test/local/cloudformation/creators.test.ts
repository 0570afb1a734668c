import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { allCreators } from "../../../local/cloudformation/creators.ts";
import type { LocalBucket } from "../../../local/s3/s3.ts";
import type { World } from "../../../local/world.ts";

const ringed = "arn:aws:lambda:us-east-1:000000000000:function:Ringed";

/** A world of which only what these creators touch is there. */
function emptyWorld() {
  const buckets: LocalBucket[] = [];
  const world = {
    services: { s3: { url: "http://127.0.0.1:1", createBucket: (bucket: LocalBucket) => void buckets.push(bucket) } },
    addresses: {
      portal: "http://localhost:1",
      api: "http://127.0.0.1:2",
      issuer: "http://localhost:3/pool",
      userPoolId: "pool",
    },
    assembly: { templates: [], assetPath: () => undefined },
    functions: new Map([["Ringed", { name: "Ringed" }]]),
    bucketRules: new Map(),
    headersPolicies: new Map(),
    originRequestPolicies: new Map(),
    moved: new Map(),
    edgeFunctions: new Map(),
    eventRules: [],
    configurationSets: new Map([["letters", new Set()]]),
    schedules: [],
    stateMachines: [],
    oidcClients: [],
    distributions: [],
    afterwards: [],
    made: [],
  } as unknown as World;
  return { world, buckets };
}

/** Makes a resource and puts together what waits for everything. */
async function make(type: string, properties: JsonObject, world = emptyWorld().world) {
  const made = await allCreators.get(type)?.({ stackName: "S", logicalId: "It", type, properties }, world);
  for (const step of world.afterwards) step();
  return made;
}

describe("what a template may not ask of this machine", () => {
  const retention = { Rule: { DefaultRetention: { Mode: "FOREVER", Days: 1 } } };
  const statement = { Effect: "Deny", Action: "s3:PutObject", Resource: "*" };
  const policy = (more: JsonObject) => ({ Bucket: "b", PolicyDocument: { Statement: [{ ...statement, ...more }] } });
  const front = (origin: JsonObject, behavior: JsonObject = {}) => ({
    DistributionConfig: {
      Origins: [{ Id: "o", DomainName: "b.s3.us-east-1.amazonaws.com", OriginAccessControlId: "oac", ...origin }],
      DefaultCacheBehavior: { TargetOriginId: "o", ...behavior },
    },
  });
  const publicBucket = {
    DistributionConfig: {
      Origins: [{ Id: "o", DomainName: "b.s3.us-east-1.amazonaws.com" }],
      DefaultCacheBehavior: { TargetOriginId: "o" },
    },
  };
  const method = (more: JsonObject) => ({ HttpMethod: "GET", Integration: { Type: "AWS_PROXY" }, ...more });
  const definition = `{"StartAt":"\${Step}"}`;

  it.each<[string, string, JsonObject, string]>([
    [
      "letters that are reported to another bus",
      "AWS::SES::ConfigurationSetEventDestination",
      {
        ConfigurationSetName: "letters",
        EventDestination: { EventBridgeDestination: { EventBusArn: "arn:aws:events:us-east-1:1:event-bus/mine" } },
      },
      "another bus than the default one",
    ],
    [
      "letters that are reported to a topic",
      "AWS::SES::ConfigurationSetEventDestination",
      { ConfigurationSetName: "letters", EventDestination: { SnsDestination: {} } },
      "SnsDestination",
    ],
    ["a bucket that notifies", "AWS::S3::Bucket", { NotificationConfiguration: {} }, "NotificationConfiguration"],
    [
      "a bucket that pages may write to",
      "AWS::S3::Bucket",
      { CorsConfiguration: { CorsRules: [{ AllowedMethods: ["PUT"], AllowedOrigins: ["*"] }] } },
      "rules for other origins",
    ],
    ["an Object Lock without retention", "AWS::S3::Bucket", { ObjectLockEnabled: true }, "without a default retention"],
    ["an unknown lock mode", "AWS::S3::Bucket", { ObjectLockConfiguration: retention }, "no mode FOREVER"],
    [
      "another use of s3:if-none-match",
      "AWS::S3::BucketPolicy",
      policy({ Condition: { StringEquals: { "s3:if-none-match": "*" } } }),
      "in a form that is not carried",
    ],
    ["a client with a secret", "AWS::Cognito::UserPoolClient", { GenerateSecret: true }, "only public clients"],
    [
      "an express workflow",
      "AWS::StepFunctions::StateMachine",
      { StateMachineType: "EXPRESS" },
      "no standard workflow",
    ],
    [
      "a definition that asks for what is not substituted",
      "AWS::StepFunctions::StateMachine",
      { DefinitionString: definition },
      "asks for Step",
    ],
    [
      "a substitution without a place",
      "AWS::StepFunctions::StateMachine",
      { DefinitionString: "{}", DefinitionSubstitutions: { Step: "arn" } },
      "no place for Step",
    ],
    [
      "a method with an authorizer",
      "AWS::ApiGateway::Method",
      method({ AuthorizationType: "AWS_IAM" }),
      "no open method",
    ],
    ["an API from OpenAPI", "AWS::ApiGateway::RestApi", { Body: {} }, "OpenAPI body"],
    [
      "a bucket behind CloudFront that nobody may read",
      "AWS::CloudFront::Distribution",
      publicBucket,
      "no origin access control",
    ],
    [
      "an origin of somebody else",
      "AWS::CloudFront::Distribution",
      front({ DomainName: "example.org" }),
      "neither a bucket",
    ],
    [
      "code at the edge that the template does not have",
      "AWS::CloudFront::Distribution",
      front({}, { FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: "arn:of-another" }] }),
      "runs something else at the edge",
    ],
    [
      "a rule that names no function of the template",
      "AWS::Events::Rule",
      { EventPattern: {}, Targets: [{ Id: "T", Arn: "arn:aws:lambda:us-east-1:000000000000:function:Gone" }] },
      "There is no function",
    ],
    [
      "a schedule at fixed times",
      "AWS::Events::Rule",
      { ScheduleExpression: "cron(0 9 * * ? *)", Targets: [{ Id: "T", Arn: ringed }] },
      "only rate",
    ],
    [
      "a schedule that listens as well",
      "AWS::Events::Rule",
      { ScheduleExpression: "rate(1 day)", EventPattern: {}, Targets: [{ Id: "T", Arn: ringed }] },
      "listens to a bus as well",
    ],
    [
      "variables that are larger than Lambda takes",
      "AWS::Lambda::Function",
      { Runtime: "nodejs24.x", Environment: { Variables: { BIG: "x".repeat(4096) } } },
      "Lambda allows 4096",
    ],
    [
      "a bundle that was not synthesized",
      "AWS::Lambda::Function",
      { Runtime: "nodejs24.x", Code: { S3Key: "gone.zip" }, Handler: "index.handler" },
      "no directory",
    ],
  ])("is %s", async (_, type, properties, sentence) => {
    await expect(make(type, properties)).rejects.toThrow(sentence);
  });

  it("is a second user pool", async () => {
    const { world } = emptyWorld();
    world.made.push({
      stackName: "S",
      logicalId: "First",
      type: "AWS::Cognito::UserPool",
      properties: {},
      ref: "",
      attributes: {},
    });
    await expect(make("AWS::Cognito::UserPool", {}, world)).rejects.toThrow("second user pool");
  });
});

describe("a bucket policy that forbids writing over", () => {
  const rule = async (resources: JsonObject) => {
    const { world, buckets } = emptyWorld();
    await make("AWS::S3::Bucket", { BucketName: "ledger" }, world);
    const condition = { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } };
    const statement = { Effect: "Deny", Action: ["s3:PutObject"], ...resources, Condition: condition };
    await make("AWS::S3::BucketPolicy", { Bucket: "ledger", PolicyDocument: { Statement: [statement] } }, world);
    return (key: string) => buckets[0]?.requireIfNoneMatch?.(key);
  };

  it("holds for the objects it names", async () => {
    const required = await rule({ Resource: "arn:aws:s3:::ledger/tile/*" });
    expect([required("tile/0/1"), required("checkpoint")]).toEqual([true, false]);
  });

  it("holds for all but those it excepts", async () => {
    const required = await rule({ NotResource: "arn:aws:s3:::ledger/checkpoint" });
    expect([required("tile/0/1"), required("checkpoint"), required("checkpoints/1")]).toEqual([true, false, true]);
  });
});

describe("a rule with a rate", () => {
  it("rings its function, and listens to nothing", async () => {
    const { world } = emptyWorld();
    await make(
      "AWS::Events::Rule",
      { ScheduleExpression: "rate(5 minutes)", Targets: [{ Id: "T", Arn: ringed }] },
      world,
    );
    const arn = "arn:aws:events:us-east-1:000000000000:rule/S-It";
    expect(world.schedules).toEqual([{ logicalId: "It", arn, expression: "rate(5 minutes)", functionName: "Ringed" }]);
    expect(world.eventRules).toEqual([]);
  });
});

describe("clients of the user pool", () => {
  const kindOf = async (callback: string) => {
    const { world } = emptyWorld();
    await make("AWS::Cognito::UserPoolClient", { CallbackURLs: [callback] }, world);
    return world.oidcClients[0]?.kind;
  };

  it("are the browser's where they return to the portal, and native where they return to another loopback address", async () => {
    expect(await kindOf("http://localhost:1/")).toBe("browser");
    expect(await kindOf("http://127.0.0.1:47801/callback")).toBe("native");
    expect(await kindOf("https://portal.example/")).toBe("browser");
  });
});
