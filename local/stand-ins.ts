import { join } from "node:path";
import type { AwsCallLog, LocalService } from "./aws/aws-call.ts";
import { type LocalSes, startSes } from "./channels/ses.ts";
import { type LocalCiIssuer, startCiIssuer } from "./ci-issuer.ts";
import { type LocalOidcProvider, startOidcProvider } from "./cognito/oidc-provider.ts";
import { type LocalDynamoDb, startDynamoDb } from "./dynamodb/dynamodb.ts";
import { type LocalKms, startKms } from "./kms/kms.ts";
import type { Ports } from "./ports.ts";
import { refuseEverything } from "./refuse-everything.ts";
import { type LocalS3, startS3 } from "./s3/s3.ts";

/** The stand-ins that are up before any resource is made. */
export interface StandIns {
  readonly dynamodb: LocalDynamoDb;
  readonly s3: LocalS3;
  readonly kms: LocalKms;
  readonly ses: LocalSes;
  readonly identity: LocalOidcProvider;
  readonly ci: LocalCiIssuer;
  /** Every other AWS service: refuses whatever it is asked. */
  readonly elsewhere: LocalService;
}

/** Id of the one user pool; `us-east-1_` and some letters, as Cognito makes them. */
export const userPoolId = "us-east-1_Countersign";

/** Starts them, with their data below `directory`. `started` gets each as it comes up, so that a failure can stop it. */
export async function startStandIns(options: {
  readonly directory: string;
  readonly peopleFile: string;
  readonly ports: Ports;
  readonly log: AwsCallLog;
  readonly started: (service: LocalService) => void;
}): Promise<StandIns> {
  const { directory, peopleFile, ports, log } = options;
  const noted = async <Service extends LocalService>(starting: Promise<Service>): Promise<Service> => {
    const service = await starting;
    options.started(service);
    return service;
  };
  const folder = (name: string): string => join(directory, name);
  // One after the other: together they would take no less time on two cores, and a failure leaves nothing half up.
  return {
    dynamodb: await noted(startDynamoDb({ directory: folder("dynamodb"), log, port: ports.dynamodb, scan: true })),
    s3: await noted(startS3({ directory: folder("s3"), log, port: ports.s3 })),
    kms: await noted(startKms({ directory: folder("kms"), log, port: ports.kms })),
    ses: await noted(startSes({ directory: folder("ses"), log, port: ports.mailbox })),
    identity: await noted(
      startOidcProvider({ directory: folder("identity"), peopleFile, userPoolId, port: ports.issuer }),
    ),
    ci: await noted(startCiIssuer({ directory: folder("ci-issuer"), port: ports.ciIssuer })),
    elsewhere: await noted(refuseEverything(ports.elsewhere)),
  };
}

/**
 * Where a function's SDK clients find the stand-ins. Each variable ends in the service's id in capitals
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html); the plain one catches every other
 * service, so that no client can reach AWS by mistake.
 */
export function endpointVariables(ports: Ports): Readonly<Record<string, string>> {
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  return {
    AWS_ENDPOINT_URL: at(ports.elsewhere),
    AWS_ENDPOINT_URL_CLOUDFORMATION: at(ports.cloudFormation),
    AWS_ENDPOINT_URL_CLOUDWATCH: at(ports.cloudWatch),
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: at(ports.cognito),
    AWS_ENDPOINT_URL_DYNAMODB: at(ports.dynamodb),
    AWS_ENDPOINT_URL_EKS: at(ports.eks),
    AWS_ENDPOINT_URL_EVENTBRIDGE: at(ports.eventBridge),
    AWS_ENDPOINT_URL_KMS: at(ports.kms),
    AWS_ENDPOINT_URL_S3: at(ports.s3),
    AWS_ENDPOINT_URL_SAGEMAKER: at(ports.sagemaker),
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: at(ports.sagemaker),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: at(ports.secrets),
    AWS_ENDPOINT_URL_SESV2: at(ports.mailbox),
    AWS_ENDPOINT_URL_SFN: at(ports.stepFunctions),
    AWS_ENDPOINT_URL_SQS: at(ports.sqs),
    AWS_ENDPOINT_URL_STS: at(ports.sts),
  };
}
