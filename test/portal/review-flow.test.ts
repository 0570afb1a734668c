import { describe, expect, it } from "vitest";
import { clara, lena, officersAsked, sam, theo } from "./candidate-in-review.ts";
import { isForEverybodyEverywhere } from "./for-everybody.ts";
import { logIn, portalInBrowser, refresh } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const reason = "The fairness figures and the curve are good enough.";

describe("an approval", () => {
  it("goes from the link to the recorded sign-off, and is exactly what was shown", async () => {
    const { service, address, page: open } = await openReview();
    const page = await open();
    await page.goto(address);
    await page.getByRole("heading", { name: "Please sign in" }).waitFor();
    expect(service.state.requests.filter((request) => request.includes("/v1/promotions"))).toEqual([]);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByLabel(/^Approve/).check();
    expect(await page.getByLabel("Compliance officer").isChecked()).toBe(true);
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    const digest = await page.locator(".preview .digest").textContent();
    const statement = JSON.parse(await page.getByLabel("The exact statement").inputValue()) as unknown;
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    expect(service.state.signOffs).toEqual([]);
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    await page.getByText(/^Entry \d+/).waitFor();

    const [recorded] = service.state.signOffs;
    expect(recorded?.signOff).toMatchObject({ id: digest, result: "approve", reason, roles: ["compliance-officer"] });
    expect(JSON.parse(Buffer.from(recorded?.envelope.payload ?? "", "base64").toString())).toEqual(statement);
    expect(await page.locator(".notice.good").textContent()).toContain(digest);
    expect(new URL(page.url()).search).toBe("");
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]),
    );
    expect(kept).toBe('[{},{},""]');
    await page.getByText("Stage 'model and operations': Still needed").first().waitFor();
  });

  it("is not asked of whoever's stage comes later, which is named; and the measures of fairness are said in words", async () => {
    const { reviewerPage } = await openReview();
    const page = await reviewerPage(sam);
    await page
      .getByText(
        "this stage asks for Compliance officer, and you hold no such role. Your role is asked for at the stage 'model and operations'.",
      )
      .waitFor();
    await page.getByRole("heading", { name: "age: under 25" }).waitFor();
    await page.getByText("What these measures say").click();
    await page.getByText("The share of positive answers in the group, divided by that among the others.").waitFor();
    await isForEverybodyEverywhere(page, "fairness-in-words");
  });

  it("with conditions says what is asked of the release, in the form, before the sign-in and afterwards", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve: /).check();
    await page.getByLabel("Approve with conditions").check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByText("Say for how long the conditions hold").waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("condition-duration");
    expect(await page.getByLabel("Share of the traffic").count()).toBe(1);
    await page.getByLabel("They hold for").fill("8");
    await page.getByLabel("Unit").selectOption("days");
    await page.getByLabel("Answers that are errors").fill("0.5");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByText("The approval matrix takes conditions for 7 days at most, not for 8 days.").waitFor();
    await page.getByLabel("They hold for").fill("2");
    await isForEverybodyEverywhere(page, "conditions");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    const words = "On condition that for 2 days at most 0.5 percent of its answers are errors.";
    await page.locator(".preview").getByText(words).waitFor();
    await page.getByRole("button", { name: "Go back" }).click();
    expect(await page.getByLabel("Answers that are errors").inputValue()).toBe("0.5");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    expect(service.state.signOffs[0]?.signOff.conditions).toEqual({ forSeconds: 172_800, errorPercent: 0.5 });
    await page.getByRole("region", { name: "Who signs" }).getByText(words, { exact: true }).waitFor();
  });

  it("asks the identity provider for the class of sign-in that the role is approved by, and tells where it was another", async () => {
    const { service, reviewerPage } = await openReview({ judgedBy: officersAsked({ signIn: { acr: ["urn:x:mfa"] } }) });
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    const asked = page.waitForRequest((request) => request.url().includes("nonce="));
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    expect(new URL((await asked).url()).searchParams.get("acr_values")).toBe("urn:x:mfa");
    await logIn(page, clara);
    await page.getByText("asks for 'urn:x:mfa'").waitFor();
    expect(service.state.signOffs).toEqual([]);
  });

  it("keeps no token while it is on its way either", async () => {
    const { reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    const stored = page.waitForEvent("framenavigated").then(() => page.url());
    const before = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    const asked = new URL(await stored);
    // A page that has only just come has no history to go back in yet.
    await page.waitForLoadState();
    await page.goBack();
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    for (const text of [before, kept]) expect(text).not.toContain("eyJ");
    expect(kept).toContain("statement");
    expect(asked.hostname).toBe("localhost");
  });

  it("needs somebody else's stage to be decided first: two people, two stages, one promotion", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    for (const person of [clara, lena, sam]) {
      const page = await reviewerPage(person);
      await page.getByLabel(/^Approve/).check();
      await page.getByRole("button", { name: "Show what I sign" }).click();
      await page.getByRole("button", { name: "Sign in and approve" }).click();
      await logIn(page, person);
      await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    }
    expect(service.state.promotions.get(promotion.id)?.status).toBe("approved");
  });

  it("is not offered to whoever trained the model; who could is said", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const stage = { ...promotion.stage, index: 1, name: "model and operations" } as NonNullable<typeof promotion.stage>;
    service.state.promotions.set(promotion.id, { ...promotion, stage });
    const page = await reviewerPage(theo);
    await page.getByText("You cannot approve: somebody who trained the model may not.").waitFor();
    await page.getByText(/Who could: .*Lena Lead/).waitFor();
    await page.getByText("Theo Trainer (trainer@example.com)").waitFor();
    expect(await page.getByLabel(/^Approve/).count()).toBe(0);
    await page.getByLabel(/^Reject/).waitFor();
    // As true when nobody waits for them any more.
    service.state.promotions.set(promotion.id, { ...promotion, status: "deployed" });
    await refresh(page);
    await page.getByRole("heading", { name: "What changed" }).waitFor();
    const made = page.getByRole("region", { name: "Who made it" });
    expect(await made.getByRole("listitem").allTextContents()).toEqual(["Theo Trainer trained the model."]);
  });
});

