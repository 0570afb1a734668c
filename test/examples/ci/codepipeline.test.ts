import { readFileSync } from "node:fs";
import validate from "asl-validator";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { lookAtPromotion } from "../../../examples/ci/codepipeline/look-at-promotion/handler.ts";
import { longestWait, lookEvery } from "../../../examples/ci/codepipeline/promotion-gate.ts";
import { ScoringPipeline, submitCommands } from "../../../examples/ci/codepipeline/scoring-pipeline.ts";
import type { InvocationResult } from "../../../local/lambda/invocation.ts";
import { compileMachine } from "../../../local/stepfunctions/asl-definition.ts";
import { historyPen } from "../../../local/stepfunctions/asl-history.ts";
import { advance, begin } from "../../../local/stepfunctions/asl-interpreter.ts";
import type { Turn } from "../../../local/stepfunctions/asl-position.ts";
import { servedPromotion } from "../../cli/served-promotion.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";
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

  it("is one role for Countersign, which has tokens for this deployment and an hour only", () => {
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
              NumericLessThanEquals: { "sts:DurationSeconds": 3600 },
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

  it("is told of a refusal within minutes, and answers the approval with it", async () => {
    const refusal = new Failure("invalid-request", "There is no such promotion. (not-found)");
    const { looks, seconds, answered, ending } = await followed(async () => {
      throw refusal;
    });
    expect(looks).toBe(4);
    expect(seconds).toBeLessThanOrEqual(70);
    expect(answered).toMatchObject({ promotionId: id, seen: { passed: false, outcome: "refused" } });
    expect(ending).toMatchObject({
      status: "FAILED",
      error: "refused",
      cause: expect.stringContaining("There is no such promotion."),
    });
  });

  it("outlives a service that is away for hours", async () => {
    let asked = 0;
    const { answered, ending } = await followed(async () => {
      asked += 1;
      if (asked <= 20) throw new Failure("unavailable", "It cannot be reached.");
      return servedPromotion({ status: "deployed" }) as never;
    });
    expect(answered).toMatchObject({ seen: { passed: true, outcome: "deployed" } });
    expect(ending).toMatchObject({ status: "SUCCEEDED" });
  });

  it("comes to its end before its history does", () => {
    const eventsOfALook = 10;
    const looks = (waited: number, every: number) => (waited / every) * eventsOfALook;
    expect(looks(7 * 86_400, lookEvery.invoke.toSeconds())).toBeLessThan(25_000);
    expect(looks(longestWait.toSeconds(), lookEvery.approval.toSeconds())).toBeLessThan(25_000);
  });
});

/** Runs the machine over a promotion that is looked at by `promotion`, with the longest pause that jitter allows each time. */
async function followed(promotion: Parameters<typeof lookAtPromotion>[0]) {
  const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  const text = readFileSync("examples/ci/codepipeline/follow-promotion.asl.json", "utf8").replaceAll(
    /\$\{(Look|Answer)FunctionArn\}/g,
    (_, name) => arn(name.toLowerCase()),
  );
  const look = lookAtPromotion(promotion);
  let [looks, now, answered] = [0, 0, undefined as unknown];
  const turn = (): Turn => ({
    machine: compileMachine(text),
    context: { Execution: { Id: "arn", Input: {}, Name: "token" } },
    now,
    pen: historyPen(0, now),
    newToken: () => "token",
    random: () => 1,
  });
  const work = async (functionArn: string, payload: unknown): Promise<InvocationResult> => {
    if (functionArn === arn("answer")) {
      answered = payload;
      return { payload: { answer: "answered" } };
    }
    looks += 1;
    try {
      return { payload: { ...(await look(payload)) } };
    } catch (error) {
      const { name, message } = error as Error;
      return { errorType: name, errorMessage: message };
    }
  };
  let position = begin(turn(), { promotionId: id, approval: { token: "1" }, everySeconds: 300 });
  while (position.at !== "ended") {
    if (position.at === "sleeping") {
      now = position.until;
      position = advance(turn(), position, { happened: "woken" });
    } else {
      const { functionArn, payload } = position.task;
      position = advance(turn(), position, { happened: "invoked", result: await work(functionArn, payload) });
    }
  }
  return { looks, seconds: now / 1000, answered, ending: position.ending };
}
