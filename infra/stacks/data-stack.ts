import { Duration, RemovalPolicy, type StackProps, Validations } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  HttpMethods,
  type IBucket,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { artifactsBucket } from "../constructs/artifacts-bucket.ts";
import { ledgerBucket } from "../constructs/ledger-bucket.ts";
import { PlainlyNamedStack } from "../constructs/plain-names.ts";
import { reviewerPool } from "../constructs/reviewer-pool.ts";
import { constructId } from "../functions.ts";
import { onlyWrittenBy } from "../permissions/bucket-writers.ts";
import { takeCapturesOf } from "../permissions/captures-access.ts";
import { onlyItsUsers } from "../permissions/key-users.ts";
import type { KeyName, Settings } from "../settings.ts";

/** Where the access log of the portal's bucket goes in the logs bucket. */
export const portalLogPrefix = "PortalFiles/";

/** A resource of the data stack as another stack sees it: names and ARNs, which CloudFormation imports by name. */
export interface Place {
  readonly name: string;
  readonly arn: string;
}

/** What the data stack gives to the service stack. */
export interface Places {
  readonly promotions: Place & { readonly streamArn: string };
  readonly taskTokens: Place;
  readonly ledgerTable: Place;
  readonly replays: Place;
  readonly exchange: Place;
  readonly artifacts: Place;
  readonly ledger: Place;
  readonly undelivered: Place;
  readonly logs: Place;
  /** ARNs of the keys in use. */
  readonly attestationKey: string;
  readonly checkpointKey: string;
  readonly linkKey: string;
  readonly passportKey: string;
  /** ARNs of all keys of a role, the oldest first; those above are the ones in use. */
  readonly keys: Readonly<Record<KeyName, readonly string[]>>;
  readonly reviewers: Reviewers;
}

/** Who says who the reviewers are. */
export type Reviewers =
  | {
      readonly kind: "pool";
      readonly poolId: string;
      readonly poolArn: string;
      /** The token's `iss`. */
      readonly issuer: string;
      /** Managed login, where the portal sends people and fetches tokens. */
      readonly loginOrigin: string;
    }
  | { readonly kind: "issuer"; readonly issuer: NonNullable<Settings["issuer"]> };

/** Everything that must outlive a deployment: tables, buckets, keys, people. Nothing in here is ever replaced or deleted with the stack. */
export class DataStack extends PlainlyNamedStack {
  readonly places: Places;

