import { Aws, Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { Certificate, type ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  type ErrorResponse,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  type ResponseHeadersPolicyProps,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { onlyWrittenBy } from "../permissions/bucket-writers.ts";
import type { Settings } from "../settings.ts";
import { portalLogPrefix, type Reviewers } from "../stacks/data-stack.ts";
import { stageName } from "./review-api.ts";
import { withUnknownLinks, withUnknownPaths } from "./unknown-paths.ts";

export interface PortalDistributionProps {
  readonly api: RestApi;
  readonly reviewers: Reviewers;
  /** The bucket from which the page fetches packs, by addresses that the API gives it. */
  readonly exchange: string;
  /** Where the access log of the portal's bucket goes. */
  readonly logs: IBucket;
  readonly domain?: NonNullable<Settings["portalDomain"]>;
}

/**
 * The portal's files and the API under one address: the page needs no CORS, and its cookies and storage are nobody
 * else's. The API's origin is written from its id, so that the distribution depends on no function.
 */
export class PortalDistribution extends Construct {
  readonly bucket: Bucket;
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: PortalDistributionProps) {
    super(scope, id);
    this.bucket = new Bucket(this, "Files", {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      serverAccessLogsBucket: props.logs,
      serverAccessLogsPrefix: portalLogPrefix,
      // CloudFormation removes no bucket with files in it: neither the last day nor a first deployment that fails would end.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Who serves the page chooses what people are sent to sign. CDK's own function brings it, with each deployment.
    onlyWrittenBy(this.bucket, { ours: "CustomCDKBucketDeployment*" });
    Validations.of(this.bucket).acknowledge({
      id: "Annotation::@aws-cdk/aws-s3:accessLogsPolicyNotAdded",
      reason: "The data stack, to which the logs bucket belongs, has the statement.",
    });
    const api = new HttpOrigin(`${props.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
      // Not the stage itself: it needs the routes, they need the functions, and those need this address.
      originPath: `/${stageName}`,
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      readTimeout: Duration.seconds(30),
    });
    const throughToApi = (allowedMethods: AllowedMethods, headers: ResponseHeadersPolicy): BehaviorOptions => ({
      origin: api,
      allowedMethods,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      responseHeadersPolicy: headers,
    });
    const pagePolicy = contentSecurityPolicy(props);
    const headers = (name: string, more: Partial<ResponseHeadersPolicyProps> = {}, policy = pagePolicy) =>
      new ResponseHeadersPolicy(this, name, {
        responseHeadersPolicyName: named(name),
        securityHeadersBehavior: securityHeaders(policy),
        ...more,
      });
    const cacheControl = (value: string) => ({
      customHeadersBehavior: { customHeaders: [{ header: "Cache-Control", value, override: true }] },
    });
    // A browser that kept the page would ask for files that a newer deployment has removed, and a sign-in comes back to
    // it with a code in its address.
    const noStore = cacheControl("no-store");
    const domain = props.domain === undefined ? undefined : this.#certified(props.domain);
    const access = new S3OriginAccessControl(this, "Access", { originAccessControlName: named("Access") });
    const files: BehaviorOptions = {
      origin: S3BucketOrigin.withOriginAccessControl(this.bucket as IBucket, { originAccessControl: access }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
    };
    const kept = { ...files, responseHeadersPolicy: headers("AssetHeaders") };
    const pageHeaders = headers("PageHeaders", noStore);
    this.distribution = new Distribution(this, "Distribution", {
      comment: "Countersign: the reviewers' portal and the API.",
      defaultRootObject: "index.html",
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      // Given by hand they would be gone with the next change of the distribution: CloudFormation writes it as a whole.
      ...(domain === undefined ? {} : { domainNames: [domain.name], certificate: domain.certificate }),
      defaultBehavior: {
        ...files,
        ...withUnknownPaths(this, named("UnknownPaths")),
        responseHeadersPolicy: pageHeaders,
      },
      errorResponses: neverKept,
      additionalBehaviors: {
        [verifierFiles]: { ...files, responseHeadersPolicy: headers("VerifierHeaders", {}, verifierPolicy) },
        ...Object.fromEntries(assets.map((pattern) => [pattern, kept])),
        ...Object.fromEntries(commandLine.map((path) => [path, { ...files, responseHeadersPolicy: pageHeaders }])),
        "/v1/*": throughToApi(AllowedMethods.ALLOW_ALL, headers("ApiHeaders")),
        "/r/*": {
          ...throughToApi(AllowedMethods.ALLOW_GET_HEAD, headers("LinkHeaders", noStore)),
          ...withUnknownLinks(this, named("UnknownLinks")),
        },
      },
    });
    Validations.of(this.distribution).acknowledge(
      { id: "AwsSolutions-CFR1", reason: "Reviewers travel; where they are decides nothing." },
      { id: "AwsSolutions-CFR2", reason: "The API behind it has its firewall in the region (context waf=true)." },
      { id: "AwsSolutions-CFR3", reason: "CloudFront's logs hold whole paths, and a review link is a secret." },
      {
        id: "AwsSolutions-CFR4",
        reason:
          "The distribution's own domain comes with CloudFront's certificate and policy; context portalDomain gives it one of the organisation's, and TLS 1.2 at least.",
      },
    );
  }

  #certified({ name, certificateArn }: NonNullable<Settings["portalDomain"]>) {
    const certificate: ICertificate = Certificate.fromCertificateArn(this, "Certificate", certificateArn);
    return { name, certificate };
  }
}

/**
 * Of these CloudFront keeps an answer for ten seconds and gives it to everybody who asks for the same path, whoever they
 * are and whatever they ask, even where it says `no-store` and the behaviour caches nothing.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
 */
const neverKept: ErrorResponse[] = [500, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) }));

/** CloudFront knows no regions: the stack of another region in the same account must find its names free. */
function named(name: string): string {
  return `${Aws.STACK_NAME}-${Aws.REGION}-${name}`;
}

function securityHeaders(policy: string): NonNullable<ResponseHeadersPolicyProps["securityHeadersBehavior"]> {
  return {
    contentSecurityPolicy: { contentSecurityPolicy: policy, override: true },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
    // A review link must not travel on in a Referer.
    referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
    strictTransportSecurity: {
      accessControlMaxAge: Duration.days(730),
      includeSubdomains: true,
      preload: false,
      override: true,
    },
  };
}

/** The worker that verifies audit packs, by the name that portal/vite.config.ts gives it. */
const verifierFiles = "/assets/verifier-????????.js";

/** What else the portal loads: whatever has no digest in its name is nothing that it has. */
const assets = ["js", "css", "svg"].map((kind) => `/assets/*-????????.${kind}`);

/** What `npm run build:cli` makes. Its names stay while its bytes change, as the page's do. */
const commandLine = ["/cli/countersign.tgz", "/cli/SHA256SUMS"];

/**
 * A worker's policy is that of its own file (https://www.w3.org/TR/CSP3/#initialize-global-object-csp). This one may
 * compile WebAssembly, which are the archived gates, and may send nothing anywhere: what it reads stays with the reader.
 */
const verifierPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

/** Nothing but the portal's own files, and no script or style inside the page; https://www.w3.org/TR/CSP3/ */
function contentSecurityPolicy({ reviewers, exchange }: PortalDistributionProps): string {
  const origins =
    reviewers.kind === "pool"
      ? // Discovery and keys are at Cognito's own address, tokens at managed login's.
        [`https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}`, reviewers.loginOrigin]
      : reviewers.issuer.origins;
  // A provider that is to forget somebody may want to be shown their token, which is sent by a form.
  const forms = reviewers.kind === "pool" ? [] : reviewers.issuer.origins;
  const packs = `https://${exchange}.s3.${Aws.REGION}.${Aws.URL_SUFFIX}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${[...origins, packs].join(" ")}`,
    ["form-action 'self'", ...forms].join(" "),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}
