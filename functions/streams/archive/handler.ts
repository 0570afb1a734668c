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
    // It can never be appended, and coming again it would hold up the shard, and everybody's letters, until it is given
    // up. An alarm watches for it; the fact stays in the table, and the reconciliation names it every day.
    for (const { id, code } of outcome.refused) ports.log("error", "record refused", { factId: id, code });
    ports.log("info", "archived", {
      appended: outcome.appended.length,
      already: outcome.already.length,
      size: outcome.size,
    });
    return { batchItemFailures: [] };
  };

  function read({ dynamodb }: DynamoDBRecord): readonly Told[] {
    const { NewImage: after, OldImage: before } = dynamodb ?? {};
    if (after === undefined) return [];
    const stored = ports.read(after);
    return [{ stored, facts: factsIn(stored, before === undefined ? undefined : ports.read(before)) }];
  }
}

interface Told {
  readonly stored: Stored;
  readonly facts: readonly Fact[];
}
