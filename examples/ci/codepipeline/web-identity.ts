import { GetWebIdentityTokenCommand, type STSClient, STSServiceException } from "@aws-sdk/client-sts";
import { Failure } from "../../../core/failure.ts";

/** What waiting does not mend, and what whoever runs the pipeline does about it. */
const refusals: Readonly<Record<string, string>> = {
  AccessDenied: "STS gives the gate's role no token: the role is not allowed sts:GetWebIdentityToken for this address.",
  OutboundWebIdentityFederationDisabledException:
    "STS gives no tokens in this account: enable them with aws iam enable-outbound-web-identity-federation.",
};

/**
 * Tokens with which this role shows a deployment who it is: signed by STS, good for five minutes. Each call gets a new
 * one. The account must have outbound identity federation switched on. Throws `forbidden` where STS refuses for good.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export function webIdentity(client: STSClient, audience: string): () => Promise<string> {
  return async () => {
    const { WebIdentityToken: token } = await client
      .send(new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: "ES384", DurationSeconds: 300 }))
      .catch(throwRefusal);
    if (token === undefined) throw new Error("STS answered without a token.");
    return token;
  };
}

function throwRefusal(cause: unknown): never {
  const sentence = cause instanceof STSServiceException ? refusals[cause.name] : undefined;
  throw sentence === undefined ? cause : new Failure("forbidden", sentence, { cause });
}
