import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Json } from "../../core/encoding/canonical-json.ts";

type Resources = Readonly<Record<string, Json>>;
const ref = (name: string): Json => ({ Ref: name });
const attribute = (name: string, of: string): Json => ({ "Fn::GetAtt": [name, of] });
const imported = (name: string): Json => ({ "Fn::ImportValue": name });
const exported = (name: string, value: Json): Json => ({ Value: value, Export: { Name: name } });

/** One function for everything: writes a note on POST, reads it on GET, counts stream records and events. */
const code = `
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
const [notes, events] = [new DynamoDBClient(), new EventBridgeClient()];
const TableName = process.env.NOTES_TABLE;
const item = (pk) => ({ TableName, Key: { pk: { S: pk } } });
const count = (pk) => notes.send(new UpdateItemCommand({ ...item(pk), UpdateExpression: "SET n = if_not_exists(n, :zero) + :one",
  ExpressionAttributeValues: { ":zero": { N: "0" }, ":one": { N: "1" } } }));
export const handler = async (event) => {
  if (event.Records) {
    for (const { dynamodb } of event.Records) {
      await count("COUNT#" + dynamodb.Keys.pk.S);
      await events.send(new PutEventsCommand({ Entries: [{ EventBusName: process.env.BUS, Source: "notes",
        DetailType: "Noted", Detail: JSON.stringify({ pk: dynamodb.Keys.pk.S }) }] }));
    }
    return { batchItemFailures: [] };
  }
  if (event["detail-type"]) return count("EVENT#" + event.detail.pk);
  const pk = decodeURIComponent(event.pathParameters.id);
  if (event.httpMethod === "POST") await notes.send(new PutItemCommand({ TableName, Item: { pk: { S: "NOTE#" + pk }, text: { S: event.body } } }));
  const { Item } = await notes.send(new GetItemCommand({ ...item(pk), ConsistentRead: true }));
  return { statusCode: 200, body: JSON.stringify({ item: Item ?? null, portal: process.env.PORTAL_URL }) };
};`;

const dataResources: Resources = {
  NotesTable: {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
  },
  LedgerBucket: {
    Type: "AWS::S3::Bucket",
    Properties: {
      VersioningConfiguration: { Status: "Enabled" },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
      },
    },
  },
  LedgerPolicy: {
    Type: "AWS::S3::BucketPolicy",
    Properties: {
      Bucket: ref("LedgerBucket"),
      PolicyDocument: {
        Statement: [
          {
            Effect: "Deny",
            Action: "s3:PutObject",
            Principal: { AWS: "*" },
            NotResource: { "Fn::Join": ["", [attribute("LedgerBucket", "Arn"), "/checkpoint"]] },
            Condition: { Null: { "s3:if-none-match": "true" } },
          },
        ],
      },
    },
  },
  SigningKey: { Type: "AWS::KMS::Key", Properties: { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } },
  Users: { Type: "AWS::Cognito::UserPool", Properties: {} },
};

const definition = JSON.stringify({ StartAt: "Note", States: { Note: { Type: "Pass", End: true } } });

