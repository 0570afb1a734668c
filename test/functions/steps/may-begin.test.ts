import { describe, expect, it } from "vitest";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { type BeginPorts, deployable, mayBegin, requireNotOver } from "../../../functions/steps/deploy/may-begin.ts";
import { digestOf, expiresAt, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { codeOf } from "../../core/refusal.ts";

const verdict = { sha256: digestOf("v"), result: "PASSED", at: now } as const;
const approved = promotionInReview({ status: "approved", verdict });
const lent = promotionInReview({ status: "loaned", expiresAt });
const begun: Partial<Promotion> = {
  deployment: {
    startedAt: now,
    serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
    release: { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 300 } },
  },
};
const frozen = { kind: "frozen", window: "Year end", until: addSeconds(now, 3600) } as const;

const ports = (over: Partial<BeginPorts> = {}, at: Instant = now): BeginPorts => ({
  now: () => at,
  calendar: () => ({ kind: "free" }),
  isPinned: () => true,
  ...over,
});

describe("a deployment", () => {
  it("may begin where it is approved, on loan, or has begun", () => {
    expect(deployable).toEqual(["approved", "deploying", "loaned"]);
    for (const status of deployable) expect(mayBegin({ ...approved, status }, true, ports())).toBe("free");
  });

  it.each(statuses.filter((status) => !deployable.includes(status)))(
    "of one that is %s is refused, begun or not",
    (status) => {
      for (const over of [{}, begun]) {
        const refusal = codeOf(() => mayBegin({ ...approved, ...over, status }, true, ports()));
        expect([refusal.code, refusal.sentence]).toEqual([
          "deployment-refused",
          `The promotion is ${status}, not approved.`,
        ]);
      }
    },
  );

  it("of what is lent begins before the loan is over, and not at its end", () => {
    const over = "The loan was over before what was lent could be deployed.";
    expect(mayBegin(lent, true, ports({}, addSeconds(expiresAt, -0.001)))).toBe("free");
    expect(codeOf(() => mayBegin(lent, true, ports({}, expiresAt))).sentence).toBe(over);
    expect(codeOf(() => requireNotOver(lent, expiresAt)).sentence).toBe(over);
    // Also where it was written down that it begins; but what has begun is not left half done for other requirements.
    expect(codeOf(() => mayBegin({ ...lent, ...begun }, true, ports({}, expiresAt))).sentence).toBe(over);
    const changed = ports({ isPinned: () => false }, addSeconds(expiresAt, -0.001));
    expect(mayBegin({ ...lent, ...begun }, true, changed)).toBe("free");
    // Of what is approved the verdict's own age says it.
    expect(mayBegin(approved, true, ports({}, expiresAt))).toBe("free");
    expect(() => requireNotOver(approved, expiresAt)).not.toThrow();
  });

  it("of what is lent does not begin under other requirements; what is approved is verified again elsewhere", () => {
    const changed = ports({ isPinned: () => false });
    expect(codeOf(() => mayBegin(lent, true, changed)).sentence).toMatch(/^The requirements changed after the verdict/);
    expect(mayBegin(approved, true, changed)).toBe("free");
  });

  it("waits in a freeze window where its execution can go back, is refused in it otherwise, and goes on where it has begun", () => {
    const window = ports({ calendar: () => frozen });
    expect(mayBegin(approved, true, window)).toBe("held");
    for (const [promotion, goesBack] of [
      [approved, false],
      [lent, true],
    ] as const) {
      const refusal = codeOf(() => mayBegin(promotion, goesBack, window));
      expect([refusal.code, refusal.sentence]).toEqual([
        "deployment-refused",
        expect.stringMatching(/ Nothing is deployed before; submit it again\.$/),
      ]);
    }
    expect(mayBegin({ ...approved, ...begun }, true, window)).toBe("free");
  });
});
