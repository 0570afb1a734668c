import { fileURLToPath } from "node:url";
import { Duration, Stack } from "aws-cdk-lib";
import {
  ManualApprovalAction,
  StateMachineInput,
  StepFunctionInvokeAction,
} from "aws-cdk-lib/aws-codepipeline-actions";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { DefinitionBody, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

export interface PromotionGateProps {
  /** Address of the Countersign deployment. */
  readonly url: string;
  /** The role that submits the candidates: a pipeline is told about its own promotions only. */
  readonly identity: IRole;
  /** Names of pipeline, stage and action of the manual approval, if there is one: it may answer no other. */
  readonly approval: { readonly pipelineName: string; readonly stageName: string; readonly actionName: string };
}

/**
 * An execution's history ends at 25,000 events, and one look takes ten of them: these reach over 7 and 60 days.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const lookEvery = { invoke: Duration.minutes(5), approval: Duration.minutes(45) };

/** CodePipeline lets a manual approval wait for 60 days; the Step Functions action gives up after 7. */
export const longestWait = Duration.days(60);

/**
 * Holds a pipeline until Countersign's reviewers have decided and the candidate runs. Nobody decides in CodePipeline:
 * what becomes of the promotion is what the gate says.
 */
export class PromotionGate extends Construct {
  readonly machine: StateMachine;
  readonly #props: PromotionGateProps;
  readonly #topic: Topic;

  constructor(scope: Construct, id: string, props: PromotionGateProps) {
    super(scope, id);
    this.#props = props;
    const look = this.#function("LookAtPromotion", "look-at-promotion", { COUNTERSIGN_URL: props.url }, props.identity);
    const answer = this.#function("AnswerApproval", "answer-approval", {});
    const { pipelineName, stageName, actionName } = props.approval;
    answer.addToRolePolicy(
      new PolicyStatement({
        actions: ["codepipeline:PutApprovalResult"],
        resources: [
          Stack.of(this).formatArn({ service: "codepipeline", resource: `${pipelineName}/${stageName}/${actionName}` }),
        ],
      }),
    );
    this.machine = new StateMachine(this, "Machine", {
      definitionBody: DefinitionBody.fromFile(fileURLToPath(new URL("follow-promotion.asl.json", import.meta.url))),
      definitionSubstitutions: { LookFunctionArn: look.functionArn, AnswerFunctionArn: answer.functionArn },
      timeout: longestWait,
    });
    look.grantInvoke(this.machine);
    answer.grantInvoke(this.machine);

    this.#topic = new Topic(this, "ApprovalsWaiting", { enforceSSL: true });
    const hear = this.#function("HearApproval", "hear-approval", {
      STATE_MACHINE_ARN: this.machine.stateMachineArn,
      EVERY_SECONDS: String(lookEvery.approval.toSeconds()),
    });
    this.machine.grantStartExecution(hear);
    this.#topic.addSubscription(new LambdaSubscription(hear));
  }

  /** For reviews of a few days: CodePipeline itself runs the machine, and gives up after 7 days. */
  invokeAction(promotion: string): StepFunctionInvokeAction {
    return new StepFunctionInvokeAction({
      actionName: "Countersign",
      stateMachine: this.machine,
      stateMachineInput: StateMachineInput.literal({
        promotionId: promotion,
        everySeconds: lookEvery.invoke.toSeconds(),
      }),
    });
  }

  /** For reviews of up to 60 days: a manual approval that the machine answers. */
  approvalAction(promotion: string): ManualApprovalAction {
    return new ManualApprovalAction({
      actionName: this.#props.approval.actionName,
      notificationTopic: this.#topic,
      additionalInformation: promotion,
      externalEntityLink: `${this.#props.url}/#/promotions/${promotion}`,
      timeout: longestWait,
    });
  }

  #function(id: string, folder: string, environment: Record<string, string>, role?: IRole): NodejsFunction {
    return new NodejsFunction(this, id, {
      entry: fileURLToPath(new URL(`${folder}/index.ts`, import.meta.url)),
      depsLockFilePath: fileURLToPath(new URL("../../../package-lock.json", import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(1),
      memorySize: 256,
      environment,
      ...(role === undefined ? {} : { role }),
      bundling: {
        format: OutputFormat.ESM,
        minify: true,
        // The SDK is bundled: what was tested is what runs. Some of it is CommonJS and asks for `require`.
        externalModules: [],
        banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
      },
    });
  }
}
