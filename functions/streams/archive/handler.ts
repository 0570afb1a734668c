import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, ScheduledEvent } from "aws-lambda";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type ArchiveFactsPorts, archiveFacts } from "../../ledger/archive-facts.ts";
import { factsIn, requireReadable, type Stored } from "../../ledger/stored-facts.ts";
import { errorFields, type Log } from "../../log.ts";

export interface ArchivePorts extends ArchiveFactsPorts {
  readonly log: Log;
  /** Reads one image of the stream. */
  readonly read: (image: object) => Stored;
}

/**
 * Follows the promotions table: every new fact becomes one record of the ledger, and then the bus is told. The stream
 * only rings; the order is the sequencer's. Telling a fact twice makes one record.
 *
 * Rung by the clock, it tells of settings that a deployment changed, so that these do not wait for whatever is told next: what
 * somebody signed under them before is refused by every verification until then, and for good where that is too late
 * (`longestChangeSeconds`).
 */
export function archive(ports: ArchivePorts) {
  return async (event: DynamoDBStreamEvent | ScheduledEvent): Promise<DynamoDBBatchResponse> => {
    if (!("Records" in event)) {
      await tellSettings(ports);
      return { batchItemFailures: [] };
    }
    const told = event.Records.flatMap(read);
    // Of a newer version, before somebody went back to this one: what it tells, the newer one's reconciliation appends.
    for (const { stored } of told)
      if (stored.kind === "unknown") ports.log("error", "record refused", { code: "newer-version" });
    if (told.every(({ facts }) => facts.length === 0)) return { batchItemFailures: [] };
    const givenUp = await givenUpBefore(told, ports);
    for (const { id } of [...givenUp.values()].flat()) ports.log("error", "record given up before", { factId: id });
    const facts = told.flatMap((each) => [...(givenUp.get(each) ?? []), ...each.facts]);
    const outcome = await archiveFacts(
      ports,
      facts,
      told.map(({ stored }) => stored),
    );
    // Coming again it would hold up the shard, and everybody's letters, until it is given up. An alarm watches for it; the
    // fact stays in the table, and the reconciliation names it every day, and tries it again.
    for (const { id, code, why } of outcome.refused) ports.log("error", "record refused", { ...why, factId: id, code });
    ports.log("info", "archived", {
      appended: outcome.appended.length,
      already: outcome.already.length,
      size: outcome.size,
    });
    return { batchItemFailures: [] };
  };

  /** Of an item that cannot be read nothing is told, and the shard waits for it no more than for one of a newer version. */
  function read({ dynamodb }: DynamoDBRecord): readonly Told[] {
    const { Keys: key, NewImage: after, OldImage: before } = dynamodb ?? {};
    if (after === undefined) return [];
    try {
      const stored = ports.read(after);
      requireReadable(stored);
      return [{ stored, facts: factsIn(stored, before === undefined ? undefined : readBefore(before)) }];
    } catch (error) {
      const item = `${key?.["pk"]?.S}/${key?.["sk"]?.S}`;
      ports.log("error", "record refused", { ...errorFields(error), code: "unreadable", item });
      return [];
    }
  }

  /** What could not be read before told nothing of what it is now: all of that is told, of which the ledger has each but once. */
  function readBefore(image: object): Stored | undefined {
    try {
      const before = ports.read(image);
      requireReadable(before);
      return before;
    } catch {
      return undefined;
    }
  }
}

/** Appends what the log begins with as it is now. A log begins once there is a fact of its keys, and not before. */
async function tellSettings(ports: ArchivePorts): Promise<void> {
  if ((await ports.keyFacts()).length === 0) return;
  const { appended, size } = await archiveFacts(ports, [], []);
  if (appended.length > 0) ports.log("info", "settings archived", { appended: appended.length, size });
}

interface Told {
  readonly stored: Stored;
  readonly facts: readonly Fact[];
}

/**
 * What promotions told before, and the ledger lacks: the stream was given up then, since it could not be archived for a day. A
 * promotion's history is told in its order, so this is the last moment: behind what follows it verification would refuse both.
 */
async function givenUpBefore(
  told: readonly Told[],
  { inLedger }: Pick<ArchivePorts, "inLedger">,
): Promise<ReadonlyMap<Told, readonly Fact[]>> {
  const now = new Set(told.flatMap(({ facts }) => facts.map(({ id }) => id)));
  const continued = told.flatMap((each) => {
    if (each.stored.kind !== "promotion" || each.facts.length === 0) return [];
    const earlier = each.stored.promotion.history.slice(0, -each.facts.length);
    const last = earlier.at(-1);
    return last === undefined || now.has(last.id) ? [] : [{ each, earlier, last }];
  });
  if (continued.length === 0) return new Map();
  const known = await inLedger(continued.map(({ last }) => last.id));
  const open = continued.filter(({ last }) => !known.has(last.id));
  if (open.length === 0) return new Map();
  const all = await inLedger(open.flatMap(({ earlier }) => earlier.map(({ id }) => id)));
  return new Map(open.map(({ each, earlier }) => [each, earlier.filter(({ id }) => !all.has(id))]));
}
