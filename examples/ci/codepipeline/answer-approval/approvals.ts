import {
  ApprovalAlreadyCompletedException,
  type CodePipelineClient,
  InvalidApprovalTokenException,
  PutApprovalResultCommand,
} from "@aws-sdk/client-codepipeline";
import type { PutAnswer } from "./handler.ts";

/** Answers approvals of CodePipeline. Answering twice changes nothing. */
export function approvalAnswers(client: CodePipelineClient): PutAnswer {
  return async (approval, result) => {
    try {
      // Copied: the SDK's types want an object of their own.
      await client.send(new PutApprovalResultCommand({ ...approval, result: { ...result } }));
      return "answered";
    } catch (error) {
      // The second says as well that the approval is over: nothing of it waits any more.
      if (error instanceof ApprovalAlreadyCompletedException || error instanceof InvalidApprovalTokenException)
        return "answered-before";
      throw error;
    }
  };
}
