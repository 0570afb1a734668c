import * as v from "valibot";
import { approvalSchema, namedSchema, type WaitingApproval } from "../waiting.ts";

const message = v.object({ approval: v.object({ ...approvalSchema.entries, customData: namedSchema }) });
const event = v.object({
  Records: v.array(v.object({ Sns: v.object({ Message: v.pipe(v.string(), v.parseJson(), message) }) })),
});

/** An execution to start: its name is the approval's token, so that a message that comes twice starts one. */
export interface Following {
  readonly name: string;
  readonly promotionId: string;
  readonly approval: WaitingApproval;
}

/** CodePipeline says by SNS that an approval waits; its `customData` is the promotion that it waits for. */
export function hearApproval(follow: (following: Following) => Promise<void>) {
  return async (given: unknown): Promise<void> => {
    for (const { Sns } of v.parse(event, given).Records) {
      const { customData: promotionId, ...approval } = Sns.Message.approval;
      await follow({ name: approval.token, promotionId, approval });
    }
  };
}
