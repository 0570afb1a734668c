import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";

/** What the bus is told of a fact: what and where, never its content. */
export interface Announcement {
  readonly factId: string;
  readonly type: Fact["type"];
  readonly promotionId?: string;
  readonly at: string;
  readonly ledgerIndex: number;
}

/** Source and detail type of the events on the bus. */
const announcementSource = "countersign";
const announcementType = "Countersign Fact Recorded";

/** Tells the bus of facts that are in the ledger now. Throws `unavailable` where the bus did not take one: tell again. */
export function announcer(client: EventBridgeClient, busName: string) {
  return async (announcements: readonly Announcement[]): Promise<void> => {
    // PutEvents takes ten entries at most.
    for (let start = 0; start < announcements.length; start += 10) {
      const entries = announcements.slice(start, start + 10).map((announcement) => ({
        EventBusName: busName,
        Source: announcementSource,
        DetailType: announcementType,
        Detail: JSON.stringify(announcement),
      }));
      const { FailedEntryCount: failed } = await client.send(new PutEventsCommand({ Entries: entries }));
      if (failed !== undefined && failed > 0)
        throw new Failure("unavailable", `The event bus refused ${failed} announcements.`);
    }
  };
}
