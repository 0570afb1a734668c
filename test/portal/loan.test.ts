import { describe, expect, it } from "vitest";
import { loanPeriodOf } from "../../core/approval/loan.ts";
import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { withLoanRefused } from "../../core/promotion/lending.ts";
import type { Loan } from "../../core/promotion/loan.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { Person } from "../../local/people.ts";
import { provider } from "../core/attestation/signing-keys.ts";
import { clara, lena, person, realCandidate } from "./candidate-in-review.ts";
import { isForEverybody } from "./for-everybody.ts";
import { logIn, portalInBrowser, refresh } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const narrow = { viewport: { width: 320, height: 700 }, colorScheme: "dark" } as const;
const ida = person("Ida Incident", "incident-commanders", "ida");
const olaf = person("Olaf On-Call", "incident-commanders", "olaf");
const people = [clara, lena, ida, olaf];
const incident = "https://incidents.example.com/417";
const reason = "The model in production turns everybody down. <img src=x onerror=alert(1)> \u202egnp.exe";

/** A lender's signature of half an hour ago. Nobody verifies it before the verdict. */
function signedBy(person: Person, promotion: Promotion, issuer: string, confirms?: RecordedLoan): RecordedLoan {
  return {
    signature: {
      id: (confirms === undefined ? "a" : "b").repeat(64) as Sha256,
      promotion: promotion.id,
      review: promotion.review,
      terms: { seconds: 7200, incident },
      reason: confirms === undefined ? reason : "Agreed with Ida.",
      role: "incident-commander",
      reviewer: { issuer, subject: person.subject },
      reviewerName: person.name,
      groups: person.groups,
      recordedAt: addSeconds(instantFromMs(Date.now()), -1800),
      ...(confirms === undefined ? {} : { confirms: confirms.signature.id }),
    },
    envelope: { payload: "", payloadType: "", signatures: [] },
    idToken: provider.token({}),
    jwks: { keys: [] },
  };
}

