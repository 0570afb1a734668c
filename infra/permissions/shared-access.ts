import type { Construct } from "constructs";
import type { Places } from "../stacks/data-stack.ts";
import {
  documents,
  keepAlias,
  keepLonger,
  ledgerKeys,
  listing,
  listReviewers,
  onObjects,
  onTable,
  readPublicKeys,
  signCheckpoints,
} from "./data-access.ts";
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
  /** The queue of events after which what runs was not looked at. */
  readonly lostRestrictionsArn: string;
  readonly targetSecretArn: string | undefined;
  readonly targetRoles: readonly string[];
  /** For how long the buckets under Object Lock keep what is written now. */
  readonly retentionDays: number;
}

/** Grants that several functions have, and the places that the others are made of. */
export interface SharedAccess {
  readonly scope: Construct;
  readonly places: Places;
  readonly service: ServicePlaces;
  readonly people: readonly Grant[];
  readonly publicKeys: Grant;
  readonly attestationPublicKeys: Grant;
  readonly readDocuments: Grant;
  readonly keepDocuments: readonly Grant[];
  readonly readChannelSecrets: readonly Grant[];
  readonly readTargetSecrets: readonly Grant[];
  /** The accounts of targets, by the roles that are named in the settings. */
  readonly enterAccounts: readonly Grant[];
  readonly appendToLedger: readonly Grant[];
  readonly machine: (action: "StartExecution" | "SendTaskSuccess") => Grant;
}

export function sharedAccess(scope: Construct, places: Places, service: ServicePlaces): SharedAccess {
  const { promotions, ledger, ledgerTable, keys } = places;
  const { targetRoles, retentionDays } = service;
  const keepDocumentsLonger = keepLonger(ledger, documents, retentionDays);
  return {
    scope,
    places,
    service,
    people: listReviewers(places.reviewers),
    publicKeys: readPublicKeys(...keys.attestation, ...keys.checkpoint),
    attestationPublicKeys: readPublicKeys(...keys.attestation),
    readDocuments: onObjects(ledger, documents, "GetObject"),
    keepDocuments: [onObjects(ledger, documents, "GetObject", "PutObject"), ...keepDocumentsLonger],
    readChannelSecrets: readSecret(service.channelSecretArn),
    readTargetSecrets: readSecret(service.targetSecretArn),
    enterAccounts:
      targetRoles.length === 0 ? [] : [{ actions: ["sts:AssumeRole", "sts:TagSession"], resources: targetRoles }],
    appendToLedger: [
      // What is recorded about the keys, and what signatures rest on.
      onTable(promotions, "Query"),
      onTable(ledgerTable, "GetItem", "PutItem", "BatchGetItem", "BatchWriteItem"),
      onObjects(ledger, ledgerKeys, "GetObject", "PutObject"),
      ...keepDocumentsLonger,
      keepAlias(places),
      listing(ledger),
      signCheckpoints(places),
      readPublicKeys(places.checkpointKey),
      { actions: ["events:PutEvents"], resources: [service.eventBusArn] },
    ],
    machine: (action) => ({ actions: [`states:${action}`], resources: [service.stateMachineArn] }),
  };
}

function readSecret(arn: string | undefined): readonly Grant[] {
  return arn === undefined ? [] : [{ actions: ["secretsmanager:GetSecretValue"], resources: [arn] }];
}
