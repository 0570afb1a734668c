import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runbook } from "../../infra/constructs/alarms.ts";
import { routes } from "../../infra/constructs/review-api.ts";
import { constructId, type FunctionName, functions } from "../../infra/functions.ts";
import { installations, type Resource, resource, resourcesOf, validated } from "./synthesized.ts";

const { serviceTemplate: service, validation } = validated();
const names = Object.keys(functions) as readonly FunctionName[];
const ofType = (type: string) => Object.entries(resourcesOf(service)).filter(([, { Type }]) => Type === type);
const text = (value: unknown) => JSON.stringify(value);

describe("synth", () => {
  it("is clean: every finding of cdk-nag and CloudFormation's own rules is answered with a reason", () => {
    const everything = Object.assign({}, ...Object.values(installations));
    expect(validated(everything).validation).not.toMatch(/"severity"|"failure"/);
  });

  it("warns where nobody hears the alarms, and of nothing else", () => {
    expect(validation.match(/"ruleName": "[^"]*"/g)).toEqual(['"ruleName": "Annotation::countersign:alarms-unheard"']);
    expect(validation).not.toContain('"failure"');
  });

  it("gives no resource a name that the next deployment could not reuse", () => {
    for (const type of ["AWS::Lambda::Function", "AWS::IAM::Role", "AWS::SQS::Queue", "AWS::S3::Bucket"]) {
      for (const [id, { Properties }] of ofType(type)) {
        const named = Object.keys(Properties).filter((key) =>
          /^(FunctionName|RoleName|QueueName|BucketName)$/.test(key),
        );
        expect(named, id).toEqual([]);
      }
    }
  });
});

describe("a stack that is made again, or in another region as well", () => {
  const region = { Ref: "AWS::Region" };

  it("finds every name free that CloudFront keeps once for all regions of an account", () => {
    const configs = [
      ...ofType("AWS::CloudFront::ResponseHeadersPolicy").map(
        ([, { Properties }]) => Properties["ResponseHeadersPolicyConfig"],
      ),
      ...ofType("AWS::CloudFront::OriginAccessControl").map(
        ([, { Properties }]) => Properties["OriginAccessControlConfig"],
      ),
    ] as unknown as readonly { readonly Name: unknown }[];
    expect(configs).toHaveLength(6);
    for (const { Name: name } of configs) expect(text(name)).toContain(text(region));
  });

  it("finds no log that stayed under the name of its own", () => {
    const named = ofType("AWS::Logs::LogGroup").filter(([, { Properties }]) => "LogGroupName" in Properties);
    expect(named.map(([id]) => id)).toEqual(["PromotionsLog"]);
    for (const [, { Properties }] of named) expect(text(Properties["LogGroupName"])).toContain("AWS::StackId");
  });

  it("can be taken away with the portal's files in their bucket, which CloudFormation does not empty", () => {
    const { DeletionPolicy, UpdateReplacePolicy } = resource(service, "PortalFiles");
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["Retain", "Retain"]);
  });
});

describe("a function", () => {
  const lambdas = names.map((name): [FunctionName, Resource] => [
    name,
    resource(service, `${constructId(name)}Function`),
  ]);

  it.each(lambdas)("%s runs on Node 24, traced, with a log that ends", (name, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      TracingConfig: { Mode: "Active" },
      LoggingConfig: { LogGroup: { Ref: `${constructId(name)}Log` } },
    });
    const log = resource(service, `${constructId(name)}Log`);
    expect([log.Properties["RetentionInDays"], log.DeletionPolicy]).toEqual([365, "Retain"]);
  });

  it.each(lambdas)("%s gets the variables of its env.ts and no other", (name, { Properties }) => {
    const { Variables: given } = Properties["Environment"] as { readonly Variables: object };
    expect(Object.keys(given).toSorted()).toEqual(Object.keys(functions[name].environment.entries).toSorted());
  });

  it("behind the API answers before API Gateway gives up", () => {
    for (const [name, { Properties }] of lambdas.filter(([name]) => name.startsWith("api/"))) {
      expect(Number(Properties["Timeout"]), name).toBeLessThan(29);
    }
  });

  it("in the machine ends before the machine's patience does", () => {
    const { States } = JSON.parse(String(resource(service, "PromotionsMachine").Properties["DefinitionString"]));
    for (const [name, state] of Object.entries<Record<string, unknown>>(States)) {
      const substitution = /\$\{(\w+)FunctionArn\}/.exec(text(state))?.[1];
      if (substitution === undefined || state["TimeoutSeconds"] === undefined) continue;
      const { Timeout } = resource(service, `${substitution}Function`).Properties;
      expect(Number(state["TimeoutSeconds"]), name).toBeGreaterThan(Number(Timeout));
    }
  });
});

