import { App } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { identityStoreActions } from "../../functions/targets/session-actions.ts";
import { readSettings } from "../../infra/settings.ts";
import { installations, type Json, resource, resourcesOf, statementsOf, synthesize } from "./synthesized.ts";

const settings = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

const store = { identityStoreId: "d-1234567890", identityStoreRegion: "eu-central-1" };

describe("the settings", () => {
  it("keep everything for ten years in compliance mode, with a second factor, unless told otherwise", () => {
    expect(settings({})).toEqual({
      keys: {
        attestation: { generations: 1, inUse: 1 },
        checkpoint: { generations: 1, inUse: 1 },
        link: { generations: 1, inUse: 1 },
        passport: { generations: 1, inUse: 1 },
      },
      objectLock: { mode: "COMPLIANCE", retentionDays: 3653 },
      mfa: "required",
      firewall: false,
      requestsPerSecond: 50,
      witness: false,
      targetRoles: [],
      queues: { inputs: [], outputs: [], keys: [], topics: [] },
      makesApiLogRole: true,
    });
  });

  it("read numbers and flags from the command line, where all is text", () => {
    expect(settings({ retentionDays: "2", waf: "true", apiLogRole: "false" })).toMatchObject({
      objectLock: { retentionDays: 2 },
      firewall: true,
      makesApiLogRole: false,
    });
  });

  it.each([
    ["objectLockMode", "governance", "must be COMPLIANCE or GOVERNANCE"],
    ["retentionDays", "soon", "must be a whole number from 1 to 36500"],
    ["retentionDays", "", "must be a whole number from 1 to 36500"],
    ["retentionDays", "0", "must be a whole number from 1 to 36500"],
    ["retentionDays", "1.5", "must be a whole number from 1 to 36500"],
    ["retentionDays", "36501", "must be a whole number from 1 to 36500"],
    ["loginDomainPrefix", "Countersign", "must be small letters"],
    ["loginDomainPrefix", "my-cognito", "must be small letters"],
    ["oidcOrigins.0", "tokens.example", "must be origins"],
    ["eksSubnets.0", "subnet-0a1b", "must be ids of subnets"],
    ["eksSecurityGroups.0", "sg-0a1b", "must be ids of security groups"],
    ["mfa", "off", "must be required or optional"],
    ["waf", "yes", "must be true or false"],
    ["requestsPerSecond", "9", "must be a whole number from 10 to 10000"],
    ["requestsPerSecond", "many", "must be a whole number from 10 to 10000"],
    ["alarmEmail", "operations", "must be an address of mail"],
    ["targetRoles.0", "deploys", "must be ARNs of roles"],
    ["asyncInputs.0", "s3://questions", "must be places in S3, s3://bucket/prefix"],
    ["asyncOutputs.0", "s3://answers/*", "must be places in S3, s3://bucket/prefix"],
    ["asyncKeys.0", "arn:aws:kms:us-east-1:111122223333:alias/answers", "must be ARNs of KMS keys"],
    ["asyncTopics.0", "answers", "must be ARNs of SNS topics"],
    ["targetSecretArn", "targets", "must be a secret's whole ARN"],
    // As it is shown to whoever wrote the name themselves: no role would be allowed to read it.
    ["targetSecretArn", "arn:aws:secretsmanager:us-east-1:111122223333:secret:targets", "must be a secret's whole ARN"],
    [
      "channelSecretArn",
      "arn:aws:secretsmanager:us-east-1:111122223333:secret:our/channels",
      "must be a secret's whole ARN",
    ],
    ["oidcIssuer", "id.example", "must be the 'iss' of its ID tokens"],
    ["oidcIssuer", "id.example:443", "must be the 'iss' of its ID tokens"],
    ["oidcIssuer", "http://id.example", "must be the 'iss' of its ID tokens"],
    ["oidcIssuer", "https://id.example ", "must be the 'iss' of its ID tokens"],
    ["oidcIssuer", "https://id.example/?realm=1", "must be the 'iss' of its ID tokens"],
    ["oidcIssuer", "https://id.example/.well-known/openid-configuration", "must be the 'iss' of its ID tokens"],
    // As a variable of a shell that is not set leaves it.
    ["oidcClientId", "", "must be the client's id"],
    ["oidcCliClientId", "0ob ", "must be the client's id"],
    ["oidcSubjectClaim", "email", "must be sub or oid"],
    ["identityStoreId", "1234567890", "must be an id"],
    ["identityStoreRegion", "Frankfurt", "must be a region"],
    ["identityStoreRole", "directory", "must be a role's ARN"],
    ["attestationKeys", "0", "must be a whole number from 1 to 16"],
    ["attestationKeys", "17", "must be a whole number from 1 to 16"],
    ["attestationKeyInUse", "2", "give the newest key"],
    ["linkKeyInUse", "0", "must be a whole number from 1 to 16"],
  ])("refuse %s = %j and say which setting it is, and what it can be", (name, value, why) => {
    const setting = name.replace(/\.0$/, "");
    const context = { oidcClientId: "portal", [setting]: value };
    expect(() => settings(context)).toThrow(`The context setting '${name}' cannot be used: ${why}`);
  });

  it.each(["retentionDay", "ObjectLockMode", "object_lock_mode"])(
    "refuse %s, which nobody reads: what was meant would silently be ten years of Object Lock",
    (name) => {
      expect(() => settings({ [name]: "1" })).toThrow(`There is no context setting '${name}'; there are alarmEmail, `);
    },
  );

  it("leave alone what CDK keeps in the context for itself", () => {
    const own = { "aws:cdk:bundling-stacks": [], "@aws-cdk/core:x": true, "cli-telemetry": false };
    expect(settings({ ...own, "availability-zones:account=1:region=r": [] }).mfa).toBe("required");
  });

  it("put the newest key in use unless they say that it is only made known", () => {
    expect(settings({ attestationKeys: "3" }).keys.attestation).toEqual({ generations: 3, inUse: 3 });
    expect(settings({ attestationKeys: "3", attestationKeyInUse: "2" }).keys.attestation.inUse).toBe(2);
    expect(() => settings({ attestationKeys: "3", attestationKeyInUse: "1" })).toThrow("or the one before it");
  });

  it("want an issuer, its client and its directory together", () => {
    const all = { oidcIssuer: "https://id.example", oidcClientId: "portal", ...store };
    for (const missing of ["oidcIssuer", "oidcClientId", "identityStoreId", "identityStoreRegion"] as const)
      expect(() => settings({ ...all, [missing]: undefined })).toThrow(
        "Give oidcIssuer, oidcClientId, identityStoreId",
      );
    expect(settings({ ...all, oidcSubjectClaim: "oid" }).issuer?.subjectClaim).toBe("oid");
    for (const host of ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"]) {
      const entra = { ...all, oidcIssuer: `https://${host}/1b2c/v2.0` };
      expect(settings({ ...entra, oidcSubjectClaim: "oid" }).issuer?.subjectClaim).toBe("oid");
      for (const claim of [undefined, "sub"])
        expect(() => settings({ ...entra, oidcSubjectClaim: claim })).toThrow(
          "Give oidcSubjectClaim=oid with an issuer",
        );
    }
    expect(() => settings({ oidcSubjectClaim: "oid" })).toThrow("Give oidcIssuer, oidcClientId, identityStoreId");
    for (const alone of ["identityStoreRegion", "oidcCliClientId", "oidcOrigins"])
      expect(() => settings({ [alone]: alone === "oidcOrigins" ? "https://a.example" : "eu-central-1" })).toThrow(
        "Give oidcIssuer, oidcClientId, identityStoreId",
      );
  });

  it("compare an issuer exactly as it is given", () => {
    expect(settings({ oidcIssuer: "https://id.example/realm/", oidcClientId: "portal", ...store }).issuer).toEqual({
      url: "https://id.example/realm/",
      portalClientId: "portal",
      cliClientId: "portal",
      subjectClaim: "sub",
      origins: ["https://id.example"],
      directory: { identityStoreId: "d-1234567890", region: "eu-central-1" },
    });
  });
});

