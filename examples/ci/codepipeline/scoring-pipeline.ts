import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import {
  BuildEnvironmentVariableType,
  BuildSpec,
  LinuxArmBuildImage,
  PipelineProject,
} from "aws-cdk-lib/aws-codebuild";
import { Artifact, ExecutionMode, Pipeline, PipelineType } from "aws-cdk-lib/aws-codepipeline";
import { CodeBuildAction, S3SourceAction } from "aws-cdk-lib/aws-codepipeline-actions";
import { CompositePrincipal, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { PromotionGate } from "./promotion-gate.ts";

export interface ScoringPipelineProps extends StackProps {
  readonly url: string;
  /** The deployment's exchange bucket. */
  readonly exchangeBucket: string;
  /** `invoke` for reviews of a few days, `approval` for those of up to 60. */
  readonly wait: "invoke" | "approval";
}

const sourceKey = "source.zip";
const tokenSeconds = 3600;

/**
 * A pipeline that trains, submits, and waits for the people who answer for the model. Its source is a zip with the
 * training code, `train.sh` of which writes the candidate, and the command line's package, `countersign.tgz`: whoever puts
 * it there has compared its SHA-256.
 */
export class ScoringPipeline extends Stack {
  constructor(scope: Construct, id: string, given: ScoringPipelineProps) {
    super(scope, id, given);
    // The audience of every token, as the deployment knows itself: with no slash behind it.
    const props = { ...given, url: new URL(given.url).origin };
    const files = new Bucket(this, "Files", {
      versioned: true,
      enforceSSL: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
      // CDK's own types do not agree under exactOptionalPropertyTypes.
    }) as IBucket;
    new CfnOutput(this, "Source", { value: files.s3UrlForObject(sourceKey), description: "Where the source goes." });
    const approval = { pipelineName: "credit-scoring", stageName: "Decision", actionName: "Countersign" };
    const identity = this.#identity(props);
    const source = new Artifact("source");
    const submit = new CodeBuildAction({
      actionName: "Submit",
      project: this.#project(identity, props),
      input: source,
      variablesNamespace: "submit",
    });
    const promotion = submit.variable("PROMOTION");
    const gate = new PromotionGate(this, "Gate", { url: props.url, identity, approval });
    new Pipeline(this, "Pipeline", {
      pipelineName: approval.pipelineName,
      pipelineType: PipelineType.V2,
      // Each run waits for its own candidate; a newer candidate supersedes the older one in Countersign, by the gates.
      executionMode: ExecutionMode.QUEUED,
      artifactBucket: files,
      stages: [
        {
          stageName: "Source",
          actions: [new S3SourceAction({ actionName: "Source", bucket: files, bucketKey: sourceKey, output: source })],
        },
        { stageName: "Candidate", actions: [submit] },
        {
          stageName: approval.stageName,
          actions: [props.wait === "invoke" ? gate.invokeAction(promotion) : gate.approvalAction(promotion)],
        },
      ],
    });
  }

  /** Who the pipeline is for Countersign: the build submits as this role, and the gate looks as it. */
  #identity({ url, exchangeBucket }: ScoringPipelineProps): Role {
    const role = new Role(this, "Identity", {
      roleName: "credit-scoring-submit",
      description: "The credit-scoring pipeline, as policies/machines.yaml of Countersign knows it.",
      assumedBy: new CompositePrincipal(
        new ServicePrincipal("codebuild.amazonaws.com"),
        new ServicePrincipal("lambda.amazonaws.com"),
      ),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("service-role/AWSLambdaBasicExecutionRole")],
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["sts:GetWebIdentityToken"],
        // STS knows no resources here; the conditions say for whom a token is, and for how long.
        resources: ["*"],
        conditions: {
          "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": [url] },
          NumericLessThanEquals: { "sts:DurationSeconds": tokenSeconds },
        },
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ["s3:PutObject"],
        resources: [`arn:${this.partition}:s3:::${exchangeBucket}/incoming/*`],
      }),
    );
    return role;
  }

  #project(role: Role, { url, exchangeBucket }: ScoringPipelineProps): PipelineProject {
    return new PipelineProject(this, "SubmitCandidate", {
      role,
      timeout: Duration.hours(2),
      environment: {
        buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0,
        environmentVariables: {
          COUNTERSIGN_URL: { type: BuildEnvironmentVariableType.PLAINTEXT, value: url },
          COUNTERSIGN_BUCKET: { type: BuildEnvironmentVariableType.PLAINTEXT, value: exchangeBucket },
        },
      },
      buildSpec: BuildSpec.fromObject({
        version: "0.2",
        env: { shell: "bash", "exported-variables": ["PROMOTION"] },
        phases: {
          install: {
            "runtime-versions": { nodejs: "latest" },
            commands: ["npm install --global --offline --ignore-scripts --no-audit --no-fund ./countersign.tgz"],
          },
          build: { commands: ["./train.sh dist"] },
          post_build: { commands: submitCommands },
        },
      }),
    });
  }
}

/**
 * The token is for this one call, which uploads first: it must not end before a large model is there. STS gives none that live longer.
 * Nothing keeps it. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export const submitCommands = [
  // post_build runs after a build that failed as well.
  '[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]',
  `COUNTERSIGN_TOKEN=$(aws sts get-web-identity-token --audience "$COUNTERSIGN_URL" --signing-algorithm ES384 --duration-seconds ${tokenSeconds} --query WebIdentityToken --output text)`,
  "export COUNTERSIGN_TOKEN",
  'PROMOTION=$(countersign submit --file dist/promotion.json --upload dist --bucket "$COUNTERSIGN_BUCKET")',
  "unset COUNTERSIGN_TOKEN",
  // CodeBuild hands on what is exported; the next action reads it as #{submit.PROMOTION}.
  "export PROMOTION",
];
