import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { approvalAnswers } from "./approvals.ts";
import { answerApproval } from "./handler.ts";

export const handler = answerApproval(approvalAnswers(new CodePipelineClient({})));
