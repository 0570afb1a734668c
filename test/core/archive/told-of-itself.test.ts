import { describe, expect, it } from "vitest";
import { verificationLines } from "../../../cli/verification-text.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import type { InstalledFrom } from "../../../core/archive/people/installations.ts";
import { toldOfItself } from "../../../core/archive/told-of-itself.ts";
import { now } from "../promotion/promotion-in-review.ts";
import { installation } from "./house.ts";

const from = (index: number, over: Partial<InstalledFrom> = {}): InstalledFrom => ({
  ...{ ...installation, logOrigin: "countersign.example/log" },
  ...{ index, number: index + 1, at: now },
  ...over,
});
const none: VerifyPackOptions["known"] = {};
const compare =
  "Whoever runs the service can have told it wrongly from the beginning: compare them with what you know.";

describe("what the log tells of itself", () => {
  it("is told in one line, without what is known from elsewhere, and not at all where all of it is", () => {
    expect(toldOfItself([from(0), from(5, { issuer: "https://other.example", subjectClaim: "oid" })], none)).toEqual([
      `Told by the log of itself, in its entries 0, 5: the identity provider (https://login.example/pool, https://other.example), the applications that people sign in to (portal-client), that people are named by the claim 'oid' of their sign-ins (https://other.example), the pages on which passkeys are made (https://sign.example). ${compare}`,
    ]);
    expect(toldOfItself([from(0)], { audiences: [], origins: [] })).toEqual([
      `Told by the log of itself, in its entry 0: the identity provider (https://login.example/pool). ${compare}`,
    ]);
    expect(toldOfItself([from(0)], { issuers: [], audiences: [], origins: [] })).toEqual([]);
    expect(toldOfItself([], none)).toEqual([]);
  });

  it("is written by code points where a name may be taken for another, or does not show", () => {
    const issuer = "https://lоgin.example/pool";
    const [told] = toldOfItself([from(0, { issuer, audiences: ["portal-client\u2800"] })], none);
    expect(told).toContain(
      "provider (https://l\\u{43e}gin.example/pool), the applications that people sign in to (portal-client\\u{2800})",
    );
  });

  it.each<[string, readonly InstalledFrom[]]>([
    ["settings", Array.from({ length: 400 }, (_, index) => from(index))],
    ["applications", [from(0, { audiences: Array.from({ length: 60 }, (_, at) => `portal-${at}-client`) })]],
    ["characters", [from(0, { audiences: ["x".repeat(2_000), "portal-client"] })]],
  ])("shows each provider, application and page, however many %s there are", (_, settings) => {
    const evil = from(500, { issuer: "https://evil.example", audiences: ["evil"] });
    const sentences = toldOfItself([...settings, evil], none);
    const lines = verificationLines({
      ...{ mode: "full", holds: true, findings: [], promotions: [] },
      unchecked: sentences.map((sentence) => ({ sentence })),
    });
    const told = lines.join("\n");
    expect(lines.filter((line) => line.includes("…") && !line.includes("xxx…"))).toEqual([]);
    const names = [...settings, evil].flatMap(({ issuer, audiences, passkeys }) => [
      issuer,
      ...audiences.filter((each) => each.length < 200),
      ...passkeys.origins,
    ]);
    for (const name of names) expect(told).toContain(name);
  });
});
