import { followReviewLink, locatedBy, type VerifyMac } from "../../../core/attestation/review-link.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Answer, ApiRequest } from "../http.ts";

export interface FollowLinkPorts {
  readonly now: () => Instant;
  readonly portalUrl: string;
  readonly verifyMac: VerifyMac;
  readonly promotions: { recordFact(fact: Fact): Promise<"recorded" | "exists"> };
}

/**
 * GET and HEAD /r/{link}: leads to the page of the promotion and does nothing else. Mail scanners follow links, so
 * following one decides nothing; the page asks for a sign-in (design 3.9).
 */
export function followLink(ports: FollowLinkPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const { link } = http.parameters;
    const headers = { "referrer-policy": "no-referrer", "x-robots-tag": "noindex" };
    try {
      const now = ports.now();
      const target = await followReviewLink(link ?? "", now, ports.verifyMac);
      if (http.method === "GET") {
        // Once for each link: the first opening is the fact.
        const mark = sha256Hex(utf8(link ?? "")).slice(0, 32);
        await ports.promotions.recordFact({
          id: `${target.promotion}/link-opened/${mark}`,
          type: "link-opened",
          at: now,
          promotion: target.promotion,
          summary: "A review link was opened.",
          body: { stage: target.stage, reviewer: target.reviewer },
          attachments: [],
        });
      }
      const location = `${ports.portalUrl}/#/promotions/${target.promotion}${handedOn(http.query["reject"])}`;
      return { status: 303, headers: { ...headers, location } };
    } catch (error) {
      if (!(error instanceof Failure) || (error.code !== "link-invalid" && error.code !== "link-expired")) throw error;
      // Somebody who reads this in a browser is told by the portal, in the same words; a program gets the problem document.
      if (!(http.headers["accept"] ?? "").includes("text/html")) throw error;
      // How what it was about stands is where it led.
      const about = error.code === "link-expired" ? `/${(await locatedBy(link ?? "", ports.verifyMac)).promotion}` : "";
      return { status: 303, headers: { ...headers, location: `${ports.portalUrl}/#/${error.code}${about}` } };
    }
  };
}

/** A reason to reject that was written in a chat, for the page to begin with. It is passed on as it came, and kept nowhere. */
function handedOn(reason: string | undefined): string {
  return reason !== undefined && /^[A-Za-z0-9_-]{1,2000}$/.test(reason) ? `?reject=${reason}` : "";
}
