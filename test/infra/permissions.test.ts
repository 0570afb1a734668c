import { runSimulation } from "@cloud-copilot/iam-simulate";
import { describe, expect, it } from "vitest";
import { constructId, type FunctionName, functions } from "../../infra/functions.ts";
import { steps } from "../../statemachine/contract.ts";
import { actionsOf, installations, resource, resourcesOf, statementsOf, synthesize, whoMay } from "./synthesized.ts";

const { serviceTemplate: service } = synthesize();
const names = Object.keys(functions) as readonly FunctionName[];
const ofType = (type: string) => Object.entries(resourcesOf(service)).filter(([, { Type }]) => Type === type);
const grantsOf = (name: FunctionName) => statementsOf(service, `${constructId(name)}Role`);

describe("who may", () => {
  it("sign sign-offs, verdicts, loans, and what is done about passkeys and delegations: five functions, over digests alone", () => {
    expect(whoMay(service, "kms:Sign", "AttestationKey")).toEqual([
      "RecordDelegation",
      "RecordLoan",
      "RecordPasskey",
      "RecordSignOff",
      "VerifySignOffs",
    ]);
    for (const name of [
      "api/record-delegation",
      "api/record-loan",
      "api/record-passkey",
      "api/record-sign-off",
      "steps/verify-sign-offs",
    ] as const) {
      expect(grantsOf(name).find((each) => actionsOf(each).includes("kms:Sign"))?.Condition).toEqual({
        StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST" },
      });
    }
  });

  const writers = ["Archive", "Reconcile", "RepublishCheckpoint"];
  it("sign checkpoints: archive, and what keeps the ledger whole and young", () => {
    expect(whoMay(service, "kms:Sign", "CheckpointKey").toSorted()).toEqual(writers);
  });

  it("make review links: answer-slack, notify and remind; check them: follow-link alone", () => {
    expect(whoMay(service, "kms:GenerateMac", "LinkKey")).toEqual(["AnswerSlack", "Notify", "Remind"]);
    expect(whoMay(service, "kms:VerifyMac", "LinkKey")).toEqual(["FollowLink"]);
  });

  it("touch task tokens: open-stage and decide alone", () => {
    const holders = names.filter((name) => JSON.stringify(grantsOf(name)).includes("TaskTokensTable"));
    expect(holders).toEqual(["steps/open-stage", "streams/decide"]);
    expect(whoMay(service, "dynamodb:GetItem", "TaskTokensTable")).toEqual(["Decide"]);
  });

  it("wake the machine: decide alone; start it: submit, and those that hear of drift for a new approval", () => {
    expect(whoMay(service, "states:SendTaskSuccess", "PromotionsMachine")).toEqual(["Decide"]);
    expect(whoMay(service, "states:StartExecution", "PromotionsMachine")).toEqual([
      "ProposePolicy",
      "ReportDrift",
      "Restrict",
      "Submit",
    ]);
  });

  it("let an endpoint serve: deploy, what runs beside it in shadow, and those that take it back; none of them may create a model", () => {
    expect(whoMay(service, "sagemaker:UpdateEndpoint", "endpoint").toSorted()).toEqual([
      "CleanUp",
      "Deploy",
      "Restrict",
      "RunInShadow",
      "WatchDeployment",
    ]);
    expect(whoMay(service, "sagemaker:DeleteEndpoint", "endpoint").toSorted()).toEqual([
      "CleanUp",
      "Restrict",
      "WatchDeployment",
    ]);
    expect(whoMay(service, "sagemaker:UpdateEndpointWeightsAndCapacities", "endpoint").toSorted()).toEqual([
      "CleanUp",
      "Restrict",
      "WatchDeployment",
    ]);
    // Configurations of two variants, of which one is the promotion's own.
    expect(whoMay(service, "sagemaker:CreateEndpointConfig", "endpoint-config/share-p-*")).toEqual(["Deploy"]);
    expect(whoMay(service, "sagemaker:CreateModel", "model")).toEqual(["Stage"]);
    expect(whoMay(service, "iam:PassRole", "ServingRole")).toEqual(["Stage"]);
  });

  // https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
  it("remove an endpoint: also one that somebody gave auto scaling, and nothing else of that", () => {
    const removing = whoMay(service, "sagemaker:DeleteEndpoint", "endpoint").toSorted();
    const deregister = "application-autoscaling:DeregisterScalableTarget";
    expect(whoMay(service, deregister, "scalable-target").toSorted()).toEqual(removing);
    for (const name of ["events/restrict", "steps/clean-up", "steps/watch-deployment"] as const) {
      const scaling = grantsOf(name).filter((each) =>
        actionsOf(each).some((action) => action.startsWith("application-")),
      );
      expect(scaling).toEqual([
        expect.objectContaining({
          Action: deregister,
          Condition: { StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } },
        }),
      ]);
    }
  });

  it("let an inference component serve: deploy and restrict, a new one of a promotion's model alone, and those that take it back", () => {
    const updates = whoMay(service, "sagemaker:UpdateInferenceComponent", "inference-component").toSorted();
    expect(updates).toEqual(["CleanUp", "Deploy", "Restrict", "WatchDeployment"]);
    expect(whoMay(service, "sagemaker:DeleteInferenceComponent", "inference-component").toSorted()).toEqual([
      "CleanUp",
      "Restrict",
      "WatchDeployment",
    ]);
    for (const name of ["steps/deploy", "events/restrict"] as const) {
      const made = grantsOf(name).filter((each) => actionsOf(each).includes("sagemaker:CreateInferenceComponent"));
      expect(made.map(({ Condition: condition }) => JSON.stringify(condition))).toEqual([
        expect.stringMatching(/^\{"ArnLike":\{"sagemaker:ModelArn":.*:model\/p-\*"/),
      ]);
    }
  });

  it("take on the roles of the machine and of endpoints: the services, for this account's own alone", () => {
    const trusted = (id: string) => JSON.stringify(resource(service, id).Properties["AssumeRolePolicyDocument"]);
    expect(trusted("PromotionsRole")).toContain('"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}');
    expect(trusted("ServingRole")).toMatch(
      /"ArnLike":\{"aws:SourceArn":.*:sagemaker:.*\{"Ref":"AWS::AccountId"\},":\*"/,
    );
  });

  it("pull an approved image: endpoints, in whatever account it is, such as SageMaker's own", () => {
    const pulling = statementsOf(service, "ServingRoleDefaultPolicy").filter((each) =>
      actionsOf(each).includes("ecr:BatchGetImage"),
    );
    expect(pulling.map(({ Resource: on }) => JSON.stringify(on))).toEqual([
      expect.stringMatching(/:ecr:",\{"Ref":"AWS::Region"\},":\*:repository\/\*"/),
    ]);
  });

  // https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
  it("read and leave what is queued: endpoints, below the places that somebody names, and nowhere where nobody does", () => {
    const beside = (template: typeof service) =>
      statementsOf(template, "ServingRoleDefaultPolicy")
        .map((each) => ({ actions: actionsOf(each), on: JSON.stringify(each.Resource) }))
        .filter(
          ({ actions, on }) => /"(?::s3:::(?:questions|answers)|arn:aws:(?:kms|sns))/.test(on) && actions !== undefined,
        );
    expect(beside(service)).toEqual([]);
    const { serviceTemplate: queued } = synthesize(installations.elsewhere);
    expect(beside(queued)).toEqual([
      {
        actions: ["s3:GetObject"],
        on: expect.stringMatching(/:s3:::questions\/more\/\*.*:s3:::questions\/scores\/\*/),
      },
      { actions: ["s3:AbortMultipartUpload", "s3:PutObject"], on: expect.stringContaining(":s3:::answers/scores/*") },
      { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: expect.stringContaining(":key/1234abcd") },
      { actions: ["sns:Publish"], on: expect.stringContaining(":sns:us-east-1:111122223333:answers") },
    ]);
  });

  it("hand the serving role to nobody but SageMaker", () => {
    expect(grantsOf("steps/stage").find((each) => actionsOf(each).includes("iam:PassRole"))?.Condition).toEqual({
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    });
  });

  it("write to the transparency log: those that sign its checkpoints", () => {
    expect(whoMay(service, "s3:PutObject", "/tile/*").toSorted()).toEqual(writers);
    expect(whoMay(service, "s3:PutObject", "/checkpoint").toSorted()).toEqual(
      [
        ...writers,
        // It adds the cosignatures of witnesses, and can sign nothing itself.
        "CosignCheckpoint",
      ].toSorted(),
    );
  });

  it("move the ledger on: archive, and reconcile where the archive left something out", () => {
    expect(whoMay(service, "dynamodb:PutItem", "LedgerTable").toSorted()).toEqual(["Archive", "Reconcile"]);
  });

  it("read the whole table of promotions: reconcile alone", () => {
    expect(whoMay(service, "dynamodb:Scan", "PromotionsTable")).toEqual(["Reconcile"]);
  });

  it("write frozen artifacts: freeze alone", () => {
    expect(whoMay(service, "s3:PutObject", "/frozen/*")).toEqual(["Freeze"]);
  });

  it("write letters: notify and remind, from one address", () => {
    expect(whoMay(service, "ses:SendEmail", "identity")).toEqual(["Notify", "Remind"]);
    for (const name of ["events/notify", "schedules/remind"] as const) {
      expect(grantsOf(name).find((each) => actionsOf(each).includes("ses:SendEmail"))?.Condition).toEqual({
        StringEquals: { "ses:FromAddress": { Ref: "SenderAddress" } },
      });
    }
  });

  it("delete a row of promotions or sign-offs: nobody; of the ledger's table: who writes several at once, by what lets them", () => {
    // What puts several rows may delete some, and IAM does not tell the two apart.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    const deleting = ["DeleteItem", "BatchWriteItem", "PartiQLDelete", "*"].map((action) => `dynamodb:${action}`);
    const whoDeletes = (table: string) => deleting.map((action) => whoMay(service, action, table));
    expect(whoDeletes("PromotionsTable")).toEqual([[], [], [], []]);
    expect(whoDeletes("LedgerTable")).toEqual([[], ["Archive", "Reconcile", "RepublishCheckpoint"], [], []]);
  });
});

describe("which policies are in force", () => {
  const writes = ["PutItem", "UpdateItem"] as const;
  const may = async (name: FunctionName, action: (typeof writes)[number], key: string) => {
    const resource = "arn:aws:dynamodb:us-east-1:111111111111:table/promotions";
    const own = grantsOf(name)
      .filter((statement) => JSON.stringify(statement.Resource).includes("PromotionsTable"))
      .map((statement) => ({ ...statement, Resource: resource }));
    if (own.length === 0) return false;
    const result = await runSimulation(
      {
        request: {
          principal: `arn:aws:sts::111111111111:assumed-role/role/${name}`,
          action: `dynamodb:${action}`,
          resource: { resource, accountId: "111111111111" },
          contextVariables: { "dynamodb:LeadingKeys": [key] },
        },
        identityPolicies: [{ name: "own", policy: { Version: "2012-10-17", Statement: own } }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (result.resultType === "error") throw new Error(JSON.stringify(result.errors));
    return result.overallResult === "Allowed";
  };

  it("is written by activate-policy and adopt-policy alone, whatever else others write", async () => {
    const writers: string[] = [];
    let others = 0;
    for (const name of names)
      for (const action of writes) {
        if (await may(name, action, "POLICIES")) writers.push(`${name} ${action}`);
        if (await may(name, action, "PROMOTION#p-1")) others += 1;
      }
    expect(writers).toEqual([
      "steps/activate-policy PutItem",
      "steps/activate-policy UpdateItem",
      "schedules/adopt-policy PutItem",
    ]);
    expect(others).toBeGreaterThan(20);
  });
});

describe("no function", () => {
  const own = names.flatMap((name) => grantsOf(name).map((statement) => ({ name, statement })));

  it("has a wildcard action", () => {
    expect(own.flatMap(({ statement }) => actionsOf(statement)).filter((action) => action.includes("*"))).toEqual([]);
  });

  it("may do anything everywhere but what knows no resources", () => {
    const everywhere = own.filter(({ statement }) => [statement.Resource].flat().includes("*"));
    expect([...new Set(everywhere.flatMap(({ statement }) => actionsOf(statement)))].toSorted()).toEqual([
      // Composite alarms are shown to nobody who may read less.
      "cloudwatch:DescribeAlarmHistory",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:GetMetricData",
      "dynamodb:ListStreams",
      "sagemaker:ListEndpoints",
      "sagemaker:ListInferenceComponents",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]);
  });

  it("may delete or retain objects, but for the versions of the log's latest checkpoint, or change a policy", () => {
    const actions = own.flatMap(({ statement }) => actionsOf(statement));
    expect(actions.filter((action) => /^s3:(Delete|Bypass|PutBucket)/.test(action))).toEqual([]);
    const retaining = own.filter(
      ({ statement }) => actionsOf(statement).includes("s3:PutObjectRetention") && statement.Condition === undefined,
    );
    expect(retaining.map(({ name }) => name).toSorted()).toEqual([
      "schedules/cosign-checkpoint",
      "schedules/reconcile",
      "schedules/republish-checkpoint",
      "streams/archive",
    ]);
    for (const { statement } of retaining) expect(JSON.stringify(statement.Resource)).toMatch(/"\/checkpoint"\]\]\}$/);
    expect(actions.filter((action) => /^kms:(?!Sign$|GetPublicKey$|GenerateMac$|VerifyMac$)/.test(action))).toEqual([]);
  });

  it("locks a document or an artifact for longer than one that is written now, or anything else by its digest", () => {
    const retaining = own.filter(
      ({ statement }) => actionsOf(statement).includes("s3:PutObjectRetention") && statement.Condition !== undefined,
    );
    for (const { statement } of retaining) {
      expect(statement.Condition).toEqual({
        NumericLessThanEquals: { "s3:object-lock-remaining-retention-days": 3654 },
      });
      expect(actionsOf(statement)).toEqual(["s3:PutObjectRetention"]);
      for (const each of [statement.Resource].flat())
        expect(JSON.stringify(each)).toMatch(/"\/(blobs\/sha256|frozen)\/\*"\]\]\}$/);
    }
    const frozen = retaining.filter(({ statement }) => JSON.stringify(statement.Resource).includes("/frozen/"));
    expect(frozen.map(({ name }) => name)).toEqual(["steps/freeze"]);
    // Whoever may keep a document, and nobody else.
    const keeping = own.filter(({ statement }) => JSON.stringify(statement.Resource).includes("/blobs/sha256/*"));
    const holding = (action: string) =>
      [
        ...new Set(keeping.flatMap(({ name, statement }) => (actionsOf(statement).includes(action) ? [name] : []))),
      ].toSorted();
    expect(holding("s3:PutObjectRetention")).toEqual(holding("s3:PutObject"));
  });

  it("shares its role with another", () => {
    const roles = names.map((name) =>
      JSON.stringify(resource(service, `${constructId(name)}Function`).Properties["Role"]),
    );
    expect(new Set(roles).size).toBe(names.length);
  });
});

describe("the state machine's role", () => {
  it("may invoke each function that the definition names, and no other", () => {
    const machine = resource(service, "PromotionsMachine").Properties;
    const substitutions = machine["DefinitionSubstitutions"] as Readonly<Record<string, unknown>>;
    expect(Object.keys(substitutions).toSorted()).toEqual(
      Object.values(steps)
        .map(({ substitution }) => substitution)
        .toSorted(),
    );
    const invoke = statementsOf(service, "PromotionsRoleDefaultPolicy").filter((each) =>
      actionsOf(each).includes("lambda:InvokeFunction"),
    );
    expect(invoke).toHaveLength(1);
    const texts = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).toSorted();
    expect(texts([invoke[0]?.Resource].flat())).toEqual(texts(Object.values(substitutions)));
  });

  it.each(Object.entries(steps))("gets the function of '%s' under its own name", (name, { substitution }) => {
    const { DefinitionSubstitutions: given } = resource(service, "PromotionsMachine").Properties;
    const arn = { "Fn::GetAtt": [`${constructId(`steps/${name}` as FunctionName)}Function`, "Arn"] };
    expect(given).toMatchObject({ [substitution]: arn });
  });

  it("invokes neither of those that wake it", () => {
    const policy = JSON.stringify(statementsOf(service, "PromotionsRoleDefaultPolicy"));
    expect(policy).not.toMatch(/SubmitFunction|DecideFunction/);
  });
});

describe("permissions to invoke", () => {
  it("name the one API, machine or rule that invokes", () => {
    for (const [id, { Properties }] of ofType("AWS::Lambda::Permission")) {
      expect(Properties["SourceArn"], id).toBeDefined();
    }
  });
});
