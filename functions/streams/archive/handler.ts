import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type ArchiveFactsPorts, archiveFacts } from "../../archive-facts.ts";
import type { Log } from "../../log.ts";
import { factsIn, type Stored } from "../../stored-facts.ts";

export interface ArchivePorts extends ArchiveFactsPorts {
  readonly log: Log;
  /** Reads one image of the stream. */
  readonly read: (image: object) => Stored;
}

/**
 * Follows the promotions table: every new fact becomes one record of the ledger, and then the bus is told. The stream
 * only rings; the order is the sequencer's. Telling a fact twice makes one record.
 */
export function archive(ports: ArchivePorts) {
  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const told = event.Records.flatMap(read);
    const facts = told.flatMap((each) => each.facts);
    if (facts.length === 0) return { batchItemFailures: [] };
    const outcome = await archiveFacts(
      ports,
      facts,
      told.map(({ stored }) => stored),
    );
    const refused = new Set(outcome.refused.map(({ id }) => id));
    for (const { id, code } of outcome.refused) ports.log("error", "record refused", { factId: id, code });
    ports.log("info", "archived", {
      appended: outcome.appended.length,
      already: outcome.already.length,
      size: outcome.size,
    });
    // A record that can never be appended is retried, bounded, and then kept by the on-failure destination: an alarm, not a loss.
    const failures = told.filter((each) => each.facts.some(({ id }) => refused.has(id)));
    return { batchItemFailures: failures.map(({ itemIdentifier }) => ({ itemIdentifier })) };
  };

  function read({ dynamodb }: DynamoDBRecord): readonly Told[] {
    const { NewImage: after, OldImage: before, SequenceNumber: itemIdentifier = "" } = dynamodb ?? {};
    if (after === undefined) return [];
    const stored = ports.read(after);
    return [{ itemIdentifier, stored, facts: factsIn(stored, before === undefined ? undefined : ports.read(before)) }];
  }
}

interface Told {
  readonly itemIdentifier: string;
  readonly stored: Stored;
  readonly facts: readonly Fact[];
}
