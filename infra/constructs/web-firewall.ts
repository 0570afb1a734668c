import { Validations } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { CfnWebACL, CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import type { Construct } from "constructs";

/** Requests from one address in five minutes after which the firewall refuses it. */
const requestsInFiveMinutes = 2000;

/** As API Gateway's own answer to too many requests; without it they are refused as forbidden, which nobody tries again. */
const tooMany = {
  type: "about:blank",
  title: "Please try again in a moment",
  status: 429,
  code: "unavailable",
  detail: "There are too many requests. Nothing was decided. Please try again in a moment.",
};

/**
 * Rules of the group that read a body, and would refuse a sign-off, a question or a policy for its words, such as a path or the
 * address of a dashboard: they count only. Each function checks its body against a schema, and no page shows one as HTML.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
 */
const rulesOfBodies = [
  // Also: a sign-off carries an ID token and can be larger than the 8 KB that this rule allows.
  "SizeRestrictions_BODY",
  "EC2MetaDataSSRF_BODY",
  "GenericLFI_BODY",
  "GenericRFI_BODY",
  "CrossSiteScripting_BODY",
];

/** Puts AWS WAF before the API where `wanted`; without it, says why not. */
export function webFirewall(scope: Construct, api: RestApi, wanted: boolean): void {
  if (!wanted) {
    Validations.of(api).acknowledge({
      id: "AwsSolutions-APIG3",
      reason:
        "AWS WAF costs by the month and by the rule; the context setting waf=true puts it before the API. Throttling holds without it.",
    });
    return;
  }
  const seen = (metricName: string) => ({ sampledRequestsEnabled: false, cloudWatchMetricsEnabled: true, metricName });
  const acl = new CfnWebACL(scope, "Firewall", {
    scope: "REGIONAL",
    defaultAction: { allow: {} },
    // Samples would show paths, and the path of a review link is a secret.
    visibilityConfig: seen("Firewall"),
    customResponseBodies: { tooMany: { contentType: "APPLICATION_JSON", content: JSON.stringify(tooMany) } },
    rules: [
      {
        name: "TooManyRequests",
        priority: 0,
        action: {
          block: {
            customResponse: {
              responseCode: 429,
              customResponseBodyKey: "tooMany",
              responseHeaders: [{ name: "retry-after", value: "60" }],
            },
          },
        },
        statement: { rateBasedStatement: { limit: requestsInFiveMinutes, aggregateKeyType: "IP" } },
        visibilityConfig: seen("TooManyRequests"),
      },
      {
        name: "CommonRules",
        priority: 1,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name: "AWSManagedRulesCommonRuleSet",
            ruleActionOverrides: rulesOfBodies.map((name) => ({ name, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: seen("CommonRules"),
      },
    ],
  });
  new CfnWebACLAssociation(scope, "FirewallAssociation", {
    webAclArn: acl.attrArn,
    resourceArn: api.deploymentStage.stageArn,
  });
}
