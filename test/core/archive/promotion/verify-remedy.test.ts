import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import { recheckRemedy } from "../../../../core/archive/promotion/verify-remedy.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import type { Fact, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { digestOf, id, now, promotionInReview } from "../../promotion/promotion-in-review.ts";

const fact = (type: Fact["type"], body: Fact["body"]): Fact => ({
  ...{ id: `${id}/7`, type, at: now, promotion: id, summary: "", body, attachments: [] },
});
const drift = fact("drift", { action: "stop", unlessReapproved: "previous" });
const kept = { name: "deployment.json", mediaType: "application/json", sha256: digestOf("said") };
const next = { to: id, verdict: digestOf("verdict") };

function recheck(body: LedgerRecord["body"], history: readonly Fact[] = [drift], said = "returned") {
  const told = { because: "drift", ...body };
  const record: LedgerRecord = { ...fact("remedy", told), recordVersion: 1, attachments: [kept] };
  const promotion = promotionInReview({ status: "restricted", history });
  const step: Step = { index: 9, record, before: promotion, after: promotion, requirements: undefined };
  return recheckRemedy(step, async () => utf8(`{"progress":"${said}","readAt":"${now}"}`));
}

const started = { remedy: "stop", state: "started" };
const begun = fact("remedy", { ...started, because: "drift" });

describe("what is done about a model that drifted", () => {
  it("is what was announced when it did, or unless it is approved anew", async () => {
    expect(await recheck(started)).toBeUndefined();
    expect(await recheck({ ...started, remedy: "previous", ...next })).toBe(
      "'previous' was done about it, and 'stop' was announced when it drifted.",
    );
    expect(await recheck({ ...started, because: "not-reapproved", remedy: "previous", ...next })).toBeUndefined();
    expect(await recheck({ ...started, because: "not-reapproved" })).toBe(
      "'stop' was done about it, and 'previous' was announced when it drifted.",
    );
  });

  it("is nothing where nothing was announced", async () => {
    const sentence = "'stop' was done about it, and 'keep' was announced when it drifted.";
    expect(await recheck(started, [])).toBe(sentence);
    expect(await recheck(started, [fact("drift", {})])).toBe(sentence);
    expect(await recheck({ ...started, because: "not-reapproved" }, [fact("drift", { action: "stop" })])).toBe(
      sentence,
    );
  });

  it("names what is to serve instead, and under which verdict, where something is", async () => {
    const sentence = "What is to serve instead is not named, or should not be.";
    const previous = { remedy: "previous", state: "started" };
    const announced = [fact("drift", { action: "previous" })];
    expect(await recheck({ ...previous, ...next }, announced)).toBeUndefined();
    expect(await recheck(previous, announced)).toBe(sentence);
    expect(await recheck({ ...previous, to: next.to }, announced)).toBe(sentence);
    expect(await recheck({ ...previous, verdict: next.verdict }, announced)).toBe(sentence);
    expect(await recheck({ ...started, ...next })).toBe(sentence);
  });

  it("may fail", async () => {
    expect(await recheck({ remedy: "stop", state: "failed" })).toBeUndefined();
  });

  it("is done once it began, and once the target says so", async () => {
    const done = { remedy: "stop", state: "done" };
    expect(await recheck(done, [drift, begun])).toBeUndefined();
    expect(await recheck(done)).toBe("It is said to be done, and never began.");
    const other = fact("remedy", { ...started, remedy: "previous", because: "drift" });
    expect(await recheck(done, [drift, begun, other])).toBe("It is said to be done, and never began.");
    const failed = fact("remedy", { remedy: "stop", because: "drift", state: "failed" });
    expect(await recheck(done, [drift, failed])).toBe("It is said to be done, and never began.");
    expect(await recheck(done, [drift, fact("staged", { remedy: "stop", state: "started" })])).toBe(
      "It is said to be done, and never began.",
    );
    expect(await recheck(done, [drift, begun], "serving")).toBe(
      "It is recorded as remedy, and what the target said then is 'serving'.",
    );
  });
});
