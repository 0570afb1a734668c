import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Following } from "./handler.ts";

/** Starts the machine that follows a promotion; one that was started before is left alone. */
export function executionStarter(client: SFNClient, stateMachineArn: string, everySeconds: number) {
  return async ({ name, promotionId, approval }: Following): Promise<void> => {
    const input = JSON.stringify({ promotionId, approval, everySeconds });
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  };
}
