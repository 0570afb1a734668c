import type { Construct } from "constructs";
import type { FunctionName } from "../functions.ts";
import type { Places } from "../stacks/data-stack.ts";
import {
  besidesPolicies,
  documents,
  honouredPassportKeys,
  ledgerKeys,
  linkMac,
  listing,
  listReviewers,
  logKeys,
  onObjects,
  onTable,
  queryIndexes,
  readPublicKeys,
  signAttestations,
  signCheckpoints,
  signPassports,
} from "./data-access.ts";
import {
  describeAlarms,
  describeChangeSets,
  describeClusters,
  describeComponents,
  describeEndpoints,
  describeProcessingJobs,
  describeStaged,
  goBack,
  goBackInComponents,
  listComponents,
  listEndpoints,
  makeReleaseAlarms,
  modelPackageStatus,
  onShadows,
  onShares,
  onStaged,
  passServingRole,
  readAlarmHistory,
  readMetrics,
  removeComponents,
  sendLetters,
  serve,
  serveComponents,
  serveShare,
  shadowEndpoints,
  takeOutOfService,
  watchAlarms,
  weighVariants,
} from "./deployment-access.ts";
import type { Grant } from "./grant.ts";

/** What of the service stack some functions may use. */
export interface ServicePlaces {
  readonly stateMachineArn: string;
  readonly eventBusArn: string;
  readonly servingRoleArn: string;
  readonly senderAddress: string;
  readonly mailConfigurationSet: string;
  readonly channelSecretArn: string | undefined;
  /** The queue of events that people could not be told of. */
  readonly undeliveredArn: string;
  readonly targetSecretArn: string | undefined;
  readonly targetRoles: readonly string[];
}

/**
 * What each function may do: docs/architecture.md's column "may", action by action. The grants test holds every call
 * of the end-to-end stories against it, both ways.
 */
