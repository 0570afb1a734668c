import { reviewerMark } from "../../../core/attestation/review-link.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { identityKey, type Member } from "../../../core/promotion/identity.ts";
import type { OpenChannel } from "../../telling/open-channels.ts";
import { recipientsOf } from "../../telling/tell.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";

/**
 * Who is asked about an open stage only now, or was since an instant, so that nobody has to remind them yet. Whom no channel asks is
 * none of them.
 */
export function askedSince(
  since: Instant,
  asking: Telling,
  channels: readonly OpenChannel[],
): (each: Recipient) => boolean {
  const begins = `${asking.promotion?.id}/asked/${asking.occasion}/`;
  const before = asking.facts.filter(({ id, type }) => type === "notification-queued" && id.startsWith(begins));
  const marks = (facts: typeof before) => new Set(facts.map(({ body }) => body["reviewer"]));
  const [ever, lately] = [marks(before), marks(before.filter(({ at }) => at >= since))];
  const askedNow = new Set(
    channels
      .filter(({ purposes }) => purposes.includes("asked"))
      .flatMap((channel) => recipientsOf(channel, asking).flatMap(({ to }) => (to === undefined ? [] : [markOf(to)]))),
  );
  return ({ member }) => {
    const mark = markOf(member);
    return ever.has(mark) ? lately.has(mark) : askedNow.has(mark);
  };
}

function markOf({ identity }: Member): string {
  return reviewerMark(identityKey(identity));
}
