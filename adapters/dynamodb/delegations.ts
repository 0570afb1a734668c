import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { putOnce, readDeeds } from "./deeds.ts";
import { delegationItem, delegationPartition } from "./promotion-items.ts";

/** Delegations in the promotions table, whose stream archives what is done about them. Nothing is ever changed. */
export function delegationStore(client: DynamoDBClient, table: string) {
  return {
    /** What was done about one delegation, or about all of them, in no order. Strongly consistent. */
    deeds: (id?: Sha256): Promise<readonly RecordedDelegationDeed[]> =>
      readDeeds(client, table, { partition: delegationPartition, id }, (item) =>
        item.kind === "delegation" ? item.deed : undefined,
      ),

    /** Each deed is done once; `exists` where it was done before. */
    record: (deed: RecordedDelegationDeed): Promise<"recorded" | "exists"> =>
      putOnce(client, table, delegationItem(deed)),
  };
}