export function functionPermissions(
  scope: Construct,
  places: Places,
  service: ServicePlaces,
): Readonly<Record<FunctionName, readonly Grant[]>> {
  const { promotions, taskTokens, ledgerTable, replays, exchange, artifacts, ledger, reviewers } = places;
  const people = listReviewers(reviewers);
  const publicKeys = readPublicKeys(...places.keys.attestation, ...places.keys.checkpoint);
  const attestationPublicKeys = readPublicKeys(...places.keys.attestation);
  const readDocuments = onObjects(ledger, documents, "GetObject");
  const keepDocuments = onObjects(ledger, documents, "GetObject", "PutObject");
  const readSecret = (arn: string | undefined): readonly Grant[] =>
    arn === undefined ? [] : [{ actions: ["secretsmanager:GetSecretValue"], resources: [arn] }];
  const readChannelSecrets = readSecret(service.channelSecretArn);
  const readTargetSecrets = readSecret(service.targetSecretArn);
  const { targetRoles } = service;
  const enterAccounts: readonly Grant[] =
    targetRoles.length === 0 ? [] : [{ actions: ["sts:AssumeRole", "sts:TagSession"], resources: targetRoles }];
  const machine = (action: string): Grant => ({ actions: [`states:${action}`], resources: [service.stateMachineArn] });

  const appendToLedger = [
    onTable(ledgerTable, "GetItem", "PutItem", "BatchGetItem", "BatchWriteItem"),
    onObjects(ledger, ledgerKeys, "GetObject", "PutObject"),
    listing(ledger),
    signCheckpoints(places),
    readPublicKeys(places.checkpointKey),
    { actions: ["events:PutEvents"], resources: [service.eventBusArn] },
  ];

  const permissions: Readonly<Record<FunctionName, readonly Grant[]>> = {
    "api/submit": [
      onTable(promotions, "GetItem", "PutItem"),
      queryIndexes(places, "byModel"),
      onTable(replays, "GetItem", "PutItem"),
      machine("StartExecution"),
      ...people,
    ],
    "api/read-promotions": [
      onTable(promotions, "GetItem", "Query"),
      onTable(ledgerTable, "BatchGetItem"),
      queryIndexes(places, "byStatus", "byModel"),
      readDocuments,
      ...people,
    ],
    "api/record-sign-off": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/record-loan": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/record-passkey": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/record-delegation": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/plan-absence": [onTable(promotions, "GetItem", "PutItem", "Query"), ...people],
    "api/read-passkeys": [onTable(promotions, "GetItem", "Query")],
    "api/ask-question": [onTable(promotions, "GetItem", "PutItem", "Query"), ...people],
    "api/answer-slack": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onTable(replays, "PutItem"),
      linkMac(places, "GenerateMac"),
      ...readChannelSecrets,
      ...people,
    ],
    "api/redrive-notifications": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      {
        actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
        resources: [service.undeliveredArn],
      },
      { actions: ["events:PutEvents"], resources: [service.eventBusArn] },
    ],
    "api/withdraw": [onTable(promotions, "GetItem", "UpdateItem")],
    "api/read-learning": [onTable(promotions, "GetItem", "Query"), queryIndexes(places, "byModel"), readDocuments],
    "api/report-drift": [
      onTable(promotions, "GetItem", "PutItem", "UpdateItem"),
      queryIndexes(places, "byModel"),
      onObjects(exchange, ["incoming/*"], "GetObject", "GetObjectVersion"),
      listing(exchange),
      keepDocuments,
      machine("StartExecution"),
      ...people,
    ],
    "api/simulate-policy": [onTable(promotions, "GetItem"), ...people],
    "api/propose-policy": [
      onTable(promotions, "GetItem", "PutItem"),
      queryIndexes(places, "byStatus"),
      onObjects(exchange, ["incoming/policies/*"], "PutObject"),
      machine("StartExecution"),
      ...people,
    ],
    "api/report-outcome": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onObjects(exchange, ["incoming/*"], "GetObject", "GetObjectVersion"),
      listing(exchange),
      keepDocuments,
    ],
    "api/follow-link": [onTable(promotions, "PutItem"), linkMac(places, "VerifyMac")],
    "api/export-audit": [
      onTable(promotions, "GetItem", "PutItem"),
      // Nobody calls it with this role: the addresses that it gives out do.
      onObjects(exchange, ["exports/*"], "GetObject"),
    ],
    "api/read-checkpoint": [onObjects(ledger, ["checkpoint"], "GetObject"), listing(ledger)],
    "api/describe-service": [publicKeys],
    "api/issue-passport": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      queryIndexes(places, "byModel"),
      readDocuments,
      attestationPublicKeys,
      signPassports(places),
      readPublicKeys(places.passportKey),
    ],
    "api/report-deployment": [onTable(promotions, "GetItem", "PutItem", "Query"), ...readTargetSecrets],
    "api/redeem-passport": [onTable(promotions, "GetItem", "PutItem"), readPublicKeys(...honouredPassportKeys(places))],
    "steps/freeze": [
      onTable(promotions, "GetItem", "UpdateItem"),
      onObjects(exchange, ["incoming/*"], "GetObject", "GetObjectVersion"),
      listing(exchange),
      onObjects(artifacts, ["frozen/*"], "GetObject", "PutObject"),
      keepDocuments,
    ],
    "steps/evaluate-gates": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      queryIndexes(places, "byModel"),
      keepDocuments,
      ...people,
    ],
    "steps/stage": [
      onTable(promotions, "GetItem", "UpdateItem"),
      onObjects(artifacts, ["frozen/*"], "GetObjectVersion"),
      ...onStaged(scope, "Create"),
      ...describeStaged(scope),
      describeEndpoints(scope),
      describeComponents(scope),
      describeClusters(scope),
      ...modelPackageStatus(scope),
      passServingRole(service.servingRoleArn),
      ...readTargetSecrets,
      ...enterAccounts,
    ],
    "steps/run-in-shadow": [
      onTable(promotions, "GetItem", "UpdateItem"),
      onObjects(artifacts, ["frozen/*"], "GetObjectVersion"),
      onObjects(exchange, ["shadow/*"], "GetObject"),
      listing(exchange),
      keepDocuments,
      ...describeStaged(scope),
      describeEndpoints(scope),
      onShadows(scope, "Create", "Delete"),
      shadowEndpoints(scope),
      readMetrics(),
      describeClusters(scope),
      ...enterAccounts,
    ],
    "steps/open-stage": [onTable(promotions, "GetItem", "UpdateItem"), onTable(taskTokens, "PutItem")],
    "steps/expire": [onTable(promotions, "GetItem", "Query", "UpdateItem"), ...people],
    "steps/verify-sign-offs": [
      onTable(promotions, "GetItem", "Query", "UpdateItem"),
      onObjects(artifacts, ["frozen/*"], "GetObject"),
      listing(artifacts),
      keepDocuments,
      signAttestations(places),
      attestationPublicKeys,
      ...people,
    ],
    "steps/deploy": [
      onTable(promotions, "GetItem", "Query", "UpdateItem"),
      onObjects(artifacts, ["frozen/*"], "GetObject", "GetObjectVersion"),
      listing(artifacts),
      keepDocuments,
      attestationPublicKeys,
      ...describeStaged(scope),
      serve(scope),
      onShares(scope, "Create"),
      serveShare(scope),
      describeEndpoints(scope),
      describeComponents(scope),
      ...serveComponents(scope),
      describeClusters(scope),
      makeReleaseAlarms(scope),
      describeAlarms(scope),
      describeChangeSets(scope),
      ...modelPackageStatus(scope, "Approved"),
      ...readTargetSecrets,
      ...enterAccounts,
    ],
    "steps/watch-deployment": [
      onTable(promotions, "GetItem", "Query", "UpdateItem"),
      keepDocuments,
      ...describeStaged(scope),
      describeEndpoints(scope),
      describeComponents(scope),
      ...goBackInComponents(scope),
      describeClusters(scope),
      goBack(scope),
      weighVariants(scope),
      onShares(scope, "Delete"),
      ...modelPackageStatus(scope, "PendingManualApproval"),
      ...watchAlarms(scope),
      readAlarmHistory(scope),
      ...readTargetSecrets,
      ...enterAccounts,
    ],
    "steps/activate-policy": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      queryIndexes(places, "byStatus"),
      onObjects(artifacts, ["frozen/*"], "GetObjectVersion"),
      keepDocuments,
      attestationPublicKeys,
    ],
    "steps/clean-up": [
      onTable(promotions, "GetItem", "UpdateItem"),
      ...onStaged(scope, "Delete"),
      onShadows(scope, "Delete"),
      onShares(scope, "Delete"),
      ...describeStaged(scope),
      describeEndpoints(scope),
      describeComponents(scope),
      ...goBackInComponents(scope),
      describeClusters(scope),
      goBack(scope),
      weighVariants(scope),
      ...modelPackageStatus(scope, "Rejected"),
      ...modelPackageStatus(scope, "PendingManualApproval").slice(1),
      ...watchAlarms(scope),
      ...readTargetSecrets,
      ...enterAccounts,
    ],
    "streams/decide": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      onTable(taskTokens, "GetItem", "DeleteItem"),
      machine("SendTaskSuccess"),
      ...people,
    ],
    "streams/archive": appendToLedger,
    "events/notify": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      linkMac(places, "GenerateMac"),
      ...sendLetters(scope, service.senderAddress, service.mailConfigurationSet),
      ...readChannelSecrets,
      ...people,
    ],
    "events/record-delivery": [onTable(promotions, "PutItem", "Query")],
    "events/restrict": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      queryIndexes(places, "byModel", "byStatus"),
      onObjects(artifacts, ["frozen/*"], "GetObject", "GetObjectVersion"),
      listing(artifacts),
      keepDocuments,
      attestationPublicKeys,
      ...describeStaged(scope),
      serve(scope),
      weighVariants(scope),
      takeOutOfService(scope),
      describeProcessingJobs(scope),
      machine("StartExecution"),
      ...people,
      describeEndpoints(scope),
      describeComponents(scope),
      ...serveComponents(scope),
      removeComponents(scope),
      describeClusters(scope),
      ...modelPackageStatus(scope, "Approved"),
      ...modelPackageStatus(scope, "PendingManualApproval").slice(1),
      ...readTargetSecrets,
      ...enterAccounts,
    ],
    "events/write-export": [
      onTable(promotions, "GetItem", "UpdateItem"),
      onObjects(ledger, ledgerKeys, "GetObject"),
      listing(ledger),
      onObjects(exchange, ["exports/*"], "PutObject"),
      publicKeys,
    ],
    "schedules/audit-running": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      queryIndexes(places, "byModel"),
      keepDocuments,
      attestationPublicKeys,
      ...describeStaged(scope),
      describeEndpoints(scope),
      describeComponents(scope),
      listComponents,
      listEndpoints,
      describeClusters(scope),
      ...modelPackageStatus(scope),
      ...readTargetSecrets,
      ...enterAccounts,
    ],
    "schedules/cosign-checkpoint": [
      onObjects(ledger, ["checkpoint", "tile/*"], "GetObject"),
      onObjects(ledger, ["checkpoint"], "PutObject"),
      listing(ledger),
    ],
    "schedules/adopt-policy": [onTable(promotions, "GetItem", "PutItem"), keepDocuments],
    "schedules/publish-keys": [
      onTable(promotions, "PutItem", "Query"),
      publicKeys,
      // A key signs about another only where there is another.
      ...(places.keys.attestation.length > 1 ? [signAttestations(places)] : []),
      ...(places.keys.checkpoint.length > 1 ? [signCheckpoints(places)] : []),
    ],
    "schedules/remind": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      queryIndexes(places, "byStatus"),
      linkMac(places, "GenerateMac"),
      ...sendLetters(scope, service.senderAddress, service.mailConfigurationSet),
      ...readChannelSecrets,
      ...people,
    ],
    "schedules/republish-checkpoint": [
      onTable(ledgerTable, "GetItem", "BatchWriteItem"),
      onObjects(ledger, logKeys, "GetObject", "PutObject"),
      listing(ledger),
      signCheckpoints(places),
      readPublicKeys(places.checkpointKey),
    ],
    "schedules/reconcile": [...appendToLedger, onTable(promotions, "Scan", "BatchGetItem")],
  };
  return Object.fromEntries(
    Object.entries(permissions).map(([name, grants]) => [
      name,
      putPoliciesInForce.includes(name) ? grants : grants.flatMap((grant) => besidesPolicies(grant, places)),
    ]),
  ) as Record<FunctionName, readonly Grant[]>;
}

/** Whoever may write which policies are in force (decision 0035); no other function may, whatever else it writes. */
const putPoliciesInForce: readonly string[] = [
  "steps/activate-policy",
  "schedules/adopt-policy",
] satisfies readonly FunctionName[];