describe("a rejection", () => {
  it("needs a reason, and ends the promotion with it", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(sam);
    await page.getByLabel(/^Reject/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByText("A rejection needs a reason").waitFor();
    expect(await page.getByRole("button", { name: "Sign in and reject" }).count()).toBe(0);
    await page.getByRole("textbox", { name: "Reason" }).fill("The instance is too small.");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and reject" }).click();
    await logIn(page, sam);
    await page.getByRole("heading", { name: "Your rejection is recorded" }).waitFor();
    await page.getByText("It is over (rejected): nothing is decided about it any more.").waitFor();
    expect(await page.getByText(/^The promotion is stopped/).innerText()).toBe(
      "The promotion is stopped, and what was staged is removed.",
    );
    expect(service.state.promotions.get(promotion.id)).toMatchObject({ status: "rejected" });
  });
});

describe("a decision that was given", () => {
  it("can be taken back while the stage is open", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const stage = { ...promotion.stage, index: 1, name: "model and operations" } as NonNullable<typeof promotion.stage>;
    service.state.promotions.set(promotion.id, { ...promotion, stage });
    const page = await reviewerPage(lena);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await logIn(page, lena);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    await page.getByText("Decide again").click();
    await page.getByLabel("Take my earlier approval back").check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    // What is about to be signed stands alone: no word beside it of what was recorded before.
    await page.getByRole("button", { name: "Sign in and take it back" }).waitFor();
    expect(await page.getByRole("heading", { name: "Your approval is recorded" }).count()).toBe(0);
    await page.getByRole("button", { name: "Go back" }).click();
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    await page.getByLabel("Take my earlier approval back").waitFor();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and take it back" }).click();
    await logIn(page, lena);
    await page.getByRole("heading", { name: "Your decision is taken back" }).waitFor();
    expect(service.state.signOffs.map(({ signOff }) => signOff.result)).toEqual(["approve", "withdraw"]);
  });
});

