import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { reviewerClients } from "../../infra/constructs/reviewer-clients.ts";

describe("the applications that people sign in to", () => {
  // CloudFormation's own rules are held against the whole stacks (service-stack.test.ts); loading them takes ten seconds.
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), "Names");
  const addresses = { issuer: "https://id.example/pool", loginOrigin: "https://login.example" };
  const pool = { kind: "pool", poolId: "us-east-1_pool", poolArn: "arn:aws:cognito-idp:::userpool/pool" } as const;
  reviewerClients(stack, "Clients", { ...pool, ...addresses }, "https://sign.example");
  const clients = Object.values(Template.fromStack(stack).findResources("AWS::Cognito::UserPoolClient")).map(
    ({ Properties }) => Properties,
  );

  it("are called by names that people know", () => {
    const names = clients.map(({ ClientName }) => ClientName);
    expect(names).toEqual(["Countersign", "the countersign command"]);
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html
    for (const name of names) expect(name).toMatch(/^[\w\s+=,.@-]{1,128}$/);
  });

  it("are given tokens for a code alone: none in an address, for a password or for a secret of the application's own", () => {
    const ways = clients.map((client) => ({
      flows: client.AllowedOAuthFlows,
      isOAuth: client.AllowedOAuthFlowsUserPoolClient,
      besides: client.ExplicitAuthFlows,
      hasSecret: client.GenerateSecret,
    }));
    const code = { flows: ["code"], isOAuth: true, besides: ["ALLOW_REFRESH_TOKEN_AUTH"], hasSecret: false };
    expect(ways).toEqual([code, code]);
  });
});