const { portalCertificateArn: certificateArn } = installations.ownIssuer;

describe("a domain of the portal's own", () => {
  it.each([
    [{ portalDomain: "review.bank.example" }, "Give portalDomain and portalCertificateArn together"],
    [{ portalCertificateArn: certificateArn }, "Give portalDomain and portalCertificateArn together"],
    [
      { portalDomain: "review.bank.example", portalCertificateArn: certificateArn.replace("us-east-1", "eu-west-1") },
      "must be the ARN of a certificate in us-east-1",
    ],
    [{ portalDomain: "https://review.bank.example", portalCertificateArn: certificateArn }, "without https://"],
  ])("is refused as %j", (context, sentence) => {
    expect(() => settings(context)).toThrow(sentence);
  });
});

describe("a trial with an issuer of its own", () => {
  const { dataTemplate: data, serviceTemplate: service } = synthesize(installations.ownIssuer);

  it("has the portal at the organisation's own domain, which each deployment says anew, and sends people there", () => {
    expect(resource(service, "PortalDistribution").Properties["DistributionConfig"]).toMatchObject({
      Aliases: ["review.bank.example"],
      ViewerCertificate: { AcmCertificateArn: certificateArn, MinimumProtocolVersion: "TLSv1.2_2021" },
    });
    expect(service.findOutputs("PortalAddress")["PortalAddress"]?.["Value"]).toEqual({
      "Fn::If": ["PortalUrlGiven", { Ref: "PortalUrl" }, "https://review.bank.example"],
    });
  });

  it("takes as many requests as are asked for, and twice as many at once", () => {
    expect(resource(service, "ApiRestApiDeploymentStagelive").Properties["MethodSettings"]).toMatchObject([
      { ThrottlingRateLimit: 400, ThrottlingBurstLimit: 800 },
    ]);
  });

  it("leaves no logs behind once it is removed", () => {
    const logs = Object.values(service.findResources("AWS::Logs::LogGroup"));
    expect(new Set(logs.map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(["Delete"]));
  });

  it("makes no user pool and asks Cognito nothing", () => {
    expect(JSON.stringify([data.toJSON(), service.toJSON()])).not.toMatch(/AWS::Cognito|cognito-idp/);
  });

  it("tells the functions the issuer and its clients", () => {
    expect(resource(service, "RecordSignOffFunction").Properties["Environment"]).toMatchObject({
      Variables: {
        OIDC_ISSUER: "https://id.example/realm",
        OIDC_SUBJECT_CLAIM: "sub",
        PORTAL_CLIENT_ID: "portal",
        CLI_CLIENT_ID: "cli",
      },
    });
  });

  it("asks the identity store who holds a role, and nothing else of it", () => {
    const asking = statementsOf(service, "RecordSignOffRole").filter(({ Action }) =>
      JSON.stringify(Action).includes("identitystore"),
    );
    expect(asking).toMatchObject([{ Action: [...identityStoreActions].toSorted() }]);
    expect(JSON.stringify(asking)).toContain(":identitystore::*:identitystore/d-1234567890");
    expect(resource(service, "RecordSignOffFunction").Properties["Environment"]).toMatchObject({
      Variables: { REVIEWER_DIRECTORY: '{"identityStoreId":"d-1234567890","region":"eu-central-1"}' },
    });
  });

  it("lets the page reach the issuer, where it gives its tokens, and where packs are, and nothing else", () => {
    const policy = JSON.stringify(resource(service, "PortalPageHeaders").Properties);
    expect(policy).toMatch(
      /connect-src 'self' https:\/\/id\.example https:\/\/tokens\.example https:\/\/",\{[^}]*ExchangeBucket[^}]*\},"\.s3\./,
    );
  });

  it("lets the page send a form, which a sign-out is, to the issuer, and to nobody else", () => {
    const policy = JSON.stringify(resource(service, "PortalPageHeaders").Properties);
    expect(policy).toContain("form-action 'self' https://id.example https://tokens.example; ");
  });

  it("lets the verifier of packs compile WebAssembly and connect to nothing, and the page neither of the two", () => {
    const verifier = JSON.stringify(resource(service, "PortalVerifierHeaders").Properties);
    expect(verifier).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'\"");
    expect(JSON.stringify(resource(service, "PortalPageHeaders").Properties)).not.toContain("wasm");
    const { CacheBehaviors, DefaultCacheBehavior } = Object(
      resource(service, "PortalDistribution").Properties["DistributionConfig"],
    );
    const byVerifier = { ResponseHeadersPolicyId: { Ref: "PortalVerifierHeaders" } };
    expect(CacheBehaviors.filter((each: object) => JSON.stringify(each).includes("VerifierHeaders"))).toMatchObject([
      { PathPattern: "/assets/verifier-????????.js", ...byVerifier },
    ]);
    // The first pattern that fits counts, and there is one for all scripts.
    expect(CacheBehaviors[0]).toMatchObject(byVerifier);
    expect(DefaultCacheBehavior).toMatchObject({ ResponseHeadersPolicyId: { Ref: "PortalPageHeaders" } });
  });

  it("keeps for a day what a trial leaves, and still lets nobody bypass that", () => {
    expect(resource(data, "LedgerBucket").Properties["ObjectLockConfiguration"]).toMatchObject({
      Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
    });
    expect(statementsOf(data, "LedgerBucketPolicy").map(({ Sid }) => Sid)).toContain("GovernanceIsNotBypassed");
    for (const name of ["ArchiveFunction", "ReconcileFunction", "RepublishCheckpointFunction"])
      expect(resource(service, name).Properties["Environment"]).toMatchObject({
        Variables: { OBJECT_LOCK_MODE: "GOVERNANCE", ALIAS_RETENTION_DAYS: "1" },
      });
  });

  it("has a firewall that keeps no samples, which would show review links", () => {
    const firewall = resource(service, "Firewall").Properties;
    expect(JSON.stringify(firewall)).not.toContain('"SampledRequestsEnabled":true');
    // Else it would be refused as forbidden, and a pipeline that waits would give up.
    expect(JSON.stringify(firewall)).toContain('"ResponseCode":429');
    const types = Object.values(resourcesOf(service)).map(({ Type }) => Type);
    expect(types).toContain("AWS::WAFv2::WebACLAssociation");
  });

  it("has a firewall that counts what it takes a reason for, a question or a policy that names a path or an address", () => {
    const { Rules: rules } = resource(service, "Firewall").Properties;
    if (!Array.isArray(rules)) throw new Error("The firewall has no rules.");
    const named = rules.map((rule) => rule as { readonly Name: string; readonly Statement: Record<string, Json> });
    const group = named.find(({ Name }) => Name === "CommonRules")?.Statement["ManagedRuleGroupStatement"];
    // Every rule of the group that reads a body: aws-managed-rule-groups-baseline.html
    const bodies = ["SizeRestrictions", "EC2MetaDataSSRF", "GenericLFI", "GenericRFI", "CrossSiteScripting"];
    expect(group).toMatchObject({
      Name: "AWSManagedRulesCommonRuleSet",
      RuleActionOverrides: bodies.map((name) => ({ Name: `${name}_BODY`, ActionToUse: { Count: {} } })),
    });
  });

  it("sends alarms to the address", () => {
    service.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "ops@example.org" });
  });
});
