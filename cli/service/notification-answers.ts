import * as v from "valibot";
import { type Instant, isInstant } from "../../core/encoding/instant.ts";
import { isPromotionId } from "../../core/promotion/promotion-id.ts";

const text = v.string();
const about = {
  /** Absent where it is about no promotion. */
  promotion: v.exactOptional(v.custom<string>(isPromotionId)),
  type: text,
};

/** What people could not be told, as far as the command line prints it. */
export const undelivered = v.object({
  undelivered: v.array(
    v.object({
      ...about,
      message: text,
      since: v.custom<Instant>(isInstant),
      untold: v.array(
        v.object({
          name: text,
          channel: text,
          state: v.picklist(["refused", "in-doubt"]),
          code: v.exactOptional(text),
        }),
      ),
    }),
  ),
  unreadable: v.array(v.object({ message: text, since: v.custom<Instant>(isInstant) })),
  more: v.boolean(),
});

/** What is told once more. */
export const redriven = v.object({ redriven: v.array(v.object(about)), more: v.boolean() });

/** What nobody is told of any more; `type` is absent of what is not Countersign's. */
export const discarded = v.object({ discarded: v.partial(v.object(about)) });
