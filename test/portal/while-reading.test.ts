import { describe, expect, it } from "vitest";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { clara, slowPolicy } from "./candidate-in-review.ts";
import { logIn, portalInBrowser, refresh } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const reason = "The fairness figures and the curve are good enough.";

describe("while somebody reads and types", () => {
  it("news come in without a reload, and nothing that was typed is lost", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByRole("textbox", { name: "Reason" }).fill("Half a sent");
    const fact = { ...promotion.history[0], id: `${promotion.id}/9`, summary: "Something happened meanwhile." };
    service.state.promotions.set(promotion.id, {
      ...promotion,
      history: [...promotion.history, fact] as typeof promotion.history,
    });
    await refresh(page);
    await page.getByText("Something happened meanwhile.").waitFor();
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe("Half a sent");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("reason");
  });

  it("the time to review passes, and they may approve on the page that was open all the while", async () => {
    // It has been open for two hours.
    const { address, page: open } = await openReview({ judgedBy: slowPolicy(2 * 3600 + 900) });
    const page = await open();
    await page.clock.install();
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByText("Approvals are taken from this time on").waitFor();
    await page.getByRole("textbox", { name: "Reason" }).fill("Half a sent");
    expect(await page.getByLabel(/^Approve/).count()).toBe(0);
    await page.clock.fastForward(16 * 60_000);
    await page.getByLabel(/^Approve/).waitFor();
    expect(await page.getByText("Approvals are taken from this time on").count()).toBe(0);
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe("Half a sent");
  });

  it("what was in an hour comes nearer, though nothing happens", async () => {
    const deadline = addSeconds(instantFromMs(Date.now()), 3600);
    const made = await openReview();
    const { promotion, service } = made;
    const { stage } = promotion;
    if (stage === undefined) return expect.unreachable();
    service.state.promotions.set(promotion.id, { ...promotion, expiresAt: deadline, stage: { ...stage, deadline } });
    const page = await made.page();
    await page.clock.install();
    await page.goto(made.address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page
      .getByText(/\((?:in 1 hour|in 60 minutes|in 59 minutes)\)/)
      .first()
      .waitFor();
    await page.getByRole("textbox", { name: "Reason" }).fill("Half a sent");
    await page.clock.fastForward(20 * 60_000);
    await page
      .getByText(/\(in (?:40|39|38) minutes\)/)
      .first()
      .waitFor();
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe("Half a sent");
  });

  it("a review that moves on takes back what was about to be signed", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    service.state.promotions.set(promotion.id, { ...promotion, review: 2 });
    await refresh(page);
    await page.getByText("The review moved on while you looked at this.").waitFor();
    expect(await page.getByRole("button", { name: "Sign in and approve" }).count()).toBe(0);
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe(reason);
  });

  it("an expired session is said, and costs nothing that was typed", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    service.state.outage = new Failure("token-expired", "The sign-in has expired; please sign in again.");
    await refresh(page);
    await page.getByText("Your sign-in has expired").waitFor();
    await page.getByRole("heading", { name: "Gates" }).waitFor();
    service.state.outage = undefined;
    await page.getByRole("button", { name: "Sign in again" }).click();
    await page.getByText("Your sign-in has expired").waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Gates" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe(reason);
  });

  it("a page that is not what would be signed refuses to go on", async () => {
    const { reviewerPage, page: open, address } = await openReview();
    const page = await open();
    await page.route("**/v1/promotions/p-*", async (route) => {
      const response = await route.fetch();
      const view = (await response.json()) as { summary: { document: { attention: unknown[] } } };
      view.summary.document.attention = [];
      await route.fulfill({ response, json: view });
    });
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByText("Stop: the digest of the evidence summary").waitFor();
    expect(await page.getByLabel(/^Approve/).count()).toBe(0);
    expect(await (await reviewerPage(clara)).getByLabel(/^Approve/).count()).toBe(1);
  });

  it("signing out forgets the session here and at the identity provider", async () => {
    const { reviewerPage, address } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign out?" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Please sign in" }).waitFor();
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Password").waitFor();
  });

  it("signing out shows a provider that forgets nobody otherwise the token by a form, and returns", async () => {
    const { reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.route("**/.well-known/openid-configuration", async (route) => {
      const response = await route.fetch();
      const found = (await response.json()) as { issuer: string };
      const end_session_endpoint = `${new URL(found.issuer).origin}/oauth2/v1/logout`;
      await route.fulfill({ response, json: { ...found, end_session_endpoint } });
    });
    const portal = `${new URL(page.url()).origin}/`;
    await page.route("**/oauth2/v1/logout", (route) => route.fulfill({ status: 303, headers: { location: portal } }));
    const asked = page.waitForRequest("**/oauth2/v1/logout**");
    await page.getByRole("button", { name: "Sign out" }).click();
    const request = await asked;
    expect([request.method(), new URL(request.url()).search]).toEqual(["POST", ""]);
    const sent = new URLSearchParams(request.postData() ?? "");
    expect(sent.get("post_logout_redirect_uri")).toBe(portal);
    expect(sent.get("id_token_hint")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    await page.getByRole("heading", { name: "Please sign in" }).waitFor();
  });
});
