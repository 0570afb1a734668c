import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { delegationFact, type RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { putOnce, readDeeds, requireDeeds } from "./deeds.ts";
import { everyItem } from "./every-item.ts";
import {
  delegationEndItem,
  delegationEndPartition,
  delegationItem,
  delegationPartition,
  readPromotionsItem,
} from "./promotion-items.ts";

const atOnce = 25;

/** Delegations in the promotions table, whose stream archives what is done about them. Nothing is ever changed. */
export function delegationStore(client: DynamoDBClient, table: string) {
  const readable = (id: Sha256): Promise<readonly RecordedDelegationDeed[] | undefined> =>
    readDeeds(
      client,
      table,
      { partition: delegationPartition, id },
      (item) => (item.kind === "delegation" ? item.deed : undefined),
      delegationFact,
    );

  return {
    /** What was done about one delegation, in no order. Strongly consistent. Throws where that cannot be read. */
    deeds: async (id: Sha256): Promise<readonly RecordedDelegationDeed[]> => requireDeeds(await readable(id), id),

    /**
     * What was done about each delegation that was not over at an instant, in no order. Strongly consistent. What is read grows
     * with the delegations that run, and not with all that ever were. One that cannot be read lets nobody sign in another's place,
     * and keeps nobody else from their review: the reconciliation names it.
     */
    async notOver(at: Instant): Promise<readonly RecordedDelegationDeed[]> {
      const ids = await endingFrom(at);
      const found: RecordedDelegationDeed[] = [];
      for (let from = 0; from < ids.length; from += atOnce)
        found.push(...(await Promise.all(ids.slice(from, from + atOnce).map(readable))).flatMap((each) => each ?? []));
      return found;
    },

    /** Each deed is done once; `exists` where it was done before. */
    async record(deed: RecordedDelegationDeed): Promise<"recorded" | "exists"> {
      // First, so that there is none that is not found; one of which nothing comes points to nothing.
      if (deed.deed === "delegate") await putOnce(client, table, delegationEndItem(deed));
      return putOnce(client, table, delegationItem(deed));
    },
  };

  async function endingFrom(at: Instant): Promise<readonly Sha256[]> {
    const values = { ":pk": delegationEndPartition, ":at": at };
    const items = await everyItem(client, table, "pk = :pk AND sk >= :at", values);
    return items.flatMap((item) => {
      const read = readPromotionsItem(item);
      return read.kind === "delegation-end" ? [read.id] : [];
    });
  }
}
