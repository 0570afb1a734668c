import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { longestShadowSeconds } from "../../core/approval/loading/load-shadow.ts";
import { resource, resourcesOf, type Statement, statementsOf, synthesize } from "./synthesized.ts";

const { dataTemplate: data, data: stack } = synthesize();
const writeOnce = ["LedgerBucket", "ArtifactsBucket"];
const ofType = (type: string) => Object.entries(resourcesOf(data)).filter(([, { Type }]) => Type === type);

function denied(bucket: string, sid: string): Statement {
  const statement = statementsOf(data, `${bucket}Policy`).find(({ Sid }) => Sid === sid);
  if (statement === undefined) throw new Error(`${bucket} has no statement ${sid}`);
  expect(statement).toMatchObject({ Effect: "Deny", Principal: { AWS: "*" } });
  return statement;
}

/** What is in a bucket, or one thing of it, as a policy names it. */
const within = (bucket: string, key = "*") => ({
  "Fn::Join": ["", [{ "Fn::GetAtt": [bucket, "Arn"] }, `/${key}`]],
});

/** Of what is in the bucket all, but for what may be written over in the ledger's. */
const allBut = (bucket: string) =>
  bucket === "LedgerBucket" ? { NotResource: within(bucket, "checkpoint") } : { Resource: within(bucket) };

describe("what must stay", () => {
  it("is protected from deletion as a stack", () => {
    expect(stack.terminationProtection).toBe(true);
  });

  it("outlives the stack: every table, bucket, key and the pool", () => {
    const kept = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Cognito::UserPool"];
    const all = kept.flatMap(ofType);
    expect(all).toHaveLength(14);
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of all) {
      expect([DeletionPolicy, UpdateReplacePolicy], id).toEqual(["Retain", "Retain"]);
    }
  });

  it("keeps the logical ids that the documentation names", () => {
    const documented = [
      ...["PromotionsTable", "TaskTokensTable", "LedgerTable", "ReplaysTable"],
      ...["ExchangeBucket", "ArtifactsBucket", "LedgerBucket", "LogsBucket"],
      ...["AttestationKey", "CheckpointKey", "LinkKey", "PassportKey", "UserPool"],
    ];
    expect(Object.keys(resourcesOf(data))).toEqual(expect.arrayContaining(documented));
  });
});

describe("the buckets", () => {
  it("let pages read packs by the addresses that they were given, and nothing else", () => {
    const rules = ofType("AWS::S3::Bucket").map(([id, { Properties }]) => [id, Properties["CorsConfiguration"]]);
    expect(rules.filter(([, rule]) => rule !== undefined)).toEqual([
      ["ExchangeBucket", { CorsRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }] }],
    ]);
  });
});

describe("the tables", () => {
  it.each(ofType("AWS::DynamoDB::Table"))("%s can be restored to any second and not be deleted", (_, table) => {
    expect(table.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      BillingMode: "PAY_PER_REQUEST",
    });
  });

  it("tells the stream how a promotion was before and after", () => {
    expect(resource(data, "PromotionsTable").Properties["StreamSpecification"]).toEqual({
      StreamViewType: "NEW_AND_OLD_IMAGES",
    });
  });

  it("finds promotions by status and by model", () => {
    data.hasResourceProperties("AWS::DynamoDB::Table", {
      GlobalSecondaryIndexes: Match.arrayWith([
        Match.objectLike({ IndexName: "byStatus", Projection: { ProjectionType: "ALL" } }),
        Match.objectLike({ IndexName: "byModel", Projection: { ProjectionType: "ALL" } }),
      ]),
    });
  });

  it.each(["TaskTokensTable", "ReplaysTable"])("%s forgets what has expired", (id) => {
    expect(resource(data, id).Properties["TimeToLiveSpecification"]).toEqual({
      AttributeName: "expiresAtEpoch",
      Enabled: true,
    });
  });
});

describe.each(writeOnce)("%s", (id) => {
  it("keeps every version for ten years, for the root user too", () => {
    expect(resource(data, id).Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: "COMPLIANCE", Days: 3653 } } },
      VersioningConfiguration: { Status: "Enabled" },
    });
  });

  it("needs no key of ours to be read", () => {
    expect(JSON.stringify(resource(data, id).Properties["BucketEncryption"])).toContain('"AES256"');
  });

  it("takes no delete, not even a delete marker", () => {
    const statement = denied(id, "NothingIsDeleted");
    expect(statement).toMatchObject({ Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"], Resource: within(id) });
    expect(statement.Condition).toBeUndefined();
  });

  it("lets nobody bypass governance", () => {
    const statement = denied(id, "GovernanceIsNotBypassed");
    expect(statement).toMatchObject({ Action: "s3:BypassGovernanceRetention", Resource: within(id) });
    expect(statement.Condition).toBeUndefined();
  });

  it("lets nobody shorten a retention", () => {
    expect(denied(id, "RetentionIsNotShortened")).toMatchObject({
      ...allBut(id),
      Action: "s3:PutObjectRetention",
      Condition: { NumericLessThan: { "s3:object-lock-remaining-retention-days": 3653 } },
    });
  });

  it("takes an object only under a key that is free", () => {
    expect(denied(id, "NothingIsWrittenOver")).toMatchObject({
      ...allBut(id),
      Action: "s3:PutObject",
      Condition: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
    });
  });
});