function serviceResources(key: string, pages: string): Resources {
  const role = (service: string): Json => ({
    Type: "AWS::IAM::Role",
    Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: service } }] } },
  });
  const method = (resource: string, verb: string): Json => ({
    Type: "AWS::ApiGateway::Method",
    Properties: {
      RestApiId: ref("Api"),
      ResourceId: ref(resource),
      HttpMethod: verb,
      AuthorizationType: "NONE",
      Integration: {
        Type: "AWS_PROXY",
        IntegrationHttpMethod: "POST",
        Uri: {
          "Fn::Sub": [
            `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${fn}/invocations`,
            { fn: attribute("NoteFunction", "Arn") },
          ],
        },
      },
    },
  });
  const permission = (service: string, source: Json): Json => ({
    Type: "AWS::Lambda::Permission",
    Properties: {
      Action: "lambda:InvokeFunction",
      FunctionName: attribute("NoteFunction", "Arn"),
      Principal: service,
      SourceArn: source,
    },
  });
  const apiArn = `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/live`;
  return {
    ServingRole: role("sagemaker.amazonaws.com"),
    NoteRole: role("lambda.amazonaws.com"),
    NoteFunction: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Timeout: 20,
        MemorySize: 256,
        Role: attribute("NoteRole", "Arn"),
        Code: { S3Bucket: { "Fn::Sub": `assets-\${AWS::Region}` }, S3Key: `${key}.zip` },
        Environment: {
          Variables: { NOTES_TABLE: imported("Data:Notes"), PORTAL_URL: ref("PortalUrl"), BUS: ref("Bus") },
        },
      },
    },
    NoteRetries: {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: { FunctionName: ref("NoteFunction"), Qualifier: "$LATEST", MaximumRetryAttempts: 1 },
    },
    Follow: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        EventSourceArn: imported("Data:NotesStream"),
        FunctionName: ref("NoteFunction"),
        StartingPosition: "TRIM_HORIZON",
        BatchSize: 10,
        MaximumRetryAttempts: 3,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        FilterCriteria: {
          Filters: [{ Pattern: JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix: "NOTE#" }] } } } }) }],
        },
      },
    },
    Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "notes" } },
    NotedRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        EventBusName: ref("Bus"),
        EventPattern: { source: ["notes"] },
        State: "ENABLED",
        Targets: [{ Id: "Target0", Arn: attribute("NoteFunction", "Arn") }],
      },
    },
    RulePermission: permission("events.amazonaws.com", attribute("NotedRule", "Arn")),
    Machine: {
      Type: "AWS::StepFunctions::StateMachine",
      Properties: { DefinitionString: definition, RoleArn: attribute("NoteRole", "Arn") },
    },
    Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "notes" } },
    NotesPath: {
      Type: "AWS::ApiGateway::Resource",
      Properties: { RestApiId: ref("Api"), ParentId: attribute("Api", "RootResourceId"), PathPart: "notes" },
    },
    NotePath: {
      Type: "AWS::ApiGateway::Resource",
      Properties: { RestApiId: ref("Api"), ParentId: ref("NotesPath"), PathPart: "{id}" },
    },
    PostNote: method("NotePath", "POST"),
    GetNote: method("NotePath", "GET"),
    GetForbidden: method("NotesPath", "GET"),
    PostPermission: permission("apigateway.amazonaws.com", { "Fn::Sub": `${apiArn}/POST/notes/*` }),
    GetPermission: permission("apigateway.amazonaws.com", { "Fn::Sub": `${apiArn}/GET/notes/*` }),
    Deployment: { Type: "AWS::ApiGateway::Deployment", Properties: { RestApiId: ref("Api") }, DependsOn: ["GetNote"] },
    Stage: {
      Type: "AWS::ApiGateway::Stage",
      Properties: { RestApiId: ref("Api"), StageName: "live", DeploymentId: ref("Deployment") },
    },
    Pages: { Type: "AWS::S3::Bucket", Properties: {} },
    Publish: {
      Type: "Custom::CDKBucketDeployment",
      Properties: {
        ServiceToken: "arn:helper",
        SourceBucketNames: ["assets"],
        SourceObjectKeys: [`${pages}.zip`],
        SourceMarkers: [{ "<<marker:0xbaba:0>>": imported("Data:Issuer") }],
        DestinationBucketName: ref("Pages"),
      },
    },
    Access: { Type: "AWS::CloudFront::OriginAccessControl", Properties: {} },
    Distribution: {
      Type: "AWS::CloudFront::Distribution",
      Properties: {
        DistributionConfig: {
          DefaultRootObject: "index.html",
          Origins: [
            { Id: "pages", DomainName: attribute("Pages", "RegionalDomainName"), OriginAccessControlId: ref("Access") },
            {
              Id: "api",
              DomainName: { "Fn::Sub": `\${Api}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}` },
              OriginPath: { "Fn::Sub": `/\${Stage}` },
            },
          ],
          DefaultCacheBehavior: { TargetOriginId: "pages" },
          CacheBehaviors: [
            {
              PathPattern: "/notes*",
              TargetOriginId: "api",
              AllowedMethods: ["GET", "HEAD", "POST"],
              OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
            },
          ],
        },
      },
    },
  };
}

/** Writes two small stacks with one bundled function into `directory`, in the form in which `cdk synth` does. */
export function writeAssembly(directory: string, more: Resources = {}): string {
  const write = (path: string, content: unknown) => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  mkdirSync(join(directory, "asset.note"), { recursive: true });
  buildSync({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    outfile: join(directory, "asset.note", "index.mjs"),
    logLevel: "error",
  });
  write("asset.pages/index.html", "<!doctype html><title>notes</title>");
  write("asset.pages/config.json", '{"issuer":"<<marker:0xbaba:0>>"}');
  const asset = (id: string) => ({
    [id]: { source: { path: `asset.${id}`, packaging: "zip" }, destinations: { here: { objectKey: `${id}.zip` } } },
  });
  write("Data.assets.json", { files: {} });
  write("Data.template.json", {
    Resources: dataResources,
    Outputs: {
      Notes: exported("Data:Notes", ref("NotesTable")),
      Stream: exported("Data:NotesStream", attribute("NotesTable", "StreamArn")),
      Issuer: exported("Data:Issuer", attribute("Users", "ProviderURL")),
      Ledger: { Value: ref("LedgerBucket") },
      Key: { Value: attribute("SigningKey", "Arn") },
    },
  });
  write("Service.assets.json", { files: { ...asset("note"), ...asset("pages") } });
  write("Service.template.json", {
    Parameters: { PortalUrl: { Type: "String" } },
    Resources: { ...serviceResources("note", "pages"), ...more },
  });
  const stack = (name: string, dependencies: string[]) => ({
    [`${name}.assets`]: { type: "cdk:asset-manifest", properties: { file: `${name}.assets.json` } },
    [name]: {
      type: "aws:cloudformation:stack",
      properties: { templateFile: `${name}.template.json`, stackName: name },
      dependencies: [...dependencies, `${name}.assets`],
    },
  });
  // The service first: the reader has to find the order itself.
  write("manifest.json", { artifacts: { ...stack("Service", ["Data"]), ...stack("Data", []) } });
  return directory;
}
