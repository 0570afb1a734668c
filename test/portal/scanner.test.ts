import { describe, expect, it } from "vitest";
import { letterHtml } from "../../adapters/ses/letter-html.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { clara } from "./candidate-in-review.ts";
import { linkFor } from "./followed-links.ts";
import { portalInBrowser } from "./portal-in-browser.ts";
import { scan } from "./scanner-robot.ts";

const openReview = portalInBrowser();

/** A review with the letter about it, and everything that could have been decided or recorded there. */
async function letterAboutReview() {
  const review = await openReview();
  const { service, promotion } = review;
  const identity = { issuer: service.issuer, subject: clara.subject };
  const link = `${service.origin}/r/${await linkFor(promotion.id, { identity })}`;
  const { state } = service;
  const recorded = async () => ({
    promotion: state.promotions.get(promotion.id),
    facts: state.facts.map(({ type }) => type),
    signatures: [...state.signOffs, ...state.loans, ...state.exports.all()],
    deeds: [await state.passkeys.deeds(), state.delegations.recorded, await state.absences.list()].flat(),
  });
  const untouched = { promotion, signatures: [], deeds: [] };
  return { ...review, link, recorded, untouched };
}

describe("a mail scanner", () => {
  it("that runs scripts, follows every link, presses every button and submits every form decides and records nothing", async () => {
    const { link, page: open, recorded, untouched } = await letterAboutReview();
    const page = await open();
    const words = { subject: "Please review", button: "Read and decide" };
    await page.setContent(letterHtml({ ...words, letter: `Please decide here:\n\n${link}`, link }));
    const links = [...new Set(await page.$$eval("a", (all) => all.map(({ href }) => href)))];
    expect(links).toEqual([link]);
    const { addresses, pressed } = await scan(page, [...links, `${link}?reject=${base64url(utf8("No."))}`]);
    // It came as far as the password, and saw the pages that need none.
    expect(pressed.filter((press) => press.endsWith(": Sign in")).length).toBeGreaterThan(3);
    expect([...addresses].some((address) => address.endsWith("/login"))).toBe(true);
    expect(await recorded()).toEqual({ ...untouched, facts: ["link-opened"] });
    // Some twenty presses, each of which may lead elsewhere and back.
  }, 60_000);

  it("that only asks, ahead of the reader or not, or sends something there, decides and records nothing", async () => {
    const { service, promotion, link, recorded, untouched } = await letterAboutReview();
    const ask = (method: string, address: string, headers = {}) =>
      fetch(address, { method, headers, redirect: "manual", ...(method === "POST" ? { body: "result=approve" } : {}) });
    for (const method of ["HEAD", "OPTIONS", "POST", "PUT", "DELETE"]) await ask(method, link);
    expect(await recorded()).toEqual({ ...untouched, facts: [] });
    const ahead = [{}, { purpose: "prefetch" }, { "sec-purpose": "prefetch;prerender" }, { "x-moz": "prefetch" }];
    for (const headers of ahead) {
      const { status, headers: answered } = await ask("GET", link, { accept: "text/html", ...headers });
      expect(status).toBe(303);
      expect(answered.get("referrer-policy")).toBe("no-referrer");
      expect(answered.get("set-cookie")).toBeNull();
    }
    for (const path of ["sign-offs", "loan", "questions", "withdrawal"]) {
      const { status } = await ask("POST", `${service.origin}/v1/promotions/${promotion.id}/${path}`);
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(await recorded()).toEqual({ ...untouched, facts: ["link-opened"] });
  });
});
