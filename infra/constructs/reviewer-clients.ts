import { CfnManagedLoginBranding, CfnUserPoolClient } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import type { Reviewers } from "../stacks/data-stack.ts";

/**
 * Where the command line listens for the answer of a sign-in. Cognito takes loopback addresses and compares them
 * with their port, so there are a few fixed ones: the command takes the first that is free.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
 */
export const cliCallbacks = [47_801, 47_802, 47_803].map((port) => `http://127.0.0.1:${port}/callback`);

export interface ClientIds {
  readonly portal: string;
  readonly cli: string;
}

/** The portal and the command line as public OAuth clients (RFC 8252): authorization code with PKCE, and nothing else. */
export function reviewerClients(scope: Construct, id: string, reviewers: Reviewers, portalUrl: string): ClientIds {
  if (reviewers.kind === "issuer") {
    return { portal: reviewers.issuer.portalClientId, cli: reviewers.issuer.cliClientId };
  }
  const clients = new Construct(scope, id);
  const client = (name: string, clientName: string, callbackUrLs: string[], logoutUrLs: string[]): string => {
    const { attrClientId: clientId } = new CfnUserPoolClient(clients, name, {
      userPoolId: reviewers.poolId,
      // People may read it where they sign in.
      clientName,
      generateSecret: false,
      preventUserExistenceErrors: "ENABLED",
      // No sign-in but on managed login's pages. The others give a token with which people could change their own
      // address, and the address says who they are; for the same reason that token's scope is not among these.
      explicitAuthFlows: ["ALLOW_REFRESH_TOKEN_AUTH"],
      allowedOAuthFlowsUserPoolClient: true,
      allowedOAuthFlows: ["code"],
      allowedOAuthScopes: ["openid", "email", "profile"],
      supportedIdentityProviders: ["COGNITO"],
      callbackUrLs,
      logoutUrLs,
      enableTokenRevocation: true,
      // A sign-off needs a fresh sign-in anyway; the session is for reading.
      idTokenValidity: 15,
      accessTokenValidity: 15,
      refreshTokenValidity: 480,
      tokenValidityUnits: { idToken: "minutes", accessToken: "minutes", refreshToken: "minutes" },
    });
    // Managed login shows no page for a client without a style.
    new CfnManagedLoginBranding(clients, `${name}Style`, {
      userPoolId: reviewers.poolId,
      clientId,
      useCognitoProvidedValues: true,
    });
    return clientId;
  };
  return {
    portal: client("Portal", "Countersign", [`${portalUrl}/`], [`${portalUrl}/`]),
    cli: client("Cli", "the countersign command", cliCallbacks, []),
  };
}
