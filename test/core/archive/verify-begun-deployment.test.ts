import { describe, expect, it } from "vitest";
import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import type { ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import { recheckDeployment } from "../../../core/archive/promotion/verify-verdict.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { refused } from "../refusal.ts";
import { at, knowing, sayingIn, stepOf, withStep } from "./told-steps.ts";
import { deployed, lent, read, saying, verdict } from "./told-verdict.ts";

describe("a deployment", () => {
  const begun = stepOf(deployed.steps, "deployment-started");
  const wrong = (change: (steps: readonly Step[]) => readonly Step[], from = read) =>
    recheckDeployment(stepOf(change([begun]), "deployment-started"), from);

  it("follows from its verdict as it was recorded", async () => {
    expect(await recheckDeployment(begun, read)).toBeUndefined();
    expect(await recheckDeployment(stepOf(lent.steps, "deployment-started"), read)).toBeUndefined();
  });

  it("rests on the promotion's verdict, and on one that passed", async () => {
    const sentence = "The deployment does not rest on the promotion's verdict.";
    const another = sha256Hex(utf8("another"));
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { verdict: another }))).toBe(sentence);
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { verdict: null }))).toBe(sentence);
    const { verdict: signed } = begun.before ?? {};
    if (signed === undefined) throw new Error("There is no verdict.");
    const failed = { ...signed, result: "FAILED" as const };
    expect(await wrong((steps) => knowing(steps, "deployment-started", { verdict: failed }))).toBe(sentence);
    expect(await wrong((steps) => withStep(steps, "deployment-started", () => ({ before: undefined })))).toBe(sentence);
  });

  it("of what is lent rests on the loan's verdict", async () => {
    const step = stepOf(lent.steps, "deployment-started");
    const [told] = sayingIn([step], "deployment-started", { verdict: begun.record.body["verdict"] ?? null });
    expect(await recheckDeployment(told ?? step, read)).toBe(
      "The deployment does not rest on the promotion's verdict.",
    );
  });

  it("goes where it was signed for", async () => {
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { endpoint: "other" }))).toBe(
      "The deployment went to another endpoint than was signed off.",
    );
  });

  it("begins within an hour of its verdict, but for what clocks may differ by", async () => {
    const from: Instant = begun.before?.verdict?.at ?? begun.record.at;
    const begins = (seconds: number) => wrong((steps) => at(steps, "deployment-started", addSeconds(from, seconds)));
    expect(await begins(3604)).toBeUndefined();
    expect(await begins(3605)).toBe("The deployment began when the verdict was too old to allow it.");
  });

  it("says of the infrastructure plans that were signed that they are applied, where the target asks", async () => {
    const sentence = "The deployment began, and the infrastructure plans that were signed are not said to be applied.";
    const plan = { plan: sha256Hex(utf8("plan")), by: "report" };
    expect(await wrong((steps) => sayingIn(steps, "deployment-started", { infrastructure: [plan] }))).toBe(sentence);
  });

  describe("under conditions", () => {
    const conditions = { forSeconds: 600, errorPercent: 1 };
    const signed = saying(verdict, (predicate) => ({ ...predicate, countersignConditions: conditions }));
    const { release } = begun.record.body;
    const released = (change: object) => ({ ...(release as object), ...change });

    it("names those of its verdict", async () => {
      const sentence = "The deployment names other conditions than its verdict does.";
      const naming = (named: object, from = signed) =>
        wrong((steps) => sayingIn(steps, "deployment-started", { conditions: { ...named } }), from);
      expect(await naming({ ...conditions, errorPercent: 2 })).toBe(sentence);
      expect(await wrong((steps) => steps, signed)).toBe(sentence);
      expect(await naming(conditions, read)).toBe(sentence);
      expect(await naming(conditions, async () => undefined)).toBe(sentence);
    });

    it("is as careful as they ask", async () => {
      const careful = { watchSeconds: 600, alarms: { kind: "own", errorPercent: 1 } };
      const as = (change: object) =>
        wrong((steps) => sayingIn(steps, "deployment-started", { conditions, release: released(change) }), signed);
      expect(await as(careful)).toBeUndefined();
      expect(await as({ ...careful, watchSeconds: 599 })).toBe(
        "The release was watched for 599 seconds, and 10 minutes was the condition.",
      );
    });

    it("has conditions in its verdict that can be read, or none", async () => {
      const strange = saying(verdict, (predicate) => ({ ...predicate, countersignConditions: { forSeconds: "600" } }));
      expect(await refused(Promise.resolve(wrong((steps) => steps, strange)))).toEqual({
        code: "verdict-invalid",
        sentence: "The conditions of the verdict cannot be read.",
      });
      const empty: ReadDocument = async () =>
        canonicalJsonBytes({
          payloadType: "application/vnd.in-toto+json",
          payload: base64(utf8("null")),
          signatures: [{ keyid: "k", sig: "" }],
        });
      expect(await wrong((steps) => steps, empty)).toBeUndefined();
    });
  });
});
