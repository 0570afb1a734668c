import { describe, expect, it } from "vitest";
import { resource, resourcesOf, synthesize } from "./synthesized.ts";

const { serviceTemplate: service } = synthesize();
const config = resource(service, "PortalDistribution").Properties["DistributionConfig"];

describe("the portal's distribution", () => {
  // "For all other error codes, CloudFront ignores no-store": one reviewer's 503 would be everybody's for ten seconds.
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
  it("keeps no fault of the API for whoever asks next, and puts no page in its place", () => {
    expect(config).toMatchObject({
      CustomErrorResponses: [500, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
    });
    expect(JSON.stringify(config)).not.toContain("ResponsePagePath");
  });

  // https://github.com/aws/aws-cdk/issues/15891: after ten minutes the wait fails, and with it the deployment of the whole stack.
  it("is told to forget the page before, and no deployment waits until it has", () => {
    const published = Object.values(resourcesOf(service)).filter(({ Type }) => Type === "Custom::CDKBucketDeployment");
    expect(
      published.map(({ Properties: { DistributionId, WaitForDistributionInvalidation: waits } }) => ({
        DistributionId,
        waits,
      })),
    ).toEqual([{ DistributionId: { Ref: "PortalDistribution" }, waits: false }]);
  });

  // CloudFront adds what a policy has to every answer, also to a 403 about a file that was not there yet as its page came.
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/modifying-response-headers.html
  it("has files kept for good by browsers, and never that one was missing", () => {
    for (const id of ["PortalAssetHeaders", "PortalVerifierHeaders"])
      expect(JSON.stringify(resource(service, id).Properties), id).not.toContain("Cache-Control");
    expect(JSON.stringify(resource(service, "PortalPageHeaders").Properties)).toContain(
      '"Header":"Cache-Control","Override":true,"Value":"no-store"',
    );
    const [published] = Object.values(resourcesOf(service)).filter(
      ({ Type }) => Type === "Custom::CDKBucketDeployment",
    );
    expect(published?.Properties["SystemMetadata"]).toEqual({
      "cache-control": "public, max-age=31536000, s-maxage=86400, immutable",
    });
  });
});
