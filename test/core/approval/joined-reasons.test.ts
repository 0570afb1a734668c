import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinedReasons } from "../../../core/approval/joined-reasons.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";

describe("the reasons of all who rejected", () => {
  it("are said one after the other", () => {
    expect(joinedReasons(["The test set leaks.", "Group B\n\tis treated worse."])).toBe(
      "The test set leaks.; Group B\n\tis treated worse.",
    );
  });

  it("of one, at its longest, is whole", () => {
    const reason = "承".repeat(4000);
    expect(joinedReasons([reason])).toBe(reason);
  });

  it("are cut where they would be longer than one may be", () => {
    expect(joinedReasons(["a".repeat(4000), "b"])).toBe(`${"a".repeat(3999)}…`);
  });

  it("are not cut within a character", () => {
    expect(joinedReasons([`${"a".repeat(3998)}😀`, "b"])).toBe(`${"a".repeat(3998)}…`);
  });

  it("lose what cannot be seen", () => {
    expect(joinedReasons(["no\u0000pe\u001b[2J", "so\u0085"])).toBe("no pe [2J; so ");
  });

  it("fit into a record of the ledger, whatever was written and by how many", () => {
    const reason = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4000, size: "max" });
    fc.assert(
      fc.property(fc.array(reason, { minLength: 1, maxLength: 20 }), (reasons) => {
        expect(Buffer.byteLength(canonicalJson(joinedReasons(reasons)))).toBeLessThan(13_000);
      }),
      { numRuns: 30 },
    );
    const worst = Array.from({ length: 20 }, () => "\u0001".repeat(4000));
    expect(Buffer.byteLength(canonicalJson(joinedReasons(worst)))).toBeLessThan(13_000);
  });
});
