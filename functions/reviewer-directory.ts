import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { cognitoDirectory } from "../adapters/cognito/directory.ts";
import { Failure } from "../core/failure.ts";

/** The directory of the deployment's reviewers, from its environment. */
export function reviewerDirectory(environment: { readonly USER_POOL_ID: string; readonly OIDC_ISSUER: string }) {
  if (environment.USER_POOL_ID === "") {
    // Without a directory nobody can say whether somebody still holds a role, so nothing may be approved.
    throw new Failure(
      "invalid-policy",
      "This deployment names an issuer of its own and no user pool; a directory of its reviewers is needed.",
    );
  }
  return cognitoDirectory(new CognitoIdentityProviderClient({}), environment.USER_POOL_ID, environment.OIDC_ISSUER);
}
