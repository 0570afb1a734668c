import { createHmac, timingSafeEqual } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  followReviewLink,
  type LinkTarget,
  locatedBy,
  reviewerMark,
  reviewLink,
} from "../../../core/attestation/review-link.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { cora, id, now } from "../promotion/promotion-in-review.ts";
import { refused, told } from "../refusal.ts";

const mac = async (message: Uint8Array) => new Uint8Array(createHmac("sha256", "the key").update(message).digest());
const check = async (message: Uint8Array, given: Uint8Array) => timingSafeEqual(await mac(message), given);
const target: LinkTarget = { promotion: id, stage: 1, reviewer: reviewerMark(identityKey(cora.identity)) };
const end = addSeconds(now, 60);

describe("a review link", () => {
  it("locates what it was made for, until its end", async () => {
    const link = await reviewLink(target, end, mac);
    expect(await followReviewLink(link, now, check)).toEqual({ ...target, expiresAt: end });
    expect(await followReviewLink(link, addSeconds(end, -0.001), check)).toMatchObject(target);
    expect(told(await refused(followReviewLink(link, end, check)))).toBe(
      "link-expired: This review link has expired, and you need no other. Sign in to the portal to see how what it was about stands, and what still waits for you.",
    );
    expect(await locatedBy(link, check)).toEqual({ ...target, expiresAt: end });
  });

  it("tells a stranger nothing about whom it was for", async () => {
    const link = await reviewLink(target, end, mac);
    expect(Buffer.from(link.split(".")[0] ?? "", "base64url").toString()).not.toContain(cora.identity.subject);
    expect(link).toMatch(/^[A-Za-z0-9_.-]+$/);
  });

  it("cannot be changed in any letter", async () => {
    const link = await reviewLink(target, end, mac);
    await fc.assert(
      fc.asyncProperty(fc.nat(link.length - 1), fc.constantFrom(..."ABab01-_."), async (place, letter) => {
        fc.pre(link[place] !== letter);
        const changed = `${link.slice(0, place)}${letter}${link.slice(place + 1)}`;
        expect((await refused(followReviewLink(changed, now, check))).code).toBe("link-invalid");
        expect((await refused(followReviewLink(`${letter}${link}`, now, check))).code).toBe("link-invalid");
        expect((await refused(followReviewLink(`${link}${letter}`, now, check))).code).toBe("link-invalid");
      }),
    );
  });

  it("cannot be made with a MAC that the key gave for something else", async () => {
    const link = await reviewLink(target, end, mac);
    const signed = link.slice(0, link.lastIndexOf("."));
    const foreign = `${signed}.${base64url(await mac(utf8(signed)))}`;
    expect((await refused(followReviewLink(foreign, now, check))).code).toBe("link-invalid");
  });

  const forged = async (text: string) => {
    const signed = `${base64url(utf8(text))}.${Math.floor(Date.parse(end) / 1000)}`;
    return `${signed}.${base64url(await mac(utf8(`countersign review link v1\n${signed}`)))}`;
  };
  const altered = "link-invalid: This review link is not one of ours, or was altered on its way.";
  const unreadable = "link-invalid: This review link cannot be read.";
  it.each([
    ["null", altered],
    ["{}", altered],
    ["{", unreadable],
    ["5", altered],
    ['{"promotion":"p-1","stage":1,"reviewer":"x"}', altered],
    [`{"promotion":"${id}","stage":"1","reviewer":"x"}`, altered],
    [`{"promotion":"${id}","stage":1}`, altered],
  ])("that carries %s is refused though its MAC fits", async (text, refusal) => {
    expect(told(await refused(followReviewLink(await forged(text), now, check)))).toBe(refusal);
  });

  it("with a MAC in another spelling is refused", async () => {
    const link = await reviewLink(target, end, mac);
    // The last letter of 43 has two bits to spare.
    const other = [..."AEIMQUYcgkosw048"].find((letter) => !link.endsWith(letter)) ?? "A";
    const spelled = `${link.slice(0, -1)}${String.fromCharCode(other.charCodeAt(0) + 1)}`;
    expect(told(await refused(followReviewLink(spelled, now, check)))).toBe(unreadable);
  });

  it.each(["", ".", "a.b.c", "x".repeat(2_000), "a.1.", "ä.1.a", `a.99999999999999.${"a".repeat(43)}`])(
    "%j is none",
    async (link) => {
      const never = async (): Promise<boolean> => {
        throw new Error("Nobody should have asked KMS.");
      };
      expect(told(await refused(followReviewLink(link, now, never)))).toBe(altered);
    },
  );

  it("with an end that no clock reaches is refused in words", async () => {
    const signed = `${base64url(utf8(JSON.stringify(target)))}.999999999999`;
    const link = `${signed}.${base64url(await mac(utf8(`countersign review link v1\n${signed}`)))}`;
    expect((await refused(followReviewLink(link, now as Instant, check))).code).toBe("link-invalid");
  });
});
