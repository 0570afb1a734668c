import {
  ApprovalAlreadyCompletedException,
  CodePipelineClient,
  InvalidApprovalTokenException,
  PipelineNotFoundException,
  PutApprovalResultCommand,
} from "@aws-sdk/client-codepipeline";
import { ExecutionAlreadyExists, SFNClient, type StartExecutionCommand } from "@aws-sdk/client-sfn";
import {
  type GetWebIdentityTokenCommand,
  OutboundWebIdentityFederationDisabledException,
  STSClient,
  STSServiceException,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { type Status, statuses } from "../../../core/promotion/promotion.ts";
import { approvalAnswers } from "../../../examples/ci/codepipeline/answer-approval/approvals.ts";
import { type Answer, answerApproval } from "../../../examples/ci/codepipeline/answer-approval/handler.ts";
import { executionStarter } from "../../../examples/ci/codepipeline/hear-approval/executions.ts";
import { type Following, hearApproval } from "../../../examples/ci/codepipeline/hear-approval/handler.ts";
import { lookAtPromotion } from "../../../examples/ci/codepipeline/look-at-promotion/handler.ts";
import { webIdentity } from "../../../examples/ci/codepipeline/web-identity.ts";
import { servedPromotion } from "../../cli/served-promotion.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";

const approval = {
  pipelineName: "credit-scoring",
  stageName: "Decision",
  actionName: "Countersign",
  token: "1a2b3c4d-573f-4ea7-a67e-0123456789ab",
};
const ran = { ended: true, passed: true, outcome: "deployed", sentence: "Deployed." };

/** A client that keeps what it was sent, and answers or throws what it is given. */
function recorded<Client extends { send: unknown }>(
  client: Client,
  answer: unknown,
): { client: Client; sent: unknown[] } {
  const sent: unknown[] = [];
  const send = async (command: unknown) => {
    sent.push(command);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { client: Object.assign(client, { send }), sent };
}

const exception = { message: "", $metadata: {} };

describe("a look at a promotion", () => {
  const look = (status: Status) =>
    lookAtPromotion(async () => servedPromotion({ status }) as never)({ promotionId: id });

  it("passes what runs, and nothing else", async () => {
    const passed = await Promise.all(statuses.map(async (status) => [status, (await look(status)).passed] as const));
    expect(passed.filter(([, each]) => each)).toEqual([["deployed", true]]);
  });

  it("waits through a loan", async () => {
    expect(await look("loaned")).toMatchObject({ ended: false, passed: false });
  });

  it("says why it ended", async () => {
    const seen = await lookAtPromotion(
      async () => servedPromotion({ status: "rejected", reason: "The data is from last year." }) as never,
    )({ promotionId: id });
    expect(seen).toEqual({
      ended: true,
      passed: false,
      outcome: "rejected",
      sentence: "Rejected: The data is from last year.",
    });
  });

  it.each([
    ["p-1", "'p-1' is no promotion's id."],
    ["", "it names no promotion."],
    [undefined, "it names no promotion."],
  ])("at %j is no at once, for no waiting makes a promotion of it", async (promotionId, why) => {
    const never = async () => {
      throw new Error("The service was asked.");
    };
    expect(await lookAtPromotion(never)({ promotionId })).toMatchObject({
      ended: true,
      passed: false,
      outcome: "refused",
      sentence: expect.stringContaining(`${why} Give the action what 'countersign submit' printed.`),
    });
  });
});

describe("a look that the service refuses", () => {
  const look = (failure: Error, tries?: number) =>
    lookAtPromotion(async () => {
      throw failure;
    })({ promotionId: id, tries });
  const refusal = new Failure("invalid-request", "There is no such promotion. (not-found)");

  it("is tried again a few times: what was just deployed may still be on its way", async () => {
    await expect(look(refusal, 0)).rejects.toBe(refusal);
    await expect(look(refusal, 2)).rejects.toBe(refusal);
  });

  it("then ends the wait with the service's sentence, and never passes", async () => {
    expect(await look(refusal, 3)).toEqual({
      ended: true,
      passed: false,
      outcome: "refused",
      sentence:
        "Nothing says that the candidate runs, for this pipeline is not told: There is no such promotion. (not-found)",
    });
  });

  it.each([
    ["the service is away", new Failure("unavailable", "It cannot be reached.")],
    ["something else went wrong", new Error("socket")],
  ])("is no refusal where %s, however often", async (_, failure) => {
    await expect(look(failure, 59)).rejects.toBe(failure);
  });

  it("is tried as before by an execution that does not say how often it was", async () => {
    await expect(look(refusal)).rejects.toBe(refusal);
  });
});

describe("an approval that waits", () => {
  const message = (over: object = {}) => ({
    Records: [
      {
        Sns: {
          Message: JSON.stringify({
            region: "eu-central-1",
            approval: { ...approval, expires: "2027-01-07T20:22Z", customData: id, ...over },
          }),
        },
      },
    ],
  });

  it("starts to follow its promotion, under the approval's own token", async () => {
    const { client, sent } = recorded(new SFNClient({}), {});
    await hearApproval(executionStarter(client, "arn:machine", 2700))(message());
    expect(sent.map((command) => (command as StartExecutionCommand).input)).toEqual([
      {
        stateMachineArn: "arn:machine",
        name: approval.token,
        input: JSON.stringify({ promotionId: id, approval, everySeconds: 2700 }),
      },
    ]);
  });

  it("is followed once, however often SNS says so", async () => {
    const { client } = recorded(new SFNClient({}), new ExecutionAlreadyExists(exception));
    await expect(hearApproval(executionStarter(client, "arn:machine", 2700))(message())).resolves.toBeUndefined();
  });

  it("is told again by SNS where it could not be followed", async () => {
    const { client } = recorded(new SFNClient({}), new Error("throttled"));
    await expect(hearApproval(executionStarter(client, "arn:machine", 2700))(message())).rejects.toThrow("throttled");
  });

  it.each([
    ["something else than a promotion", "Please approve"],
    ["nothing", undefined],
  ])("about %s is followed too, so that it is answered no rather than never", async (_, customData) => {
    const followed: Following[] = [];
    await hearApproval(async (each) => void followed.push(each))(message({ customData }));
    expect(followed).toEqual([{ name: approval.token, promotionId: customData ?? "", approval }]);
  });

  it.each([
    ["with a strange token", { token: "../x" }],
    ["of a pipeline with a strange name", { pipelineName: "a b" }],
  ])("%s is refused", async (_, over) => {
    const followed: Following[] = [];
    await expect(hearApproval(async (each) => void followed.push(each))(message(over))).rejects.toThrow();
    expect(followed).toEqual([]);
  });
});

describe("the answer to an approval", () => {
  const event = (over: object = {}) => ({ approval, promotionId: id, seen: { ...ran, ...over } });
  const answered = async (over: object): Promise<Answer | undefined> => {
    let given: Answer | undefined;
    await answerApproval(async (_, answer) => {
      given = answer;
      return "answered";
    })(event(over));
    return given;
  };

  it("is CodePipeline's, with the token of this one request", async () => {
    const { client, sent } = recorded(new CodePipelineClient({}), { approvedAt: new Date(0) });
    expect(await answerApproval(approvalAnswers(client))(event())).toEqual({ answer: "answered" });
    expect(sent[0]).toBeInstanceOf(PutApprovalResultCommand);
    expect((sent[0] as PutApprovalResultCommand).input).toEqual({
      ...approval,
      result: { status: "Approved", summary: `Countersign ${id}: Deployed.` },
    });
  });

  it.each(statuses.filter((status) => status !== "deployed"))("is no for what is %s", async (outcome) => {
    expect(await answered({ outcome, passed: false })).toMatchObject({ status: "Rejected" });
  });

  it("is no where what was seen contradicts itself", async () => {
    expect(await answered({ outcome: "rejected", passed: true })).toMatchObject({ status: "Rejected" });
  });

  it("names what it is about where that is a promotion, and quotes nothing else", async () => {
    let summary: string | undefined;
    await answerApproval(async (_, answer) => {
      summary = answer.summary;
      return "answered";
    })({
      approval,
      promotionId: "Please approve",
      seen: { ...ran, passed: false, outcome: "refused", sentence: "No." },
    });
    expect(summary).toBe("Countersign: No.");
  });

  it("is not given before the end", async () => {
    await expect(answered({ ended: false })).rejects.toThrow("has not come to an end");
  });

  it.each([
    ["has its answer", new ApprovalAlreadyCompletedException(exception)],
    ["is over", new InvalidApprovalTokenException(exception)],
  ])("changes nothing about one that %s", async (_, refusal) => {
    const { client } = recorded(new CodePipelineClient({}), refusal);
    expect(await answerApproval(approvalAnswers(client))(event())).toEqual({ answer: "answered-before" });
  });

  it("is tried again by the machine where CodePipeline refuses it for another reason", async () => {
    const { client } = recorded(new CodePipelineClient({}), new PipelineNotFoundException(exception));
    await expect(answerApproval(approvalAnswers(client))(event())).rejects.toBeInstanceOf(PipelineNotFoundException);
  });

  it.each([511, 512, 513, 5000])("says no more than CodePipeline takes, of a sentence of %i", async (length) => {
    const answer = await answered({ sentence: "😀".repeat(length) });
    expect(answer?.summary.length).toBeLessThanOrEqual(512);
    expect(answer?.summary.isWellFormed()).toBe(true);
    expect(answer?.summary).toMatch(/😀…$/);
  });
});

describe("the pipeline's identity", () => {
  it("is a token of STS for this deployment, for five minutes", async () => {
    const { client, sent } = recorded(new STSClient({}), { WebIdentityToken: "token" });
    expect(await webIdentity(client, "https://countersign.example.org")()).toBe("token");
    expect((sent[0] as GetWebIdentityTokenCommand).input).toEqual({
      Audience: ["https://countersign.example.org"],
      SigningAlgorithm: "ES384",
      DurationSeconds: 300,
    });
  });

  it.each([
    [new STSServiceException({ name: "AccessDenied", $fault: "client", ...exception }), "is not allowed"],
    [new OutboundWebIdentityFederationDisabledException(exception), "enable-outbound-web-identity-federation"],
  ])("is refused for good, with what to do, where STS answers %s", async (refusal, sentence) => {
    const { client } = recorded(new STSClient({}), refusal);
    const asked = webIdentity(client, "https://countersign.example.org")();
    await expect(asked).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining(sentence) });
  });

  it("is asked for again where STS is only busy", async () => {
    const busy = new STSServiceException({ name: "ThrottlingException", $fault: "client", ...exception });
    const { client } = recorded(new STSClient({}), busy);
    await expect(webIdentity(client, "https://countersign.example.org")()).rejects.toBe(busy);
  });

  it("is none where STS gives none", async () => {
    const { client } = recorded(new STSClient({}), {});
    await expect(webIdentity(client, "https://countersign.example.org")()).rejects.toThrow("without a token");
  });
});
