import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, it } from "vitest";
import { reviewerMark, reviewLink } from "../../../core/attestation/review-link.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { followLink } from "../../../functions/api/follow-link/handler.ts";
import { cora, id, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

const mac = async (message: Uint8Array) => new Uint8Array(createHmac("sha256", "the key").update(message).digest());
const portalUrl = "https://portal.example";
const target = { promotion: id, stage: 0, reviewer: reviewerMark(identityKey(cora.identity)) };
const link = await reviewLink(target, addSeconds(now, 60), mac);
const html = { accept: "text/html,application/xhtml+xml" };

function scene(clock = now) {
  const promotions = new MemoryPromotions();
  const handler = followLink({
    now: () => clock,
    portalUrl,
    verifyMac: async (message, given) => timingSafeEqual(await mac(message), given),
    promotions: { recordFact: promotions.recordFact },
  });
  const follow = (
    method: string,
    given: string | undefined = link,
    headers: Record<string, string> = html,
    query = {},
  ) => handler(apiRequest({ method, route: "/r/{link}", parameters: { link: given }, headers, query }));
  return { promotions, follow };
}

describe("a review link that is followed", () => {
  it("leads to the promotion's page, without a word of the link in it", async () => {
    const { follow } = scene();
    expect(await follow("GET")).toEqual({
      status: 303,
      headers: {
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
        location: `${portalUrl}/#/promotions/${id}`,
      },
    });
  });

  it("hands on a reason that was written in Slack, and writes it nowhere", async () => {
    const { promotions, follow } = scene();
    const location = async (reject: string) => (await follow("GET", link, html, { reject })).headers?.["location"];
    expect(await location("Wm9vLg")).toBe(`${portalUrl}/#/promotions/${id}?reject=Wm9vLg`);
    for (const text of ["a b", "x&y", "x".repeat(2001), ""])
      expect(await location(text)).toBe(`${portalUrl}/#/promotions/${id}`);
    expect(JSON.stringify(promotions.recordedFacts())).not.toContain("Wm9vLg");
  });

  it("is written down once, by a mark and not by the link", async () => {
    const { promotions, follow } = scene();
    await follow("GET");
    await follow("GET");
    const [fact, ...more] = promotions.recordedFacts();
    expect(more).toEqual([]);
    expect(fact).toMatchObject({ type: "link-opened", promotion: id, body: { stage: 0, reviewer: target.reviewer } });
    expect(JSON.stringify(fact)).not.toContain(link.split(".")[2]);
  });

  it("by a mail scanner's HEAD writes nothing", async () => {
    const { promotions, follow } = scene();
    expect((await follow("HEAD")).status).toBe(303);
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it("after its end leads a person to the portal's words, and a program to a problem", async () => {
    const { promotions, follow } = scene(addSeconds(now, 60));
    expect((await follow("GET")).headers?.["location"]).toBe(`${portalUrl}/#/link-expired/${id}`);
    expect((await refused(follow("GET", link, {}))).code).toBe("link-expired");
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it.each([undefined, "", "x", link.replace(/.$/, (last) => (last === "A" ? "B" : "A")), "x".repeat(3_000)])(
    "that is altered leads nowhere (%#)",
    async (altered) => {
      const { promotions, follow } = scene();
      expect((await follow("GET", altered ?? "")).headers?.["location"]).toBe(`${portalUrl}/#/link-invalid`);
      expect(promotions.recordedFacts()).toEqual([]);
    },
  );
});
