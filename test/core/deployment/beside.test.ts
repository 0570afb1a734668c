import { describe, expect, it } from "vitest";
import { groundFor, whyItMustGo } from "../../../core/deployment/beside.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { Traffic } from "../../../core/promotion/traffic.ts";
import { restriction } from "../../functions/approved-promotion.ts";
import { digestOf, now, promotionInReview } from "../promotion/promotion-in-review.ts";

const loan: Loan = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  ...{ lenders: [], at: now, until: addSeconds(now, 3600), verdict: { sha256: digestOf("verdict"), at: now } },
};
const atOnce: Traffic = { kind: "all-at-once", waitSeconds: 600 };
const forADay: Traffic = { kind: "weights", steps: [{ percent: 10, waitSeconds: 86_400 }] };
const lent = promotionInReview({ status: "loaned", loan });
const drifted = promotionInReview({ status: "restricted", restriction: restriction({ remedy: "stop" }) });
const kind = (there: Promotion, traffic: Traffic, at = now, again?: Promotion) =>
  groundFor({ traffic }, there, again, at).kind;

describe("what answers where a release is to begin", () => {
  it("is sound where it is deployed, or restricted with nothing to be done", () => {
    expect(kind(promotionInReview({ status: "deployed" }), forADay)).toBe("sound");
    expect(kind(promotionInReview({ status: "restricted", restriction: restriction() }), forADay)).toBe("sound");
    expect(kind({ ...lent, status: "deployed", loan: { ...loan, ratifiedAt: now } }, forADay)).toBe("sound");
  });

  it("is none for any release while it is on loan, and is awaited from the instant at which that is over", () => {
    expect([kind(lent, atOnce), kind(lent, forADay)]).toEqual(["refused", "refused"]);
    expect(kind(lent, atOnce, addSeconds(loan.until, -1))).toBe("refused");
    expect(kind(lent, atOnce, loan.until)).toBe("leaving");
    expect(kind({ ...lent, status: "rejected" }, atOnce)).toBe("leaving");
  });

  it.each<[Traffic, string]>([
    [atOnce, "sound"],
    [{ kind: "canary", percent: 10, waitSeconds: 3600 }, "sound"],
    [{ kind: "canary", percent: 10, waitSeconds: 3601 }, "refused"],
    // Nine waits in which it still answers, and one after them.
    [{ kind: "linear", percent: 10, waitSeconds: 400 }, "sound"],
    [{ kind: "linear", percent: 10, waitSeconds: 401 }, "refused"],
    [forADay, "refused"],
    // All of the requests by weight are nobody else's.
    [{ kind: "weights", steps: [{ percent: 100, waitSeconds: 86_400 }] }, "sound"],
  ])("that drifted and is to go, for %j is %s", (traffic, ground) => {
    expect(kind(drifted, traffic)).toBe(ground);
  });

  it("must go once its loan is over, or a remedy is due, and says why", () => {
    expect(whyItMustGo(lent, undefined, now)).toBeUndefined();
    expect(whyItMustGo(lent, undefined, loan.until)).toBe(`ran on a loan that is over (${loan.until})`);
    expect(whyItMustGo(drifted, undefined, now)).toBe("drifted and is to make place");
    const unless = promotionInReview({
      status: "restricted",
      restriction: restriction({ unlessReapproved: "previous" }),
    });
    expect(whyItMustGo(unless, undefined, now)).toBeUndefined();
    expect(whyItMustGo(unless, promotionInReview({ status: "rejected" }), now)).toBe(
      "was not approved again and is to make place",
    );
  });
});
