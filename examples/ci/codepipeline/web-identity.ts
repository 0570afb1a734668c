import { GetWebIdentityTokenCommand, type STSClient } from "@aws-sdk/client-sts";

/**
 * Tokens with which this role shows a deployment who it is: signed by STS, good for five minutes. Each call gets a new
 * one. The account must have outbound identity federation switched on.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export function webIdentity(client: STSClient, audience: string): () => Promise<string> {
  return async () => {
    const { WebIdentityToken: token } = await client.send(
      new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: "ES384", DurationSeconds: 300 }),
    );
    if (token === undefined) throw new Error("STS answered without a token.");
    return token;
  };
}