describe("a loan", () => {
  it("that is asked for waits in the inbox of whoever may confirm it, and not of whoever asked", async () => {
    const { service, promotion, page: open } = await openReview({ people });
    service.state.loans.push(signedBy(ida, promotion, service.issuer));
    const inboxOf = async (who: Person) => {
      const page = await open();
      await page.goto(`${service.origin}/`);
      await page.getByRole("button", { name: "Sign in" }).click();
      await logIn(page, who);
      return page;
    };
    const others = await inboxOf(olaf);
    await others.getByText("1 promotion waits for you.").waitFor();
    const [row = ""] = await others
      .getByRole("region", { name: "Waits for you" })
      .locator("tbody tr")
      .allTextContents();
    expect(row).toContain("A loan is asked for, which you may confirm");
    expect(row).toContain("Soon over");
    const own = await inboxOf(ida);
    await own.getByText("Nothing waits for you. 1 promotion waits for others.").waitFor();
  });

  it("is asked for by a sign-in over what was shown, and never confirmed by whoever asked", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    const first = await reviewerPage(ida, narrow);
    await first.getByText("Break the glass").click();
    await first.getByText("for 4 hours at most").waitFor();
    await first.getByLabel("Ask for a loan").check();
    await first.getByLabel("It runs for").fill("5");
    await first.getByRole("button", { name: "Show what I sign" }).click();
    await first.getByText("Say for how long: a minute at least, 4 hours at most.").waitFor();
    expect(await first.evaluate(() => document.activeElement?.id)).toBe("loan-duration");
    expect(await first.getByLabel("It runs for").getAttribute("aria-invalid")).toBe("true");
    expect(await first.getByLabel("It runs for").getAttribute("aria-describedby")).toBe("loan-flaw");
    await first.getByLabel("It runs for").fill("2");
    await first.getByLabel("Address of the incident").fill("http://incidents.example.com/417");
    await first.getByRole("button", { name: "Show what I sign" }).click();
    await first.getByText("Give the https address").waitFor();
    await first.getByLabel("Address of the incident").fill(incident);
    await first.getByLabel("Why it cannot wait").fill(reason);
    await isForEverybody(first, "loan-form");
    await first.getByRole("button", { name: "Show what I sign" }).click();
    expect(await first.getByText("so short a loan").count()).toBe(0);
    await first
      .getByText("As Incident commander you ask to let credit-scoring 2.0.0 for production run for 2 hours")
      .waitFor();
    expect(await first.getByLabel("The exact statement").isVisible()).toBe(false);
    await first.getByText("For auditors: the exact statement and its digest").click();
    const digest = await first.locator(".preview .digest").textContent();
    const statement = JSON.parse(await first.getByLabel("The exact statement").inputValue()) as unknown;
    await isForEverybody(first, "loan-statement");
    expect(await first.getByLabel("The exact statement").inputValue()).toContain("\\u202egnp.exe");
    await first.getByRole("button", { name: "Sign in and ask for it" }).click();
    expect(service.state.loans).toEqual([]);
    await logIn(first, ida);
    await first.getByRole("heading", { name: "Your request is recorded" }).waitFor();
    const [request] = service.state.loans;
    expect(request?.signature).toMatchObject({ id: digest, reason, terms: { seconds: 7200, incident } });
    expect(JSON.parse(Buffer.from(request?.envelope.payload ?? "", "base64").toString())).toEqual(statement);
    expect(service.state.promotions.get(promotion.id)?.status).toBe("in-review");
    const saved = first.waitForEvent("download");
    await first.getByRole("button", { name: "Save the receipt" }).click();
    expect((await saved).suggestedFilename()).toMatch(
      new RegExp(`^receipt-${promotion.id}-loan-ask-[0-9a-f]{8}.json$`),
    );
    // Nobody confirms their own: the page does not offer it.
    expect(await first.getByLabel(/^Confirm the loan/).count()).toBe(0);
  });

  it("that is over before its release is says so before anybody signs", async () => {
    const traffic = { kind: "canary", percent: 50, waitSeconds: 300 } as const;
    const { reviewerPage } = await openReview({ people, candidate: { ...realCandidate(), traffic } });
    const page = await reviewerPage(ida);
    await page.getByText("Break the glass").click();
    await page.getByLabel("Ask for a loan").check();
    await page.getByLabel("It runs for").fill("10");
    await page.getByLabel("Unit").selectOption("minutes");
    await page.getByLabel("Address of the incident").fill(incident);
    await page.getByLabel("Why it cannot wait").fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByText("traffic comes over for 10 minutes: so short a loan is over before that").waitFor();
  });

  it("is sent again as it was signed, where the service does not answer, and asked for once", async () => {
    const { service, reviewerPage } = await openReview({ people });
    const page = await reviewerPage(ida);
    await page.getByText("Break the glass").click();
    await page.getByLabel("Ask for a loan").check();
    await page.getByLabel("It runs for").fill("2");
    await page.getByLabel("Address of the incident").fill(incident);
    await page.getByLabel("Why it cannot wait").fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and ask for it" }).click();
    await page.getByLabel("Password").waitFor();
    const busy = {
      status: 503,
      contentType: "application/problem+json",
      body: '{"code":"unavailable","detail":"Busy."}',
    };
    await page.route("**/loan", (route) => route.fulfill(busy), { times: 1 });
    await logIn(page, ida);
    await page.getByRole("heading", { name: "It is not known whether your signature is recorded" }).waitFor();
    await page.getByText("Busy.").waitFor();
    await isForEverybody(page, "loan-unknown");
    expect(service.state.loans).toEqual([]);
    await page.getByRole("button", { name: "Send it again" }).click();
    await page.getByRole("heading", { name: "Your request is recorded" }).waitFor();
    expect(service.state.loans).toHaveLength(1);
  });

  it("is confirmed by another, of the very terms that were asked for", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    service.state.loans.push(signedBy(ida, promotion, service.issuer));
    const second = await reviewerPage(olaf);
    await second.getByRole("heading", { name: "Ida Incident asks to lend the missing seats for 2 hours" }).waitFor();
    await isForEverybody(second, "loan-asked");
    await second.getByText("<img src=x onerror=alert(1)>").waitFor();
    expect(await second.locator("main img").count()).toBe(0);
    await second.getByLabel("Confirm the loan of 2 hours that Ida Incident asked for").check();
    await second.getByRole("button", { name: "Show what I sign" }).click();
    await second.getByText("Say why it cannot wait").waitFor();
    await second.getByLabel("Why it cannot wait").fill("Agreed with Ida.");
    await second.getByRole("button", { name: "Show what I sign" }).click();
    await second.getByText("you confirm the loan that Ida Incident asked for").waitFor();
    await second.getByRole("button", { name: "Sign in and lend" }).click();
    await logIn(second, olaf);
    await second.getByRole("heading", { name: "Your confirmation is recorded" }).waitFor();
    await second.getByRole("heading", { name: "This candidate is lent, and on its way into production" }).waitFor();
    expect(service.state.promotions.get(promotion.id)?.loan?.terms).toEqual({ seconds: 7200, incident });
    expect(await second.getByText("Break the glass").count()).toBe(0);
  });

  it("that somebody asked for twice is told apart by when it was", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    const first = signedBy(ida, promotion, service.issuer);
    const recordedAt = addSeconds(first.signature.recordedAt, 600);
    const second = { ...first, signature: { ...first.signature, id: "c".repeat(64) as Sha256, recordedAt } };
    service.state.loans.push(first, second);
    const page = await reviewerPage(olaf, narrow);
    const choices = page.getByLabel("Confirm the loan of 2 hours that Ida Incident asked for");
    await choices.first().waitFor();
    const shown = await page
      .locator("label.choice time")
      .evaluateAll((all) => all.map((each) => each.getAttribute("datetime")));
    expect(shown).toEqual([first.signature.recordedAt, recordedAt]);
    await isForEverybody(page, "loan-asked-twice");
  });

  it("is not offered again to whoever has confirmed it, before it is lent", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    const asked = signedBy(ida, promotion, service.issuer);
    service.state.loans.push(asked, signedBy(olaf, promotion, service.issuer, asked));
    const page = await reviewerPage(olaf);
    await page
      .getByText("Olaf On-Call has confirmed it. Everything is verified once more before it is lent.")
      .waitFor();
    expect(await page.getByText("Break the glass").count()).toBe(0);
    expect(await page.getByText("would have to confirm it").count()).toBe(0);
  });

  it("that was confirmed and refused says why, and lets whoever confirmed it ask anew", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    const asked = signedBy(ida, promotion, service.issuer);
    const confirmed = signedBy(olaf, promotion, service.issuer, asked);
    service.state.loans.push(asked, confirmed);
    const why = "The budget of 'credit-scoring' is used up: 2 loans each quarter.";
    const refused = withLoanRefused(promotion, confirmed.signature, why, confirmed.signature.recordedAt);
    service.state.promotions.set(promotion.id, refused ?? expect.unreachable());
    const page = await reviewerPage(olaf, narrow);
    await page.getByText(`Olaf On-Call confirmed it, and nothing was lent: ${why}`).waitFor();
    expect(await page.getByText("before it is lent").count()).toBe(0);
    await page.getByText("Break the glass").click();
    expect(await page.getByLabel(/^Confirm the loan/).count()).toBe(0);
    await page.getByLabel("Ask for a loan").check();
    await isForEverybody(page, "loan-refused");
  });

  it("that cannot be given says so before anything is written for nothing", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    const loans = ["a", "b"].map((digit) => digit.repeat(64) as Sha256);
    const period = loanPeriodOf("quarter", instantFromMs(Date.now()));
    await service.state.loanBooks.move(promotion.manifest.model.name, period, { revision: 1, loans });
    const page = await reviewerPage(ida, narrow);
    await page.getByText("Break the glass").click();
    await page.getByText("The budget of 'credit-scoring' is used up: 2 loans each quarter.").waitFor();
    expect(await page.getByLabel("Ask for a loan").count()).toBe(0);
    await isForEverybody(page, "loan-not-to-be-had");
  });

  it("says while it runs until when, who lent, why, and what ends it, and afterwards what became of it", async () => {
    const { service, promotion, reviewerPage } = await openReview({ people });
    const asked = signedBy(ida, promotion, service.issuer);
    const confirmed = signedBy(olaf, promotion, service.issuer, asked);
    service.state.loans.push(asked, confirmed);
    const at = confirmed.signature.recordedAt;
    const given: Loan = { terms: asked.signature.terms, lenders: [], at, until: addSeconds(at, 7200) };
    const lent = (over: Partial<Promotion>, loan: Partial<Loan>) =>
      service.state.promotions.set(promotion.id, { ...promotion, ...over, loan: { ...given, ...loan } });
    lent({ status: "loaned" }, { runningSince: at });
    const page = await reviewerPage(clara, narrow);
    const notice = page.getByRole("region", { name: "This candidate runs on loan" });
    await notice.getByText("Ida Incident, confirmed by Olaf On-Call").waitFor();
    await notice.getByText("Agreed with Ida.").waitFor();
    expect(await notice.getByRole("link").getAttribute("href")).toBe(incident);
    expect(await notice.locator("time").getAttribute("datetime")).toBe(given.until);
    // Whoever is asked decides as before: that is what ratifies it.
    await page.getByLabel("Approve: credit-scoring 2.0.0 for production runs on loan, and may stay").check();
    await isForEverybody(page, "loan-runs");
    await page.getByRole("button", { name: "Show what I sign" }).first().click();
    await page.getByText("It runs on loan. Once no signature is missing any more, it stays.").waitFor();
    await page.getByRole("button", { name: "Go back" }).click();
    const becomes = async (over: Partial<Promotion>, loan: Partial<Loan>, sentence: string): Promise<void> => {
      lent(over, { runningSince: at, ...loan });
      await refresh(page);
      await page.getByText(sentence).waitFor();
    };
    await becomes({ status: "expired" }, {}, "The loan is over; what served before is being brought back.");
    await becomes({ status: "expired" }, { takenBackAt: at }, "It ran on loan, and was taken back:");
    await becomes({ status: "deployed" }, { ratifiedAt: at }, "until the missing signatures were there:");
  });

  it("is offered to nobody else, nor to whoever approved", async () => {
    const { reviewerPage } = await openReview({
      people: [{ ...clara, groups: [...clara.groups, ...ida.groups] }, lena],
    });
    const other = await reviewerPage(lena);
    expect(await other.getByText("Break the glass").count()).toBe(0);
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    await page.getByText("Break the glass").click();
    await page.getByText("A loan is given by others than those who approve.").waitFor();
    expect(await page.getByLabel("Ask for a loan").count()).toBe(0);
  });

  it("that somebody else signed in for is not sent, nor shown to whoever it was", async () => {
    const { service, reviewerPage } = await openReview({ people });
    const page = await reviewerPage(ida);
    await page.getByText("Break the glass").click();
    await page.getByLabel("Ask for a loan").check();
    await page.getByLabel("It runs for").fill("30");
    await page.getByLabel("Unit").last().selectOption("minutes");
    await page.getByLabel("Address of the incident").fill(incident);
    await page.getByLabel("Why it cannot wait").fill(reason);
    await page.getByRole("button", { name: "Show what I sign" }).last().click();
    // It stays unfolded, and whoever goes back is led to its heading.
    await page.getByRole("button", { name: "Go back" }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Break the glass/);
    await page.getByRole("button", { name: "Show what I sign" }).last().click();
    // The identity provider has forgotten who was there.
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Sign in and ask for it" }).click();
    await logIn(page, olaf);
    await page.getByText(/^The sign-in was that of .*, but what was to be signed is that of /).waitFor();
    await page.getByRole("button", { name: "Go on as" }).click();
    await page.getByText("Break the glass").click();
    expect(await page.getByLabel("Why it cannot wait").inputValue()).toBe("");
    expect(service.state.loans).toEqual([]);
  });
});
