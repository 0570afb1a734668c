import type { Ports } from "./ports.ts";
import type { StandIns } from "./stand-ins.ts";

/** Where everything is. */
export interface StackAddresses {
  /** What a browser opens: pages and API, without a slash at the end. */
  readonly portal: string;
  readonly mailbox: string;
  /** What was sent by other channels than email, where they end on this machine. */
  readonly channels: string;
  /** `iss` of the reviewers' tokens. */
  readonly issuer: string;
  /** `iss` of the CI systems' tokens. */
  readonly ciIssuer: string;
  readonly ciJwksUri: string;
  /** SageMaker's runtime API (`/endpoints/{name}/invocations`) and its control API. */
  readonly sagemaker: string;
  readonly s3: string;
  readonly dynamodb: string;
  readonly kms: string;
  readonly stepFunctions: string;
}

/** The addresses of a stack on these ports. */
export function addressesOf(ports: Ports, { ses, identity, ci, s3, dynamodb, kms }: StandIns): StackAddresses {
  return {
    // `localhost`, not a number: browsers give that name the rights of a secure origin.
    portal: `http://localhost:${ports.portal}`,
    mailbox: `${ses.url.replace("127.0.0.1", "localhost")}/mailbox`,
    channels: `http://localhost:${ports.channels}/channels`,
    issuer: identity.issuer,
    ciIssuer: ci.issuer,
    ciJwksUri: ci.jwksUri,
    sagemaker: `http://127.0.0.1:${ports.sagemaker}`,
    s3: s3.url,
    dynamodb: dynamodb.url,
    kms: kms.url,
    stepFunctions: `http://127.0.0.1:${ports.stepFunctions}`,
  };
}
