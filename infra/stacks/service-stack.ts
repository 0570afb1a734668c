import { fileURLToPath } from "node:url";
import { CfnOutput, Duration, Fn, RemovalPolicies, type StackProps } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { StepName } from "../../statemachine/contract.ts";
import { ApiLogRole } from "../constructs/api-log-role.ts";
import { ClusterAccess } from "../constructs/cluster-access.ts";
import { CountersignFunction } from "../constructs/countersign-function.ts";
import {
  EventListener,
  endedJobs,
  exportFacts,
  factPattern,
  restrictingFacts,
  toldFacts,
} from "../constructs/event-listener.ts";
import { FunctionBundles } from "../constructs/function-bundles.ts";
import { aliasRetentionDays } from "../constructs/ledger-bucket.ts";
import { MailReports } from "../constructs/mail-reports.ts";
import { PlainlyNamedStack } from "../constructs/plain-names.ts";
import { portalAssets } from "../constructs/portal-assets.ts";
import { PortalDistribution } from "../constructs/portal-distribution.ts";
import { PromotionMachine } from "../constructs/promotion-machine.ts";
import { publishPortal } from "../constructs/publish-portal.ts";
import { ReviewApi } from "../constructs/review-api.ts";
import { reviewerClients } from "../constructs/reviewer-clients.ts";
import { ringAtRate } from "../constructs/schedule.ts";
import { serviceAlarms } from "../constructs/service-alarms.ts";
import { ServiceParameters } from "../constructs/service-parameters.ts";
import { servingRole } from "../constructs/serving-role.ts";
import { StreamConsumers } from "../constructs/stream-consumers.ts";
import { webFirewall } from "../constructs/web-firewall.ts";
import { type EnvironmentOf, type FunctionName, functions as functionSpecs } from "../functions.ts";
import { honouredLinkKeys, honouredPassportKeys } from "../permissions/data-access.ts";
import { functionPermissions } from "../permissions/function-permissions.ts";
import { allow } from "../permissions/grant.ts";
import { requireRoom } from "../permissions/room-in-roles.ts";
import type { Settings } from "../settings.ts";
import type { Places } from "./data-stack.ts";

/** The checkout: functions/, policies/ and portal/ are below it. */
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Everything that can be made anew: functions, API, state machine, portal, alarms. It keeps nothing that anybody would miss. */
export class ServiceStack extends PlainlyNamedStack {
  constructor(scope: Construct, id: string, settings: Settings, places: Places, props: StackProps) {
    super(scope, id, props);
    // Who called what, and what was refused, outlives the functions that wrote it, but for trials that leave nothing behind.
    if (settings.objectLock.mode === "COMPLIANCE")
      RemovalPolicies.of(this).retain({ applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME] });
    const parameters = new ServiceParameters(this);
    const { reviewers } = places;

    const api = new ReviewApi(this, "Api", settings.requestsPerSecond);
    if (settings.makesApiLogRole) new ApiLogRole(this, "ApiLogRole", api.api);
    webFirewall(this, api.api, settings.firewall);
    const portal = new PortalDistribution(this, "Portal", {
      api: api.api,
      reviewers,
      exchange: places.exchange.name,
      logs: Bucket.fromBucketName(this, "Logs", places.logs.name),
      ...(settings.portalDomain === undefined ? {} : { domain: settings.portalDomain }),
    });
    const portalName = settings.portalDomain?.name ?? portal.distribution.distributionDomainName;
    const portalUrl = parameters.portalUrlOr(`https://${portalName}`);
    const clients = reviewerClients(this, "Clients", reviewers, portalUrl);
    const bus = new EventBus(this, "EventBus", { eventBusName: `${id}-facts` });
    const mail = new MailReports(this, "Mail");
    const notifications = new EventListener(this, "Notifications");
    const restrictions = new EventListener(this, "Restrictions");
    const serving = servingRole(this, "ServingRole", places, settings.queues);