describe("the API", () => {
  it("has each route of the list, answered by its function", () => {
    const methods = ofType("AWS::ApiGateway::Method");
    expect(methods).toHaveLength(routes.length);
    for (const [method, path, name] of routes) {
      const id = `ApiRestApi${path.replaceAll(/[^A-Za-z0-9]/g, "")}${method}`;
      const { Properties } = resource(service, id);
      expect(text(Properties["Integration"]), id).toContain(`${constructId(name)}Function`);
      expect(Properties["RequestValidatorId"], id).toEqual({ Ref: "ApiValidator" });
    }
  });

  it("takes nothing but JSON objects as a body, but for what Slack sends, which is signed as it came", () => {
    for (const [id, { Properties }] of ofType("AWS::ApiGateway::Method")) {
      const isJson = Properties["HttpMethod"] === "POST" && id !== "ApiRestApiv1slackinteractionsPOST";
      const models = Properties["RequestModels"];
      expect(models, id).toEqual(isJson ? { "application/json": { Ref: "ApiRestApiAnyObject" } } : undefined);
    }
    expect(resource(service, "ApiRestApiAnyObject").Properties["Schema"]).toMatchObject({ type: "object" });
  });

  it("answers every refusal of its own with a problem document and a stable code", () => {
    const responses = ofType("AWS::ApiGateway::GatewayResponse").map(([, { Properties }]) => Properties);
    const codes = responses.map((response) => {
      expect(text(response["ResponseParameters"])).toContain("'application/problem+json'");
      const templates = response["ResponseTemplates"] as Readonly<Record<string, string>>;
      const problem = JSON.parse(templates["application/json"] ?? "");
      expect(String(problem.status)).toBe(response["StatusCode"]);
      return [response["ResponseType"], problem.code];
    });
    expect(Object.fromEntries(codes)).toMatchObject({
      BAD_REQUEST_BODY: "malformed-json",
      MISSING_AUTHENTICATION_TOKEN: "not-found",
      INVALID_SIGNATURE: "not-found",
      REQUEST_TOO_LARGE: "body-too-large",
      UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
      THROTTLED: "unavailable",
      DEFAULT_4XX: "invalid-request",
      DEFAULT_5XX: "internal",
    });
  });

  it("is throttled, and writes down routes but never addresses", () => {
    const { MethodSettings, AccessLogSetting, TracingEnabled } = resource(
      service,
      "ApiRestApiDeploymentStagelive",
    ).Properties;
    expect(MethodSettings).toMatchObject([
      { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100, LoggingLevel: "OFF", DataTraceEnabled: false },
    ]);
    expect(TracingEnabled).toBe(false);
    expect(text(AccessLogSetting)).toContain("$context.resourcePath");
    expect(text(AccessLogSetting)).not.toMatch(/\$context\.(path|identity|authorizer)|requestBody/);
  });
});

