import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { IdentitystoreClient } from "@aws-sdk/client-identitystore";
import { STSClient } from "@aws-sdk/client-sts";
import * as v from "valibot";
import { cognitoDirectory } from "../adapters/cognito/directory.ts";
import { identityStoreDirectory } from "../adapters/identity-store/directory.ts";
import { roleSession } from "../adapters/sts/role-session.ts";
import { identityStoreActions } from "./session-actions.ts";

const name = v.pipe(v.string(), v.nonEmpty());
const identityStores = v.strictObject({ identityStoreId: name, region: name, role: v.optional(name) });

/**
 * The directory of the deployment's reviewers, from its environment: `REVIEWER_DIRECTORY` is the id of a Cognito user pool; or JSON,
 * of the identity store of IAM Identity Center, for an issuer of the organisation's own.
 */
export function reviewerDirectory({
  REVIEWER_DIRECTORY,
  OIDC_ISSUER,
}: {
  readonly REVIEWER_DIRECTORY: string;
  readonly OIDC_ISSUER: string;
}) {
  if (!REVIEWER_DIRECTORY.startsWith("{"))
    return cognitoDirectory(new CognitoIdentityProviderClient({}), REVIEWER_DIRECTORY, OIDC_ISSUER);
  const { identityStoreId, region, role } = v.parse(identityStores, JSON.parse(REVIEWER_DIRECTORY));
  const elsewhere =
    role === undefined ? {} : { credentials: roleSession(new STSClient({}), role, identityStoreActions) };
  return identityStoreDirectory(new IdentitystoreClient({ region, ...elsewhere }), identityStoreId, OIDC_ISSUER);
}