describe("the artifacts bucket", () => {
  it("forgets after a day the parts of what was never put together, and nothing else", () => {
    expect(resource(data, "ArtifactsBucket").Properties["LifecycleConfiguration"]).toEqual({
      Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" }],
    });
  });
});

describe("writing over", () => {
  it("is allowed for the ledger's checkpoint alone", () => {
    const { NotResource, Resource } = denied("LedgerBucket", "NothingIsWrittenOver");
    expect(Resource).toBeUndefined();
    expect(NotResource).toEqual(within("LedgerBucket", "checkpoint"));
  });

  it("leaves versions of it for a month, and nobody keeps one for less; of everything else nothing changes", () => {
    const alias = within("LedgerBucket", "checkpoint");
    expect(denied("LedgerBucket", "RetentionIsNotShortened")).toMatchObject({ NotResource: alias });
    expect(denied("LedgerBucket", "RetentionIsNotShortenedThere")).toMatchObject({
      Action: "s3:PutObjectRetention",
      Resource: alias,
      Condition: { NumericLessThan: { "s3:object-lock-remaining-retention-days": 30 } },
    });
    // Only what is current no more goes, and only once its own lock has ended.
    expect(resource(data, "LedgerBucket").Properties["LifecycleConfiguration"]).toEqual({
      Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 31 }, Prefix: "checkpoint", Status: "Enabled" }],
    });
  });

  it("is allowed for no artifact", () => {
    const { Resource, NotResource } = denied("ArtifactsBucket", "NothingIsWrittenOver");
    expect(NotResource).toBeUndefined();
    expect(JSON.stringify(Resource)).toContain('"/*"');
  });
});

describe("the buckets", () => {
  it.each(ofType("AWS::S3::Bucket"))("%s is closed to the public and speaks TLS only", (id, bucket) => {
    expect(bucket.Properties["PublicAccessBlockConfiguration"]).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const conditions = statementsOf(data, `${id}Policy`).map(({ Condition }) => Condition);
    expect(conditions).toContainEqual({ Bool: { "aws:SecureTransport": "false" } });
  });

  it("keeps what is exchanged until the longest run in shadow is over, whose captures are read at its end", () => {
    expect(resource(data, "ExchangeBucket").Properties["LifecycleConfiguration"]).toEqual({
      Rules: [
        {
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          ExpirationInDays: 33,
          NoncurrentVersionExpiration: { NoncurrentDays: 33 },
          Status: "Enabled",
        },
      ],
    });
    expect(longestShadowSeconds).toBeLessThan(33 * 86_400);
  });

  it("logs access to every bucket but the one that holds the logs", () => {
    const unlogged = ofType("AWS::S3::Bucket").filter(([, { Properties }]) => !("LoggingConfiguration" in Properties));
    expect(unlogged.map(([id]) => id)).toEqual(["LogsBucket"]);
  });
});

describe("the keys", () => {
  it.each([
    ["AttestationKey", "ECC_NIST_P256", "SIGN_VERIFY"],
    ["CheckpointKey", "ECC_NIST_EDWARDS25519", "SIGN_VERIFY"],
    ["LinkKey", "HMAC_256", "GENERATE_VERIFY_MAC"],
    ["PassportKey", "ECC_NIST_P256", "SIGN_VERIFY"],
  ])("%s is %s and does nothing but %s", (id, KeySpec, KeyUsage) => {
    expect(resource(data, id).Properties).toMatchObject({ KeySpec, KeyUsage, PendingWindowInDays: 30 });
  });

  const policyOf = (id: string) =>
    resource(data, id).Properties["KeyPolicy"] as unknown as { readonly Statement: readonly Statement[] };

  it("are open to nobody outside the account", () => {
    for (const [id] of ofType("AWS::KMS::Key")) {
      const root = {
        "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":iam::", { Ref: "AWS::AccountId" }, ":root"]],
      };
      const open = policyOf(id).Statement.filter(({ Effect }) => Effect === "Allow");
      expect(open, id).toMatchObject([{ Principal: { AWS: root } }]);
    }
  });
});

describe("the reviewers' pool", () => {
  const pool = resource(data, "UserPool").Properties;

  it("lets nobody sign up by themselves", () => {
    expect(pool["AdminCreateUserConfig"]).toEqual({ AllowAdminCreateUserOnly: true });
  });

  it("asks for a long password and a second factor that is no text message", () => {
    expect(pool["MfaConfiguration"]).toBe("ON");
    expect(pool["EnabledMfas"]).toEqual(["SOFTWARE_TOKEN_MFA"]);
    expect(pool["Policies"]).toMatchObject({ PasswordPolicy: { MinimumLength: 14, RequireSymbols: true } });
  });

  it("cannot be deleted by mistake", () => {
    expect(pool["DeletionProtection"]).toBe("ACTIVE");
  });

  it("has a group for each role of the shipped matrix", () => {
    const groups = ofType("AWS::Cognito::UserPoolGroup").map(([, { Properties }]) => Properties["GroupName"]);
    expect(groups).toEqual(["lead-data-scientists", "compliance-officers", "sre", "incident-commanders"]);
  });
});
