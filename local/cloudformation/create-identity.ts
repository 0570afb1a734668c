import { Failure } from "../../core/failure.ts";
import { localRegion } from "../aws/aws-call.ts";
import { asText, isList } from "../aws/json-shape.ts";
import { userPoolArn } from "../cognito/cognito.ts";
import { localArn, type World } from "../world.ts";
import type { Creator, ResourceRequest } from "./create-resources.ts";

/** Who may sign in and who may do what. */
export const identityCreators: Readonly<Record<string, Creator>> = {
  // What a role may do is judged by the grants test; here it is a name.
  "AWS::IAM::Role": ({ logicalId, properties }) => {
    const name = String(properties["RoleName"] ?? logicalId);
    return { ref: name, attributes: { Arn: localArn("iam", `role/${name}`), RoleId: logicalId } };
  },
  "AWS::Cognito::UserPool": createUserPool,
  "AWS::Cognito::UserPoolGroup": ({ properties }, { groups }) => {
    const name = asText(properties["GroupName"], "GroupName");
    groups.push(name);
    return { ref: name, attributes: {} };
  },
  "AWS::Cognito::UserPoolDomain": createDomain,
  "AWS::Cognito::UserPoolClient": createClient,
};

function createUserPool({ logicalId }: ResourceRequest, { addresses, made, moved }: World) {
  if (made.some(({ type }) => type === "AWS::Cognito::UserPool")) {
    throw new Failure("invalid-request", `${logicalId} is a second user pool; the local identity provider is one.`);
  }
  const { userPoolId, issuer } = addresses;
  // The portal's content security policy names Cognito's own host.
  moved.set(`https://cognito-idp.${localRegion}.amazonaws.com`, new URL(issuer).origin);
  return {
    ref: userPoolId,
    attributes: {
      Arn: userPoolArn(userPoolId),
      UserPoolId: userPoolId,
      ProviderURL: issuer,
      ProviderName: issuer.replace(/^https?:\/\//, ""),
    },
  };
}

function createDomain({ logicalId, properties }: ResourceRequest, { moved, addresses }: World) {
  const domain = asText(properties["Domain"], `Domain of ${logicalId}`);
  moved.set(`https://${domain}.auth.${localRegion}.amazoncognito.com`, new URL(addresses.issuer).origin);
  return { ref: domain, attributes: { CloudFrontDistribution: "local" } };
}

function createClient({ logicalId, properties }: ResourceRequest, { oidcClients, addresses }: World) {
  if (properties["GenerateSecret"] === true) {
    throw new Failure("invalid-request", `${logicalId} has a secret; only public clients are carried here.`);
  }
  const redirectUris = textsOf(properties["CallbackURLs"]);
  const ofPortal = redirectUris.some((uri) => uri.startsWith(addresses.portal));
  const onLoopback = redirectUris.every((uri) => /^http:\/\/(localhost|127\.0\.0\.1)([:/]|$)/.test(uri));
  oidcClients.push({
    clientId: logicalId,
    name: String(properties["ClientName"] ?? logicalId),
    kind: onLoopback && !ofPortal ? "native" : "browser",
    redirectUris,
    logoutUris: textsOf(properties["LogoutURLs"]),
  });
  return { ref: logicalId, attributes: { ClientId: logicalId, Name: logicalId } };
}

function textsOf(value: unknown): readonly string[] {
  return isList(value) ? value.map((item) => asText(item, "an address of a user pool client")) : [];
}