    const issuer = reviewers.kind === "pool" ? reviewers.issuer : reviewers.issuer.url;
    const variables = {
      PROMOTIONS_TABLE: places.promotions.name,
      TASK_TOKENS_TABLE: places.taskTokens.name,
      LEDGER_TABLE: places.ledgerTable.name,
      REPLAYS_TABLE: places.replays.name,
      EXCHANGE_BUCKET: places.exchange.name,
      ARTIFACTS_BUCKET: places.artifacts.name,
      LEDGER_BUCKET: places.ledger.name,
      OBJECT_LOCK_MODE: settings.objectLock.mode,
      RETENTION_DAYS: String(settings.objectLock.retentionDays),
      ALIAS_RETENTION_DAYS: String(aliasRetentionDays(settings.objectLock)),
      ATTESTATION_KEY_ID: places.attestationKey,
      CHECKPOINT_KEY_ID: places.checkpointKey,
      LINK_KEY_ID: places.linkKey,
      PASSPORT_KEY_ID: places.passportKey,
      ATTESTATION_KEY_IDS: Fn.join(",", [...places.keys.attestation]),
      CHECKPOINT_KEY_IDS: Fn.join(",", [...places.keys.checkpoint]),
      LINK_KEY_IDS: Fn.join(",", [...honouredLinkKeys(places)]),
      PASSPORT_KEY_IDS: Fn.join(",", [...honouredPassportKeys(places)]),
      REVIEWER_DIRECTORY: reviewers.kind === "pool" ? reviewers.poolId : JSON.stringify(reviewers.issuer.directory),
      OIDC_ISSUER: issuer,
      OIDC_SUBJECT_CLAIM: reviewers.kind === "pool" ? "sub" : reviewers.issuer.subjectClaim,
      PORTAL_CLIENT_ID: clients.portal,
      CLI_CLIENT_ID: clients.cli,
      MACHINE_ISSUERS: parameters.machineIssuers,
      SENDER_ADDRESS: parameters.senderAddress,
      MAIL_CONFIGURATION_SET: mail.configurationSet,
      CHANNEL_SECRET_ID: settings.channelSecretArn ?? "",
      TARGET_SECRET_ID: settings.targetSecretArn ?? "",
      ATTESTATION_BASE: parameters.attestationBase,
      LOG_ORIGIN: parameters.logOrigin,
      PORTAL_URL: portalUrl,
      EVENT_BUS_NAME: bus.eventBusName,
      UNDELIVERED_QUEUE_URL: notifications.undelivered.queueUrl,
      RESTRICTIONS_QUEUE_URL: restrictions.undelivered.queueUrl,
      SERVING_ROLE_ARN: serving.roleArn,
      WATCH_SECONDS: parameters.watchSeconds,
      CHECKPOINT_SECONDS: parameters.checkpointSeconds,
      WITNESSES: parameters.witnesses,
    };
    const bundles = new FunctionBundles(root, Object.keys(functionSpecs));
    // The type checks that `values` holds all that the function's env.ts asks for.
    const make = <Name extends FunctionName>(name: Name, values: EnvironmentOf<Name>): CountersignFunction =>
      new CountersignFunction(this, { bundles, name, variables: values });

    const steps = {
      freeze: make("steps/freeze", variables),
      "evaluate-gates": make("steps/evaluate-gates", variables),
      stage: make("steps/stage", variables),
      "run-in-shadow": make("steps/run-in-shadow", variables),
      "open-stage": make("steps/open-stage", variables),
      expire: make("steps/expire", variables),
      "verify-sign-offs": make("steps/verify-sign-offs", variables),
      deploy: make("steps/deploy", variables),
      "activate-policy": make("steps/activate-policy", variables),
      "watch-deployment": make("steps/watch-deployment", variables),
      "clean-up": make("steps/clean-up", variables),
    } satisfies Record<StepName, CountersignFunction>;
    const machine = new PromotionMachine(this, "Promotions", steps);
    // Those that start or wake the machine are never invoked by it: otherwise each would need the other first.
    const stateMachineArn = machine.machine.stateMachineArn;
    const wakers = { ...variables, STATE_MACHINE_ARN: stateMachineArn };

    const functions: Readonly<Record<FunctionName, CountersignFunction>> = {
      "api/submit": make("api/submit", wakers),
      "api/read-promotions": make("api/read-promotions", variables),
      "api/record-sign-off": make("api/record-sign-off", variables),
      "api/record-loan": make("api/record-loan", variables),
      "api/record-passkey": make("api/record-passkey", variables),
      "api/record-delegation": make("api/record-delegation", variables),
      "api/plan-absence": make("api/plan-absence", variables),
      "api/read-passkeys": make("api/read-passkeys", variables),
      "api/ask-question": make("api/ask-question", variables),
      "api/answer-slack": make("api/answer-slack", variables),
      "api/redrive-notifications": make("api/redrive-notifications", variables),
      "api/withdraw": make("api/withdraw", variables),
      "api/read-learning": make("api/read-learning", variables),
      "api/report-drift": make("api/report-drift", wakers),
      "api/simulate-policy": make("api/simulate-policy", variables),
      "api/propose-policy": make("api/propose-policy", wakers),
      "api/report-outcome": make("api/report-outcome", variables),
      "api/follow-link": make("api/follow-link", variables),
      "api/export-audit": make("api/export-audit", variables),
      "api/read-checkpoint": make("api/read-checkpoint", variables),
      "api/describe-service": make("api/describe-service", variables),
      "api/issue-passport": make("api/issue-passport", variables),
      "api/report-deployment": make("api/report-deployment", variables),
      "api/redeem-passport": make("api/redeem-passport", variables),
      "steps/freeze": steps.freeze,
      "steps/evaluate-gates": steps["evaluate-gates"],
      "steps/stage": steps.stage,
      "steps/run-in-shadow": steps["run-in-shadow"],
      "steps/open-stage": steps["open-stage"],
      "steps/expire": steps.expire,
      "steps/verify-sign-offs": steps["verify-sign-offs"],
      "steps/deploy": steps.deploy,
      "steps/activate-policy": steps["activate-policy"],
      "steps/watch-deployment": steps["watch-deployment"],
      "steps/clean-up": steps["clean-up"],
      "streams/decide": make("streams/decide", wakers),
      "streams/archive": make("streams/archive", variables),
      "events/notify": make("events/notify", variables),
      "events/record-delivery": make("events/record-delivery", variables),
      "events/restrict": make("events/restrict", wakers),
      "events/write-export": make("events/write-export", variables),
      "schedules/audit-running": make("schedules/audit-running", variables),
      "schedules/cosign-checkpoint": make("schedules/cosign-checkpoint", variables),
      "schedules/publish-keys": make("schedules/publish-keys", variables),
      "schedules/adopt-policy": make("schedules/adopt-policy", variables),
      "schedules/remind": make("schedules/remind", variables),
      "schedules/republish-checkpoint": make("schedules/republish-checkpoint", variables),
      "schedules/reconcile": make("schedules/reconcile", variables),
    };
    const permissions = functionPermissions(this, places, {
      stateMachineArn,
      eventBusArn: bus.eventBusArn,
      servingRoleArn: serving.roleArn,
      senderAddress: parameters.senderAddress,
      mailConfigurationSet: mail.configurationSet,
      channelSecretArn: settings.channelSecretArn,
      undeliveredArn: notifications.undelivered.queueArn,
      lostRestrictionsArn: restrictions.undelivered.queueArn,
      targetSecretArn: settings.targetSecretArn,
      targetRoles: settings.targetRoles,
      retentionDays: settings.objectLock.retentionDays,
    });
    for (const [name, each] of Object.entries(functions)) allow(each.role, permissions[name as FunctionName]);

