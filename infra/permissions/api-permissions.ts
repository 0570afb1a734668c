import type { FunctionName } from "../functions.ts";
import {
  honouredPassportKeys,
  linkMac,
  listing,
  onObjects,
  onTable,
  queryIndexes,
  readPublicKeys,
  signAttestations,
  signPassports,
} from "./data-access.ts";
import type { Grant } from "./grant.ts";
import type { SharedAccess } from "./shared-access.ts";

/** What functions that answer HTTP may do. */
export function apiPermissions(
  shared: SharedAccess,
): Readonly<Record<Extract<FunctionName, `api/${string}`>, readonly Grant[]>> {
  const {
    places,
    service,
    people,
    publicKeys,
    attestationPublicKeys,
    readDocuments,
    keepDocuments,
    readChannelSecrets,
    readTargetSecrets,
    machine,
  } = shared;
  const { promotions, ledgerTable, replays, exchange, ledger } = places;
  return {
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
      onTable(ledgerTable, "GetItem"),
      onTable(replays, "GetItem", "PutItem"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      readDocuments,
      ...people,
    ],
    "api/record-loan": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onTable(ledgerTable, "GetItem"),
      onTable(replays, "GetItem", "PutItem"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/record-passkey": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onTable(ledgerTable, "GetItem"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/record-delegation": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onTable(ledgerTable, "GetItem"),
      onTable(replays, "GetItem", "PutItem"),
      signAttestations(places),
      readPublicKeys(places.attestationKey),
      ...people,
    ],
    "api/plan-absence": [onTable(promotions, "GetItem", "PutItem", "Query"), ...people],
    "api/read-passkeys": [onTable(promotions, "GetItem", "Query")],
    "api/ask-question": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onTable(replays, "GetItem", "PutItem"),
      ...people,
    ],
    "api/answer-slack": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      onTable(replays, "GetItem", "PutItem"),
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
    "api/withdraw": [onTable(promotions, "GetItem", "UpdateItem"), ...people],
    "api/read-learning": [onTable(promotions, "GetItem", "Query"), queryIndexes(places, "byModel"), readDocuments],
    "api/report-drift": [
      onTable(promotions, "GetItem", "PutItem", "UpdateItem"),
      queryIndexes(places, "byModel"),
      onObjects(exchange, ["incoming/*"], "GetObject", "GetObjectVersion"),
      listing(exchange),
      ...keepDocuments,
      machine("StartExecution"),
      ...people,
    ],
    "api/simulate-policy": [onTable(promotions, "GetItem"), ...people],
    "api/propose-policy": [
      onTable(promotions, "GetItem", "PutItem"),
      queryIndexes(places, "byModel", "byStatus"),
      onObjects(exchange, ["incoming/policies/*"], "PutObject"),
      machine("StartExecution"),
      ...people,
    ],
    "api/report-outcome": [
      onTable(promotions, "GetItem", "PutItem"),
      onObjects(exchange, ["incoming/*"], "GetObject", "GetObjectVersion"),
      listing(exchange),
      ...keepDocuments,
    ],
    "api/follow-link": [onTable(promotions, "PutItem"), linkMac(places, "VerifyMac")],
    "api/export-audit": [
      onTable(promotions, "GetItem", "PutItem"),
      // Nobody calls it with this role: the addresses that it gives out do.
      onObjects(exchange, ["exports/*"], "GetObject"),
    ],
    "api/read-checkpoint": [onObjects(ledger, ["checkpoint"], "GetObject"), listing(ledger)],
    // What is recorded of a key that KMS gives no more.
    "api/describe-service": [onTable(promotions, "Query"), publicKeys],
    "api/issue-passport": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      queryIndexes(places, "byModel"),
      readDocuments,
      attestationPublicKeys,
      signPassports(places),
      readPublicKeys(places.passportKey),
    ],
    "api/report-deployment": [onTable(promotions, "GetItem", "PutItem", "Query"), ...readTargetSecrets],
    "api/redeem-passport": [
      onTable(promotions, "GetItem", "PutItem", "Query"),
      queryIndexes(places, "byModel"),
      readPublicKeys(...honouredPassportKeys(places)),
    ],
  };
}
