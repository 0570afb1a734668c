import { describe, expect, it } from "vitest";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { requireFew } from "../../../functions/api/propose-policy/beside-others.ts";
import { cora, digestOf, manifest, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";

const sixHours = 6 * 3600;

/** Proposals of Cora's, made so many seconds ago. */
const made = (status: Status, secondsAgo: readonly number[], over: Partial<Promotion> = {}): readonly Promotion[] =>
  secondsAgo.map((seconds) => ({
    ...promotionInReview({ status, manifest: { ...manifest, requester: cora.identity } }),
    id: promotionId(digestOf(`${seconds}`), 1),
    submittedAt: addSeconds(now, -seconds),
    ...over,
  }));

const few = (open: readonly Promotion[], listed: readonly Promotion[], at: Instant = now) =>
  requireFew(open, (requester) => sameIdentity(requester, cora.identity), at, {
    promotions: { list: async () => ({ promotions: listed }) },
    start: async () => expect.unreachable(),
  });

describe.each(["superseded", "withdrawn"] as const)("of proposals that are open or %s,", (status) => {
  const [open, over] = [made("in-review", [0]), made(status, [60, 120])];

  it("one person makes three in six hours, so that the last can be rejected", async () => {
    const conflict = (number: number, until: Instant) => ({
      code: "conflict",
      sentence: `You have made ${number} proposals that you replaced or withdrew, or that are open, and may make the next at ${minuteText(until)}: people need the time to reject one.`,
    });
    const until = addSeconds(now, sixHours - 120);
    expect(await refused(few(open, over))).toEqual(conflict(3, until));
    expect(await refused(few(open, over, addSeconds(until, -1)))).toEqual(conflict(3, until));
    await few(open, over, until);
    expect(await refused(few(open, made(status, [60, 120, 180])))).toEqual(conflict(4, until));
  });

  it.each<[string, readonly Promotion[], readonly Promotion[]]>([
    ["is open for longer", made("in-review", [sixHours]), over],
    ["was made before", open, made(status, [60, sixHours])],
    ["ended otherwise", open, [...made("deployed", [30, 40]), ...made(status, [60])]],
    ["is open still by another list", open, [...made(status, [0]), ...made(status, [60])]],
    ["is another person's", [], made(status, [60, 120, 180], { manifest: { ...manifest, requester: sam.identity } })],
  ])("what %s does not count", async (_, still, listed) => {
    await few(still, listed);
  });
});