    if (settings.clusters !== undefined)
      new ClusterAccess(this, "Clusters", settings.clusters, {
        readers: [steps.stage, functions["schedules/audit-running"]],
        shadowers: [steps["run-in-shadow"]],
        deployers: [steps.deploy, steps["watch-deployment"], steps["clean-up"], functions["events/restrict"]],
      });
    api.serve(functions);
    const rung = [
      this.#ring(functions["schedules/republish-checkpoint"], Duration.minutes(1)),
      // It begins once a day; the other hours go on where one run did not suffice.
      this.#ring(functions["schedules/reconcile"], Duration.hours(1)),
      this.#ring(functions["schedules/cosign-checkpoint"], Duration.minutes(1)),
      this.#ring(functions["schedules/remind"], Duration.minutes(15)),
      this.#ring(functions["schedules/audit-running"], Duration.minutes(15)),
      // What a target did not let be done at once is gone on with.
      this.#ring(functions["events/restrict"], Duration.minutes(5)),
      this.#ring(functions["schedules/publish-keys"], Duration.minutes(5)),
      this.#ring(functions["schedules/adopt-policy"], Duration.minutes(1)),
    ];
    serviceAlarms(this, settings.alarmEmail, {
      functions: Object.values(functions),
      machine,
      streams: new StreamConsumers(this, "Streams", places, {
        decide: functions["streams/decide"],
        archive: functions["streams/archive"],
      }),
      notifications: notifications.tell(functions["events/notify"], {
        eventBus: bus,
        pattern: factPattern(toldFacts),
      }),
      exports: new EventListener(this, "Exports").tell(functions["events/write-export"], {
        eventBus: bus,
        pattern: factPattern(exportFacts),
      }),
      restrictions: restrictions
        .tell(functions["events/restrict"], { eventBus: bus, pattern: factPattern(restrictingFacts) })
        .alsoHear("Monitors", functions["events/restrict"], { pattern: endedJobs }),
      restrict: functions["events/restrict"],
      auditRunning: functions["schedules/audit-running"],
      mailReports: mail.tell(functions["events/record-delivery"]),
      recordDelivery: functions["events/record-delivery"],
      writeExport: functions["events/write-export"],
      telling: [functions["events/notify"], functions["schedules/remind"]],
      republishCheckpoint: functions["schedules/republish-checkpoint"],
      reconcile: functions["schedules/reconcile"],
      api: api.api,
      cosign: functions["schedules/cosign-checkpoint"],
      watchDeployment: functions["steps/watch-deployment"],
      rung,
    });
    // Its stream rings it as well, which the alarm of those could not tell apart.
    this.#ring(functions["streams/archive"], Duration.minutes(1));
    publishPortal(this, portal, portalAssets(root));
    requireRoom(Object.values(functions), settings.targetRoles);

    const outputs = {
      PortalAddress: portalUrl,
      ApiAddress: `${api.api.url}v1`,
      OidcIssuer: issuer,
      CliClientId: clients.cli,
      ExchangeBucketName: places.exchange.name,
      ArtifactsBucketName: places.artifacts.name,
      LedgerBucketName: places.ledger.name,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  #ring(rung: CountersignFunction, every: Duration): CountersignFunction {
    ringAtRate(this, `${rung.node.id}Schedule`, rung, every);
    return rung;
  }
}
