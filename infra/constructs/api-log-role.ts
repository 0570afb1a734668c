import { RemovalPolicy, Validations } from "aws-cdk-lib";
import { CfnAccount, type RestApi } from "aws-cdk-lib/aws-apigateway";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/**
 * The role with which API Gateway writes access logs. It is a setting of the account and region, not of the API, so
 * it stays when the stack goes: other APIs may have come to rely on it.
 */
export class ApiLogRole extends Construct {
  constructor(scope: Construct, id: string, api: RestApi) {
    super(scope, id);
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("service-role/AmazonAPIGatewayPushToCloudWatchLogs")],
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(role).acknowledge({
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
      reason: "API Gateway accepts this policy and no narrower one: it tries the permissions when the role is set.",
    });
    const account = new CfnAccount(this, "Account", { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    api.deploymentStage.node.addDependency(account);
  }
}
