import { SendTaskSuccessCommand, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** Starts the machine's execution for a promotion. Its name is the promotion's id, so starting it twice starts it once. */
export function executionStarter(client: SFNClient, stateMachineArn: string) {
  return async (promotionId: PromotionId): Promise<void> => {
    try {
      await client.send(
        new StartExecutionCommand({ stateMachineArn, name: promotionId, input: JSON.stringify({ promotionId }) }),
      );
    } catch (error) {
      if (error instanceof Error && error.name === "ExecutionAlreadyExists") return;
      throw error;
    }
  };
}

/** Rings the waiting execution. `gone` where nobody waits for this token any more: the caller holds that against the table. */
export function taskBell(client: SFNClient) {
  return async (taskToken: string, answer: object): Promise<"rung" | "gone"> => {
    try {
      await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
      return "rung";
    } catch (error) {
      if (error instanceof Error && (error.name === "TaskTimedOut" || error.name === "TaskDoesNotExist")) return "gone";
      throw error;
    }
  };
}