describe("nothing is decided", () => {
  it("by opening an address, whatever is in it", async () => {
    const { service, promotion, address, page: open } = await openReview();
    const page = await open();
    for (const path of [
      `/#/promotions/${promotion.id}/approve`,
      `/?code=stolen&state=guessed#/promotions/${promotion.id}`,
      "/?error=access_denied&state=guessed",
      `/?result=approve&promotion=${promotion.id}`,
    ]) {
      await page.goto("about:blank");
      await page.goto(`${service.origin}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    }
    await page.goto("about:blank");
    await page.goto(`${service.origin}/?code=stolen&state=guessed`);
    await page.getByText("This tab did not begin that sign-in").waitFor();
    await page.goto(address);
    expect(service.state.requests.filter((request) => request.startsWith("POST"))).toEqual([]);
  });

  it("after the promotion has ended meanwhile; nothing that was typed is said to be there any more", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    service.state.promotions.set(promotion.id, { ...promotion, status: "rejected", reason: "It drifted." });
    await logIn(page, clara);
    const notice = page.locator(".decision .notice");
    await notice.getByRole("heading", { name: "Your decision was not recorded" }).waitFor();
    expect(await notice.getByRole("paragraph").allTextContents()).toEqual([
      "The promotion is rejected already.",
      "Nothing was decided.",
    ]);
    expect(service.state.signOffs).toEqual([]);
  });

  it("by a sign-in that is cancelled; what was typed is still there after signing in again", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Go back" }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Your decision");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("You cancelled the sign-in. Nothing was decided.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("textbox", { name: "Reason" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe(reason);
    expect(await page.getByRole("radio", { name: /^Approve/ }).isChecked()).toBe(true);
    expect(service.state.signOffs).toEqual([]);
  });

  it("by a sign-in that is cancelled on its way to the audit page, which says so", async () => {
    const { service, page: open } = await openReview();
    const page = await open();
    await page.goto(`${service.origin}/#/audit`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("You cancelled the sign-in. Nothing was decided.").waitFor();
    await page.getByRole("heading", { name: "Verify an audit pack here" }).waitFor();
  });

  it("by going back from the sign-in, or loading the page again; it says so, and that what was typed is kept", async () => {
    const { service, address, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await page.getByLabel("Password").waitFor();
    await page.goto(address);
    await page.getByText("Nothing was decided: that sign-in was not finished. What you typed is kept").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Gates" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe(reason);
    await page.reload();
    await page.getByText("What you typed is kept in this tab: sign in to go on with it.").waitFor();
    expect(await page.getByText("Nothing was decided").count()).toBe(0);
    await isForEverybodyEverywhere(page, "sign-in-kept");
    expect(service.state.signOffs).toEqual([]);
  });

  it("when the sign-in is an older one; the page says how to have a new one, and keeps what was typed", async () => {
    const { service, address, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await page.getByLabel("Password").waitFor();
    // As the service says it of a provider that let her in by the session that it had.
    const old = {
      status: 401,
      contentType: "application/problem+json",
      body: '{"code":"not-fresh","detail":"The sign-in is older than the decision; a decision needs a fresh sign-in."}',
    };
    await page.route("**/sign-offs", (route) => route.fulfill(old), { times: 1 });
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your decision was not recorded" }).waitFor();
    await page.getByText("The sign-in is older than the decision").waitFor();
    await page.getByText("Nothing was decided. What you typed is still here.").waitFor();
    await page.getByText("Your identity provider let you in without asking you to sign in again.").waitFor();
    await isForEverybodyEverywhere(page, "sign-in-too-old");
    await page.getByRole("button", { name: "Sign out there" }).click();
    await page.getByRole("heading", { name: "Sign out?" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("What you typed is kept in this tab: sign in to go on with it.").waitFor();
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe(reason);
    expect(service.state.signOffs).toEqual([]);
    expect(await page.getByText("Your decision was not recorded").count()).toBe(0);
  });

  it("when somebody else signs in than the statement names; the page says who it was, and how to go on", async () => {
    const { service, address, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    // The identity provider has forgotten who was there.
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await logIn(page, lena);
    await page.getByRole("heading", { name: "Nothing was recorded: another account signed in" }).waitFor();
    await page
      .getByText("The sign-in was that of Lena Lead, but what was to be signed is that of Clara Compliance.")
      .waitFor();
    expect(await page.getByText("You cannot approve").count()).toBe(0);
    await isForEverybodyEverywhere(page, "another-account");
    await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign out?" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Please sign in" }).waitFor();
    expect(service.state.requests.filter((request) => request.startsWith("POST"))).toEqual([]);
    // What she typed is there for her, and only after her own sign-in.
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe(reason);
  });

  it("and whoever did sign in may go on as who they are, and sees nothing of what the other typed", async () => {
    const { reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Reject/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Sign in and reject" }).click();
    await logIn(page, lena);
    await page.getByRole("button", { name: "Go on as Lena Lead" }).click();
    await page.getByRole("heading", { name: "Gates" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Reason" }).inputValue()).toBe("");
    expect(await page.getByLabel(/^Reject/).isChecked()).toBe(false);
  });

  it("while the service is too busy on the way back from the sign-in; it is sent once that is tried again", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(sam);
    await page.getByLabel(/^Reject/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill("The instance is too small.");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and reject" }).click();
    await page.getByLabel("Password").waitFor();
    const busy = { status: 429, contentType: "application/problem+json", body: "{}" };
    await page.route("**/v1/service", (route) => route.fulfill(busy), { times: 1 });
    await logIn(page, sam);
    await page.getByText("What you signed has not been sent yet").waitFor();
    expect(service.state.signOffs).toEqual([]);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Your rejection is recorded" }).waitFor();
    expect(service.state.signOffs).toHaveLength(1);
  });

  it("while the identity provider is too busy on the way back, for one request", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await page.getByLabel("Password").waitFor();
    await page.route("**/.well-known/openid-configuration", (route) => route.abort(), { times: 1 });
    await page.route("**/token", (route) => route.fulfill({ status: 429, body: "" }), { times: 1 });
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    expect(service.state.signOffs).toHaveLength(1);
  });

  it("while the service does not answer; the same statement can be sent again", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await page.getByLabel("Password").waitFor();
    // It goes down after the page has loaded again, and before the decision is handed in.
    await page.route("**/sign-offs", (route) => route.abort(), { times: 1 });
    await logIn(page, clara);
    await page.getByRole("heading", { name: "It is not known whether your decision is recorded" }).waitFor();
    await page.getByText("Countersign cannot be reached at the moment.").waitFor();
    expect(service.state.signOffs).toEqual([]);
    await page.getByRole("button", { name: "Send it again" }).click();
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    expect(service.state.signOffs).toHaveLength(1);
  });
});