describe("the state machine", () => {
  const machine = resource(service, "PromotionsMachine").Properties;

  it("is the file, as it is", () => {
    const file = readFileSync(new URL("../../statemachine/promotion.asl.json", import.meta.url), "utf8");
    expect(machine["DefinitionString"]).toBe(file);
  });

  it("logs every step and none of the data, which holds task tokens", () => {
    expect(machine["LoggingConfiguration"]).toMatchObject({ Level: "ALL", IncludeExecutionData: false });
    expect(machine["TracingConfiguration"]).toEqual({ Enabled: true });
  });
});

describe("the readers of the stream", () => {
  it.each(["StreamsDecide", "StreamsArchive"])("%s puts aside what cannot be handled, and goes on", (id) => {
    const { Properties } = resource(service, id);
    expect(Properties).toMatchObject({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      StartingPosition: "TRIM_HORIZON",
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::ImportValue": "CountersignData:UndeliveredBucketArn" } },
      },
    });
    expect(Number(Properties["MaximumRetryAttempts"])).toBeGreaterThan(0);
    expect(Number(Properties["MaximumRecordAgeInSeconds"])).toBeLessThan(24 * 3600);
  });

  it("lets a promotion that fails each time hold up a part of the others only; the ledger is written by one", () => {
    const atOnce = (id: string) => resource(service, id).Properties["ParallelizationFactor"];
    expect([atOnce("StreamsDecide"), atOnce("StreamsArchive")]).toEqual([10, undefined]);
  });

  it("are two and no third", () => {
    expect(ofType("AWS::Lambda::EventSourceMapping")).toHaveLength(2);
  });

  it("shows decide sign-offs and withdrawals only, and archive everything", () => {
    const filters = (id: string) => text(resource(service, id).Properties["FilterCriteria"]);
    expect(filters("StreamsDecide")).toContain("SIGNOFF#");
    expect(filters("StreamsDecide")).toContain("withdrawn");
    expect(filters("StreamsArchive")).toBeUndefined();
  });
});

describe.each(["Notifications", "Exports"])("the listener of the %s", (id) => {
  it("hears only of facts that are in the ledger", () => {
    const { EventPattern, EventBusName } = resource(service, `${id}Heard`).Properties;
    expect(EventPattern).toMatchObject({ source: ["countersign"], "detail-type": ["Countersign Fact Recorded"] });
    expect(EventBusName).toEqual({ Ref: "EventBus" });
  });

  it("has a queue for what cannot be handed over, and for what fails after that", () => {
    const queue = { "Fn::GetAtt": [`${id}Undelivered`, "Arn"] };
    expect(resource(service, `${id}Heard`).Properties["Targets"]).toMatchObject([{ DeadLetterConfig: { Arn: queue } }]);
    expect(resource(service, `${id}Retries`).Properties["DestinationConfig"]).toEqual({
      OnFailure: { Destination: queue },
    });
  });
});

describe("the letters", () => {
  it("are reported about by SES, and those of this deployment alone are heard of", () => {
    const set = { Ref: "MailLetters" };
    expect(resource(service, "NotifyFunction").Properties["Environment"]).toMatchObject({
      Variables: { MAIL_CONFIGURATION_SET: set },
    });
    const { EventPattern, EventBusName } = resource(service, "MailReportsHeard").Properties;
    expect(EventPattern).toMatchObject({
      source: ["aws.ses"],
      detail: { mail: { tags: { "ses:configuration-set": [set] } } },
    });
    expect(EventBusName).toBeUndefined();
  });
});