  constructor(scope: Construct, id: string, settings: Settings, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const promotions = this.#table("PromotionsTable", { sortKey: true, stream: StreamViewType.NEW_AND_OLD_IMAGES });
    for (const [indexName, partition] of [
      ["byStatus", "status"],
      ["byModel", "modelTarget"],
    ] as const) {
      promotions.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partition, type: AttributeType.STRING },
        sortKey: { name: "submittedAt", type: AttributeType.STRING },
        projectionType: ProjectionType.ALL,
      });
    }
    const taskTokens = this.#table("TaskTokensTable", { timeToLive: true });
    const ledgerTable = this.#table("LedgerTable", { sortKey: true });
    const replays = this.#table("ReplaysTable", { timeToLive: true });

    // The cast: CDK's own classes do not fit its interfaces under exactOptionalPropertyTypes.
    const logs = this.#bucket("LogsBucket", { lifecycleRules: [{ expiration: Duration.days(400) }] }) as IBucket;
    Validations.of(logs).acknowledge({
      id: "AwsSolutions-S1",
      reason: "This is where the access logs of the other buckets go; its own would fill it for ever.",
    });
    // The portal's bucket is in the service stack, which cannot add to this bucket's policy.
    logs.addToResourcePolicy(
      new PolicyStatement({
        sid: "PortalFilesMayBeLogged",
        principals: [new ServicePrincipal("logging.s3.amazonaws.com")],
        actions: ["s3:PutObject"],
        resources: [logs.arnForObjects(`${portalLogPrefix}*`)],
        conditions: { StringEquals: { "aws:SourceAccount": this.account } },
      }),
    );
    const shortLived = (days: number) => [
      {
        expiration: Duration.days(days),
        noncurrentVersionExpiration: Duration.days(days),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ];
    const exchange = this.#bucket("ExchangeBucket", {
      versioned: true,
      // The portal reads a pack by the address that it was given, which alone opens it: any page that has one may.
      cors: [{ allowedMethods: [HttpMethods.GET], allowedOrigins: ["*"] }],
      // What was asked of production, as it was captured of a run in shadow, is about people: no longer than it is needed, which is at
      // the end of the longest run that a rule may ask for, of thirty days.
      lifecycleRules: shortLived(33),
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: "ExchangeBucket/",
    });
    onlyWrittenBy(exchange, { ours: `${constructId("events/write-export")}Role-*` }, "exports/*");
    const undelivered = this.#bucket("UndeliveredBucket", {
      lifecycleRules: shortLived(90),
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: "UndeliveredBucket/",
    });
    const { objectLock } = settings;
    const accounts = [...new Set(settings.targetRoles.map((role) => role.split(":")[4] ?? ""))];
    takeCapturesOf(exchange, accounts);
    const artifacts = artifactsBucket(this, "ArtifactsBucket", { logs, objectLock, readers: accounts });
    const ledger = ledgerBucket(this, "LedgerBucket", { logs, objectLock });

    const keys = {
      attestation: this.#keys("AttestationKey", "attestation", settings, {
        keySpec: KeySpec.ECC_NIST_P256,
        description: "Signs sign-offs and verdicts.",
      }),
      checkpoint: this.#keys("CheckpointKey", "checkpoint", settings, {
        keySpec: KeySpec.ECC_NIST_EDWARDS25519,
        description: "Signs checkpoints of the ledger.",
      }),
      link: this.#keys("LinkKey", "link", settings, {
        keySpec: KeySpec.HMAC_256,
        description: "MACs of review links.",
      }),
      passport: this.#keys("PassportKey", "passport", settings, {
        keySpec: KeySpec.ECC_NIST_P256,
        description: "Signs passports, with which pipelines fetch their credentials to deploy.",
      }),
    };
    const arnInUse = (name: KeyName): string => {
      const arn = keys[name][settings.keys[name].inUse - 1];
      if (arn === undefined) throw new Error(`There is no ${name} key ${settings.keys[name].inUse}.`);
      return arn;
    };

    this.places = {
      promotions: {
        ...this.#place("PromotionsTable", promotions.tableName, promotions.tableArn),
        streamArn: this.#export("PromotionsStreamArn", streamOf(promotions)),
      },
      taskTokens: this.#place("TaskTokensTable", taskTokens.tableName, taskTokens.tableArn),
      ledgerTable: this.#place("LedgerTable", ledgerTable.tableName, ledgerTable.tableArn),
      replays: this.#place("ReplaysTable", replays.tableName, replays.tableArn),
      exchange: this.#place("ExchangeBucket", exchange.bucketName, exchange.bucketArn),
      artifacts: this.#place("ArtifactsBucket", artifacts.bucketName, artifacts.bucketArn),
      ledger: this.#place("LedgerBucket", ledger.bucketName, ledger.bucketArn),
      undelivered: this.#place("UndeliveredBucket", undelivered.bucketName, undelivered.bucketArn),
      logs: this.#place("LogsBucket", logs.bucketName, logs.bucketArn),
      attestationKey: arnInUse("attestation"),
      checkpointKey: arnInUse("checkpoint"),
      linkKey: arnInUse("link"),
      passportKey: arnInUse("passport"),
      keys,
      reviewers: this.#reviewers(settings),
    };
  }

  #table(id: string, options: { sortKey?: boolean; stream?: StreamViewType; timeToLive?: boolean }): Table {
    return new Table(this, id, {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      ...(options.sortKey ? { sortKey: { name: "sk", type: AttributeType.STRING } } : {}),
      ...(options.stream === undefined ? {} : { stream: options.stream }),
      ...(options.timeToLive ? { timeToLiveAttribute: "expiresAtEpoch" } : {}),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #bucket(id: string, props: BucketProps): Bucket {
    return new Bucket(this, id, {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    });
  }

  /** The keys of one role over time: `AttestationKey`, `AttestationKey2`, … None is ever taken away. */
  #keys(
    id: string,
    name: KeyName,
    { keys }: Pick<Settings, "keys">,
    made: { keySpec: KeySpec; description: string },
  ): readonly string[] {
    return Array.from({ length: keys[name].generations }, (_, at) =>
      this.#key(at === 0 ? id : `${id}${at + 1}`, name, made),
    );
  }

  /** Each key has one role (design 3.4). Who may use it is granted in the service stack, function by function; nobody else may. */
  #key(id: string, name: KeyName, { keySpec, description }: { keySpec: KeySpec; description: string }): string {
    const key = new Key(this, id, {
      keySpec,
      keyUsage: keySpec === KeySpec.HMAC_256 ? KeyUsage.GENERATE_VERIFY_MAC : KeyUsage.SIGN_VERIFY,
      description: `Countersign: ${description}`,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    key.addToResourcePolicy(onlyItsUsers(name));
    return this.#export(`${id}Arn`, key.keyArn);
  }

  #reviewers(settings: Settings): Reviewers {
    if (settings.issuer !== undefined) return { kind: "issuer", issuer: settings.issuer };
    const { pool, domain } = reviewerPool(this, "UserPool", settings);
    return {
      kind: "pool",
      poolId: this.#export("UserPoolId", pool.userPoolId),
      poolArn: this.#export("UserPoolArn", pool.userPoolArn),
      issuer: this.#export("UserPoolIssuer", pool.userPoolProviderUrl),
      loginOrigin: this.#export("LoginOrigin", domain.baseUrl()),
    };
  }

  #place(id: string, name: string, arn: string): Place {
    return { name: this.#export(`${id}Name`, name), arn: this.#export(`${id}Arn`, arn) };
  }

  #export(name: string, value: string): string {
    return this.exportValue(value, { name: `${this.stackName}:${name}` });
  }
}

function streamOf(table: Table): string {
  if (table.tableStreamArn === undefined) throw new Error("The table of promotions has lost its stream.");
  return table.tableStreamArn;
}
