import { readFileSync } from "node:fs";
import validate from "asl-validator";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { longestWait, lookEvery } from "../../../examples/ci/codepipeline/promotion-gate.ts";
import { ScoringPipeline, submitCommands } from "../../../examples/ci/codepipeline/scoring-pipeline.ts";
import { namedCommands, unknownToTheCommandLine } from "./named-commands.ts";

const url = "https://countersign.example.org";

function templateOf(wait: "invoke" | "approval", at = url): Template {
  // No code is bundled: it takes long, and no test here looks at it.
  const app = new App({ analyticsReporting: false, context: { "aws:cdk:bundling-stacks": [] } });
  return Template.fromStack(new ScoringPipeline(app, "Pipeline", { url: at, exchangeBucket: "exchange", wait }));
}

const withApproval = templateOf("approval");

function decisionOf(template: Template): unknown {
  const [pipeline] = Object.values(template.findResources("AWS::CodePipeline::Pipeline"));
  const stages = pipeline?.["Properties"].Stages as readonly {
    readonly Name: string;
    readonly Actions: readonly unknown[];
  }[];
  return stages.find(({ Name }) => Name === "Decision")?.Actions[0];
}

describe("a pipeline of CodePipeline", () => {
  it("submits with the command line, and hands on the promotion's id", () => {
    const script = submitCommands.join("\n");
    expect(namedCommands(script).map(({ name }) => name)).toEqual(["submit"]);
    expect(unknownToTheCommandLine(script)).toEqual([]);
    withApproval.hasResourceProperties("AWS::CodeBuild::Project", {
      Source: {
        BuildSpec: Match.serializedJson(
          Match.objectLike({ env: { shell: "bash", "exported-variables": ["PROMOTION"] } }),
        ),
      },
    });
  });

  it("is one role for Countersign, which has tokens for this deployment and five minutes only", () => {
    withApproval.hasResourceProperties("AWS::IAM::Policy", {
      Roles: [{ Ref: Match.stringLikeRegexp("^Identity") }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: "Allow",
            Action: "sts:GetWebIdentityToken",
            Resource: "*",
            Condition: {
              "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": [url] },
              NumericLessThanEquals: { "sts:DurationSeconds": 300 },
            },
          },
        ]),
      },
    });
    const role = { "Fn::GetAtt": [Match.stringLikeRegexp("^Identity"), "Arn"] };
    withApproval.hasResourceProperties("AWS::CodeBuild::Project", { ServiceRole: role });
    withApproval.hasResourceProperties("AWS::Lambda::Function", {
      Role: role,
      Environment: { Variables: { COUNTERSIGN_URL: url } },
    });
  });

  it("asks for tokens for the deployment's origin, also where its address was written with a slash at the end", () => {
    expect(templateOf("approval", `${url}/`).toJSON()).toEqual(withApproval.toJSON());
  });

  it("says where its source goes", () => {
    const [output] = Object.values(withApproval.findOutputs("Source"));
    expect(JSON.stringify(output?.["Value"])).toMatch(/"s3:\/\/",\{"Ref":"Files\w+"\},"\/source\.zip"/);
  });

  it("waits for a short review by running the machine", () => {
    expect(decisionOf(templateOf("invoke"))).toMatchObject({
      ActionTypeId: { Category: "Invoke", Provider: "StepFunctions" },
      Configuration: { Input: '{"promotionId":"#{submit.PROMOTION}","everySeconds":300}' },
    });
  });

  it("waits for a long one by a manual approval of 60 days that is about this promotion", () => {
    expect(decisionOf(withApproval)).toMatchObject({
      Name: "Countersign",
      ActionTypeId: { Category: "Approval", Provider: "Manual" },
      Configuration: {
        CustomData: "#{submit.PROMOTION}",
        ExternalEntityLink: `${url}/#/promotions/#{submit.PROMOTION}`,
        NotificationArn: { Ref: expect.stringMatching(/^GateApprovalsWaiting/) },
      },
      TimeoutInMinutes: 86_400,
    });
  });

  it("lets the gate answer this one approval, and nothing else answer any", () => {
    const policies = Object.values(withApproval.findResources("AWS::IAM::Policy")).flatMap(
      ({ Properties }) =>
        Properties.PolicyDocument.Statement as readonly { readonly Action: unknown; readonly Resource: unknown }[],
    );
    const answering = policies.filter(({ Action }) =>
      JSON.stringify(Action).includes("codepipeline:PutApprovalResult"),
    );
    expect(answering).toHaveLength(1);
    expect(JSON.stringify(answering[0]?.Resource)).toContain(":credit-scoring/Decision/Countersign");
  });
});

describe("the machine that follows a promotion", () => {
  const definition = JSON.parse(readFileSync("examples/ci/codepipeline/follow-promotion.asl.json", "utf8")) as {
    readonly States: Readonly<Record<string, { readonly Type: string; readonly Next?: string }>>;
  };

  it("is a state machine", () => {
    expect(validate(definition)).toMatchObject({ isValid: true });
  });

  it("never passes what it could not ask about", () => {
    expect(definition.States["It cannot be followed"]).toMatchObject({
      Result: { answer: { ended: true, passed: false } },
      Next: "Does an approval wait?",
    });
    expect(definition.States["Does the candidate run?"]).toMatchObject({ Default: "It does not run" });
  });

  it("comes to its end before its history does", () => {
    const eventsOfALook = 10;
    const looks = (waited: number, every: number) => (waited / every) * eventsOfALook;
    expect(looks(7 * 86_400, lookEvery.invoke.toSeconds())).toBeLessThan(25_000);
    expect(looks(longestWait.toSeconds(), lookEvery.approval.toSeconds())).toBeLessThan(25_000);
  });
});
