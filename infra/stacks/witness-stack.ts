import { fileURLToPath } from "node:url";
import { CfnOutput, CfnParameter, Duration, RemovalPolicy, type StackProps, Validations } from "aws-cdk-lib";
import {
  AccessLogFormat,
  EndpointType,
  type IRestApi,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type ILogGroupRef, LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { Alarms } from "../constructs/alarms.ts";
import { ApiLogRole } from "../constructs/api-log-role.ts";
import { CountersignFunction } from "../constructs/countersign-function.ts";
import { FunctionBundles } from "../constructs/function-bundles.ts";
import { PlainlyNamedStack } from "../constructs/plain-names.ts";
import { stageName } from "../constructs/review-api.ts";
import { witnessFunctions } from "../functions.ts";
import { allow } from "../permissions/grant.ts";
import type { Settings } from "../settings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The stack as it is called wherever it is made. */
export function witnessStack(scope: Construct, settings: Settings): WitnessStack {
  return new WitnessStack(scope, "CountersignWitness", settings, {
    description: "Countersign: a witness that cosigns the checkpoints of logs. For an account of its own.",
  });
}

/**
 * A witness (https://c2sp.org/tlog-witness): a key, the head of each log that it has cosigned last, and one call. It
 * belongs in an account that the operators of the logs have no say in; it shares nothing with the other stacks.
 */
export class WitnessStack extends PlainlyNamedStack {
  constructor(scope: Construct, id: string, settings: Settings, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const name = new CfnParameter(this, "WitnessName", {
      description: "The name in the witness's verifier key, such as witness.example.org/countersign.",
      allowedPattern: "[^\\s+]+",
    }).valueAsString;
    const logs = new CfnParameter(this, "WatchedLogs", {
      default: "[]",
      description: "JSON: note verifier keys of the logs that are watched, several for one log during a rotation.",
    }).valueAsString;

    const key = new Key(this, "WitnessKey", {
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      description: "Countersign: cosigns checkpoints.",
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // A head that is forgotten would let a fork be cosigned: the table stays as the key does.
    const heads = new Table(this, "HeadsTable", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const bundles = new FunctionBundles(root, Object.keys(witnessFunctions));
    const witness = new CountersignFunction(this, {
      bundles,
      name: "api/add-checkpoint",
      variables: {
        HEADS_TABLE: heads.tableName,
        WITNESS_KEY_ID: key.keyArn,
        WITNESS_NAME: name,
        WATCHED_LOGS: logs,
      },
    });
    allow(witness.role, [
      { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [heads.tableArn] },
      { actions: ["kms:GetPublicKey"], resources: [key.keyArn] },
      {
        actions: ["kms:Sign"],
        resources: [key.keyArn],
        conditions: { StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" } },
      },
    ]);
    const api = this.#api();
    if (settings.makesApiLogRole) new ApiLogRole(this, "ApiLogRole", api);
    const integration = new LambdaIntegration(witness.lambda as IFunction, { allowTestInvoke: false });
    api.root.resourceForPath("/add-checkpoint").addMethod("POST", integration);
    const alarms = new Alarms(this, "Alarms", settings.alarmEmail);
    alarms.watch("LogForked", {
      heading: "ledgerForked",
      sentence: "A log has signed two trees of one size.",
      metric: alarms.occurrences("Forks", witness.logGroup, FilterPattern.literal('"ledger-fork"')),
      above: 0,
    });
    // Anybody may send a head with a proof of nothing; a log that goes on has its own cosigned all the same, every minute.
    alarms.watch("LogUnproven", {
      heading: "ledgerForked",
      sentence: "For an hour heads were shown without a proof that they go on, and nothing was cosigned.",
      metric: new MathExpression({
        expression: "IF(FILL(unproven, 0) > 0 AND FILL(cosigned, 0) < 1, 1, 0)",
        usingMetrics: {
          unproven: alarms.occurrences("Unproven", witness.logGroup, FilterPattern.literal('"unproven-head"')),
          cosigned: alarms.occurrences("Cosigned", witness.logGroup, FilterPattern.literal('"cosigned"')),
        },
        label: "Shown without a proof, and nothing cosigned",
        period: Duration.minutes(30),
      }),
      // Of one alone its first seconds may hold the stranger's head and not yet the log's.
      periods: 2,
      above: 0,
    });
    alarms.watch("AddCheckpointFails", {
      heading: "functionFails",
      sentence: "AddCheckpoint ended with an error.",
      metric: witness.lambda.metricErrors({ statistic: "Sum", period: Duration.minutes(5) }),
      above: 0,
    });
    // The function answers what fails beneath it, such as its key or its table, and ends without an error then.
    alarms.watch("WitnessFails", {
      heading: "apiFails",
      sentence: "The witness answered with server errors.",
      metric: api.metricServerError({ statistic: "Sum", period: Duration.minutes(5) }),
      above: 0,
      periods: 2,
    });
    // Without a slash at the end: the path of the call follows.
    const prefix = `https://${api.restApiId}.execute-api.${this.region}.${this.urlSuffix}/${stageName}`;
    new CfnOutput(this, "SubmissionPrefix", { value: prefix });
    new CfnOutput(this, "WitnessKeyId", { value: key.keyId });
  }

  #api(): RestApi {
    const log = new LogGroup(this, "AccessLog", {
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const api = new RestApi(this, "Api", {
      restApiName: this.stackName,
      description: "Countersign: a witness of transparency logs.",
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        stageName,
        throttlingRateLimit: 10,
        throttlingBurstLimit: 20,
        accessLogDestination: new LogGroupLogDestination(log as ILogGroupRef),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
        loggingLevel: MethodLoggingLevel.OFF,
        // Of the API as a whole CloudWatch has numbers anyway, and the alarms need no others; those of each route are paid by the number.
        metricsEnabled: false,
      },
    });
    const why = "The protocol knows no callers: whoever has a checkpoint that the log signed may show it.";
    Validations.of(api as IRestApi).acknowledge(
      { id: "AwsSolutions-APIG4", reason: why },
      { id: "AwsSolutions-COG4", reason: why },
      { id: "AwsSolutions-APIG2", reason: "The body is text in a format that the function reads strictly." },
      { id: "AwsSolutions-APIG3", reason: "Throttling bounds it; a firewall can be put before it." },
      { id: "AwsSolutions-APIG6", reason: "The access log and the function's log say all there is." },
    );
    return api;
  }
}
