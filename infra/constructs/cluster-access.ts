import { CfnAccessEntry } from "aws-cdk-lib/aws-eks";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { allow } from "../permissions/grant.ts";
import type { ClusterSettings } from "../settings.ts";
import type { CountersignFunction } from "./countersign-function.ts";
import { PlainlyNamedNestedStack } from "./plain-names.ts";

/** The functions that speak to clusters: those that only look, the one that puts a candidate beside what runs, and those that change it. */
export interface ClusterFunctions {
  readonly readers: readonly CountersignFunction[];
  readonly shadowers: readonly CountersignFunction[];
  readonly deployers: readonly CountersignFunction[];
}

/** The groups to which infra/kubernetes/access.yaml gives its roles. */
const groups = {
  readers: "countersign:readers",
  shadowers: "countersign:shadowers",
  deployers: "countersign:deployers",
} as const;

/**
 * Lets functions into EKS clusters: an access entry for each, with a group and no access policy, so that the cluster's
 * own roles say what may be done in which namespace; and where clusters have no public endpoint, an interface in their
 * network. The entries are a stack of their own, since the service's has no room for those of many clusters. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 */
export class ClusterAccess extends PlainlyNamedNestedStack {
  constructor(scope: Construct, id: string, settings: ClusterSettings, functions: ClusterFunctions) {
    super(scope, id, { description: "Countersign: the access entries of EKS clusters." });
    for (const clusterName of settings.names) {
      for (const kind of ["readers", "shadowers", "deployers"] as const) {
        for (const each of functions[kind]) {
          new CfnAccessEntry(this, `${clusterName}${each.node.id}`, {
            clusterName,
            principalArn: each.role.roleArn,
            kubernetesGroups: [groups[kind]],
            type: "STANDARD",
          });
        }
      }
    }
    const { network } = settings;
    if (network === undefined) return;
    for (const { lambda, role } of [...functions.readers, ...functions.shadowers, ...functions.deployers]) {
      // A template refers to subnets that exist by id alone; CDK's own Vpc would have to be looked up in the account.
      const resource = lambda.node.defaultChild as CfnFunction;
      resource.vpcConfig = { subnetIds: [...network.subnetIds], securityGroupIds: [...network.securityGroupIds] };
      allow(role, [networkInterfaces]);
      resource.node.addDependency(role);
    }
  }
}

/** What Lambda does with the function's role: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const networkInterfaces = {
  actions: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  resources: ["*"],
  wildcard: "Lambda makes the function's interfaces in the cluster's network, and nobody knows their ids beforehand.",
};
