import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Lane } from "../../core/promotion/lane.ts";
import { laneItem, laneKey } from "./promotion-items.ts";
import { loadRevised, moveRevised } from "./revised-document.ts";

/** Which candidate of a model is the newest for a target: one item for each pair, read strongly consistent. */
export function laneStore(client: DynamoDBClient, table: string) {
  return {
    load: (model: string, target: string): Promise<Lane | undefined> =>
      loadRevised(client, table, laneKey(model, target)),

    /** Writes the lane's next revision; `lost` where somebody else wrote it meanwhile. */
    move: (model: string, target: string, next: Lane): Promise<"moved" | "lost"> =>
      moveRevised(client, table, laneItem(model, target, next), next.revision),
  };
}
