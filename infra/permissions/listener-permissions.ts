import type { FunctionName } from "../functions.ts";
import { describeComponents, listComponents, removeComponents, serveComponents } from "./component-access.ts";
import {
  besidesPolicies,
  keepAlias,
  ledgerKeys,
  linkMac,
  listing,
  logKeys,
  onObjects,
  onTable,
  queryIndexes,
  readPublicKeys,
  signAttestations,
  signCheckpoints,
} from "./data-access.ts";
import {
  describeClusters,
  describeEndpoints,
  describeProcessingJobs,
  describeStaged,
  listEndpoints,
  modelPackageStatus,
  sendLetters,
  serve,
  takeOutOfService,
  weighVariants,
} from "./deployment-access.ts";
import type { Grant } from "./grant.ts";
import type { SharedAccess } from "./shared-access.ts";

/** What functions may do that follow the table, hear events or wake by the clock. */
export function listenerPermissions(
  shared: SharedAccess,
): Readonly<Record<Exclude<FunctionName, `api/${string}` | `steps/${string}`>, readonly Grant[]>> {
  const {
    scope,
    places,
    service,
    people,
    publicKeys,
    attestationPublicKeys,
    readDocuments,
    keepDocuments,
    readChannelSecrets,
    readTargetSecrets,
    enterAccounts,
    machine,
    appendToLedger,
  } = shared;
  const { promotions, taskTokens, ledgerTable, exchange, artifacts, ledger } = places;
  return {
    "streams/decide": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      onTable(taskTokens, "GetItem", "DeleteItem"),
      machine("SendTaskSuccess"),
      readDocuments,
      ...people,
    ],
    "streams/archive": [...appendToLedger, onTable(promotions, "GetItem")],
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
      onTable(ledgerTable, "BatchGetItem"),
      onObjects(artifacts, ["frozen/*"], "GetObject", "GetObjectVersion"),
      listing(artifacts),
      ...keepDocuments,
      attestationPublicKeys,
      ...describeStaged(scope),
      serve(scope),
      weighVariants(scope),
      ...takeOutOfService(scope),
      describeProcessingJobs(scope),
      { actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage"], resources: [service.lostRestrictionsArn] },
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
      onTable(promotions, "GetItem", "Query", "UpdateItem"),
      onObjects(ledger, ledgerKeys, "GetObject"),
      listing(ledger),
      onObjects(exchange, ["exports/*"], "PutObject"),
      publicKeys,
    ],
    "schedules/audit-running": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      queryIndexes(places, "byModel"),
      ...keepDocuments,
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
      keepAlias(places),
      listing(ledger),
    ],
    "schedules/adopt-policy": [
      onTable(promotions, "GetItem", "PutItem"),
      // It tells a promotion that its policies are in force; which those are it puts there whole, or not at all.
      ...besidesPolicies(onTable(promotions, "UpdateItem"), places),
      ...keepDocuments,
    ],
    "schedules/publish-keys": [
      onTable(promotions, "PutItem", "Query"),
      publicKeys,
      // A key signs about another only where there is another.
      ...(places.keys.attestation.length > 1 ? [signAttestations(places)] : []),
      ...(places.keys.checkpoint.length > 1 ? [signCheckpoints(places)] : []),
    ],
    "schedules/remind": [
      onTable(promotions, "GetItem", "PutItem", "Query", "UpdateItem"),
      queryIndexes(places, "byStatus"),
      linkMac(places, "GenerateMac"),
      ...sendLetters(scope, service.senderAddress, service.mailConfigurationSet),
      ...readChannelSecrets,
      ...people,
    ],
    "schedules/republish-checkpoint": [
      onTable(ledgerTable, "GetItem", "BatchWriteItem"),
      // A key is looked for in the log only where that began with another.
      ...(places.keys.checkpoint.length > 1 ? [onTable(ledgerTable, "BatchGetItem")] : []),
      onObjects(ledger, logKeys, "GetObject", "PutObject"),
      keepAlias(places),
      listing(ledger),
      signCheckpoints(places),
      readPublicKeys(places.checkpointKey),
    ],
    "schedules/reconcile": [...appendToLedger, onTable(promotions, "Scan", "BatchGetItem")],
  };
}