describe("the alarms", () => {
  const alarms = ofType("AWS::CloudWatch::Alarm");
  const page = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");
  const headings = page.match(/^## .+$/gm) ?? [];

  it.each(alarms)("%s names a heading of the runbook, and somebody hears it", (_, { Properties }) => {
    const heading = /docs\/runbook\.md, "(.+)"\./.exec(String(Properties["AlarmDescription"]))?.[1];
    expect(headings).toContain(`## ${heading}`);
    expect(Properties["AlarmActions"]).toEqual([{ Ref: "AlarmsTopic" }]);
  });

  it("are all that the runbook is about, beside what is done on purpose", () => {
    expect(headings.toSorted()).toEqual(
      [
        ...Object.values(runbook),
        "May it wait until morning?",
        "Take a message from a queue",
        "Rotate a key",
        "Nobody can fill a seat",
        "Nobody can sign a policy change",
      ]
        .map((heading) => `## ${heading}`)
        .toSorted(),
    );
  });

  it("are each told at its head whether they can wait", () => {
    const [, table = ""] = /## May it wait until morning\?([\s\S]*?)\n## /.exec(page) ?? [];
    const told = table.split("\n").flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/\[(.+?)\]/g)]);
    expect(told.map(([, heading]) => heading).toSorted()).toEqual(Object.values(runbook).toSorted());
  });

  // A policy of its own takes the place of the one that every topic begins with, and that lets alarms in.
  it("may publish to their topic, those of this stack and nobody else's", () => {
    const { PolicyDocument } = resource(service, "AlarmsTopicPolicy").Properties;
    const { Statement: statements } = PolicyDocument as unknown as { readonly Statement: readonly object[] };
    expect(statements).toContainEqual({
      Sid: "AlarmsOfThisStackMayTell",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: { Ref: "AlarmsTopic" },
      Condition: {
        StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
        ArnLike: { "aws:SourceArn": { "Fn::Join": ["", expect.arrayContaining([":alarm:CountersignService-*"])] } },
      },
    });
  });

  const rules = ofType("AWS::Events::Rule").filter(([, { Properties }]) => "ScheduleExpression" in Properties);
  it("notice of everything that a clock rings that it does not ring, and no number is no good news", () => {
    const { Properties } = resource(service, "AlarmsScheduleIsSilent");
    const all = rules.map(
      ([
        ,
        {
          Properties: { Targets: targets },
        },
      ]) => /"(\w+Function)"/.exec(text(targets))?.[1] ?? "",
    );
    // The archive is invoked by its stream as well, so that its count says nothing of its clock.
    const rung = all.filter((each) => each !== "ArchiveFunction");
    expect(all).toHaveLength(9);
    expect(rung).toHaveLength(8);
    for (const id of rung) expect(text(Properties["Metrics"])).toContain(`"${id}"`);
    const judged = { Threshold: 1, ComparisonOperator: "LessThanThreshold", TreatMissingData: "breaching" };
    expect(Properties).toMatchObject({ ...judged, EvaluationPeriods: 2 });
    // Each factor counts by itself: one that is silent makes nought of all.
    expect(text(Properties["Metrics"])).toContain("m0 * m1 * m2 * m3 * m4 * m5 * m6 * m7");
    expect(resource(service, "AlarmsCheckpointIsOld").Properties).toMatchObject(judged);
  });

  it("watch every function", () => {
    const watched = text(alarms.map(([, { Properties }]) => Properties["Dimensions"]));
    for (const name of names) expect(watched).toContain(`"${constructId(name)}Function"`);
  });

  it("say of whoever sends letters that one was refused, and what to do about it", () => {
    const said = (name: string) => String(resource(service, name).Properties["AlarmDescription"]);
    for (const name of ["Notify", "Remind"])
      expect(said(`Alarms${name}Fails`)).toBe(
        `${name} ended with an error: a letter or a message was refused, or may not have left, unless its log says otherwise. What to do: docs/runbook.md, "A notification could not be sent".`,
      );
    expect(said("AlarmsDecideFails")).toBe(
      'Decide ended with an error. What to do: docs/runbook.md, "A function fails".',
    );
  });

  it("do not take a rejection for a fault", () => {
    const filter = text(resource(service, "AlarmsFailedPromotions").Properties["FilterPattern"]);
    expect(filter).toContain("The promotion failed");
    expect(filter).not.toContain("rejected");
    expect(text(alarms)).not.toContain('"ExecutionsFailed"');
  });
});
