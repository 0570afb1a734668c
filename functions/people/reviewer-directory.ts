import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { IdentitystoreClient } from "@aws-sdk/client-identitystore";
import { STSClient } from "@aws-sdk/client-sts";
import * as v from "valibot";
import { cognitoDirectory } from "../../adapters/cognito/directory.ts";
import { identityStoreDirectory } from "../../adapters/identity-store/directory.ts";
import { roleSession } from "../../adapters/sts/role-session.ts";
import { identityStoreActions } from "../targets/session-actions.ts";

const name = v.pipe(v.string(), v.nonEmpty());
/**
 * Both directories take twenty or thirty listings a second of all callers together, and each decision lists: what is asked
 * beyond that is asked again, over some seconds, before it is said to be unavailable.
 */
const patiently = { maxAttempts: 6 } as const;
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
    return cognitoDirectory(new CognitoIdentityProviderClient(patiently), REVIEWER_DIRECTORY, OIDC_ISSUER);
  const { identityStoreId, region, role } = v.parse(identityStores, JSON.parse(REVIEWER_DIRECTORY));
  const elsewhere =
    role === undefined ? {} : { credentials: roleSession(new STSClient({}), role, identityStoreActions) };
  return identityStoreDirectory(
    new IdentitystoreClient({ region, ...patiently, ...elsewhere }),
    identityStoreId,
    OIDC_ISSUER,
  );
}
