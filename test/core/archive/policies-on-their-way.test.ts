import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { verified } from "./memory-pack.ts";
import { candidate, packUntil } from "./policies-on-their-way.ts";

// People signed for other policies, a candidate was judged and deployed under them, and the log does not tell of them yet: each
// partition of the table is told by itself.

const { facts: all, promotion: id, policies } = await candidate();
const request = all.find(({ type, promotion }) => type === "request" && promotion === id);
const at = request?.at ?? expect.unreachable("It was asked for.");
const asked =
  "policy-differs: The request says that it was asked for under other requirements than the policies in force then come to.";
const others = "policies that were not in force then.";

describe("policies that came in force, and are on their way to the log", () => {
  it("are no reason to refuse what was judged and done under them", async () => {
    const { findings, promotions, unchecked } = await verified(await packUntil(undefined));
    expect(findings).toEqual([]);
    expect(promotions).toContainEqual(
      expect.objectContaining({ promotion: id, outcome: "PASSED", status: "deployed" }),
    );
    expect(unchecked).toContainEqual({
      promotion: id,
      sentence: expect.stringMatching(
        /^Whether 'records\/\d+\.json', and \d+ others, went by policies that were in force then: by none that the log tells of, and a change of them may have been on its way to it when it was signed\.$/,
      ),
    });
  });

  it("have come to it within a quarter of an hour, or nobody ever signed for them", async () => {
    const wrong = async (seconds: number) => {
      const { findings } = await verified(await packUntil(addSeconds(at, seconds)));
      return findings.map(({ code, sentence }) => `${code}: ${sentence}`);
    };
    // The log was signed a second later; and what two clocks differ by.
    expect(await wrong(903)).toEqual([]);
    expect(await wrong(904)).toEqual([asked]);
    expect(await wrong(3600)).toEqual(
      expect.arrayContaining([
        asked,
        `policy-differs: The gates were judged by ${others}`,
        `policy-differs: The sign-offs were verified by ${others}`,
        "policy-differs: It was done under requirements that the policies in force then do not come to any more.",
      ]),
    );
  });

  it("hold nothing up once they are there", async () => {
    const { findings, unchecked } = await verified(await packUntil(undefined, policies));
    expect(findings).toEqual([]);
    expect(unchecked.map(({ sentence }) => sentence)).not.toContainEqual(expect.stringContaining("on its way"));
  });
});
