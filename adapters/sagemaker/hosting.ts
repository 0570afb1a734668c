import { isHosted, type Target } from "../../core/promotion/target.ts";

/** What everything of ours on SageMaker is made with, whoever orders it. */
export interface Hosting {
  /** The role that SageMaker takes on to read a model, in our own account. */
  readonly servingRoleArn: string;
  /** Below this address is captured what candidates in shadow answer, and what answers beside them: `s3://bucket/prefix`. */
  readonly captures: string;
}

/** The role of a target's models: of another account its own. */
export function servingRoleOf(target: Target, { servingRoleArn }: Hosting): string {
  return (isHosted(target) ? target.account?.servingRole : undefined) ?? servingRoleArn;
}
