import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { ExportJob } from "../../../core/archive/export-job.ts";
import { eachAtOnce } from "../../../core/at-once.ts";
import {
  attachmentOf,
  blobsOf,
  type RecordedSignOff,
  signOffFact,
} from "../../../core/attestation/recorded-sign-off.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { NewEntry, SequenceOutcome } from "../../../core/ledger/sequence.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry, newFacts } from "../../../core/promotion/ledger-record.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { Log } from "../../log.ts";

type Stored =
  | { readonly kind: "promotion"; readonly promotion: Promotion }
  | { readonly kind: "sign-off"; readonly recorded: RecordedSignOff }
  | { readonly kind: "fact"; readonly fact: Fact }
  | { readonly kind: "lane" }
  | { readonly kind: "export"; readonly job: ExportJob };

/** What the bus is told of a fact that is in the ledger now. */
interface Announcement {
  readonly factId: string;
  readonly type: Fact["type"];
  readonly promotionId?: string;
  readonly at: string;
  readonly ledgerIndex: number;
}

export interface ArchivePorts {
  readonly log: Log;
  /** Reads one image of the stream. */
  readonly read: (image: object) => Stored;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly sequence: (entries: readonly NewEntry[]) => Promise<SequenceOutcome>;
  readonly announce: (announcements: readonly Announcement[]) => Promise<void>;
}

/** A batch may hold a thousand sign-offs with two documents of their own each. */
const putsAtOnce = 16;

/**
 * Follows the promotions table: every new fact becomes one record of the ledger, and then the bus is told. The stream
 * only rings; the order is the sequencer's. Telling a fact twice makes one record.
 */
export function archive(ports: ArchivePorts) {
  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const told = event.Records.map((record) => ({ record, facts: factsOf(record) }));
    await keepSignOffs(event.Records);
    const facts = told.flatMap((each) => each.facts);
    if (facts.length === 0) return { batchItemFailures: [] };
    const outcome = await ports.sequence(facts.map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) })));
    await announceAll(facts, outcome);
    const refused = new Set(outcome.refused.map(({ id }) => id));
    for (const { id, code } of outcome.refused) ports.log("error", "record refused", { factId: id, code });
    ports.log("info", "archived", {
      appended: outcome.appended.length,
      already: outcome.already.length,
      size: outcome.size,
    });
    // A record that can never be appended is retried, bounded, and then kept by the on-failure destination: an alarm, not a loss.
    const failures = told.filter((each) => each.facts.some(({ id }) => refused.has(id)));
    return {
      batchItemFailures: failures.map(({ record }) => ({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" })),
    };
  };

  function factsOf(record: DynamoDBRecord): readonly Fact[] {
    const { NewImage: after, OldImage: before } = record.dynamodb ?? {};
    if (after === undefined) return [];
    const stored = ports.read(after);
    switch (stored.kind) {
      case "promotion": {
        const old = before === undefined ? undefined : ports.read(before);
        return newFacts(old?.kind === "promotion" ? old.promotion : undefined, stored.promotion);
      }
      case "sign-off":
        return [signOffFact(stored.recorded)];
      case "fact":
        return [stored.fact];
      case "lane":
        return [];
      case "export": {
        const old = before === undefined ? undefined : ports.read(before);
        return newFacts(old?.kind === "export" ? old.job : undefined, stored.job);
      }
      default:
        return stored satisfies never;
    }
  }

  /** The documents first: a record must never name one that is not there. */
  async function keepSignOffs(records: readonly DynamoDBRecord[]): Promise<void> {
    const documents = records.flatMap(({ dynamodb }) => {
      const stored = dynamodb?.NewImage === undefined ? undefined : ports.read(dynamodb.NewImage);
      return stored?.kind === "sign-off" ? blobsOf(stored.recorded) : [];
    });
    // Most sign-offs rest on the same key set.
    const distinct = new Map(documents.map((document) => [attachmentOf(document).sha256, document]));
    await eachAtOnce(distinct.values(), putsAtOnce, ({ bytes, mediaType }) => ports.blobs.put(bytes, mediaType));
  }

  async function announceAll(facts: readonly Fact[], outcome: SequenceOutcome): Promise<void> {
    const indexes = new Map([...outcome.appended, ...outcome.already].map(({ id, index }) => [id, index]));
    const announcements = facts.flatMap((fact): readonly Announcement[] => {
      const ledgerIndex = indexes.get(fact.id);
      if (ledgerIndex === undefined) return [];
      const promotion = fact.promotion === undefined ? {} : { promotionId: fact.promotion };
      return [{ factId: fact.id, type: fact.type, at: fact.at, ledgerIndex, ...promotion }];
    });
    await ports.announce(announcements);
  }
}
