import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import { delegationDeed, delegationDocument } from "../core/attestation/given-delegation.ts";
import { clara, officersAsked, sam } from "./candidate-in-review.ts";
import { isForEverybody, tabTo } from "./for-everybody.ts";
import { logIn, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const narrow = { viewport: { width: 320, height: 640 }, colorScheme: "dark" } as const;

/** That Clara lets Sam sign as a compliance officer for a day. */
function standsIn(issuer: string): Promise<RecordedDelegationDeed> {
  const [ofClara, ofSam] = [clara, sam].map(({ subject, name, email, groups }) => ({
    identity: { issuer, subject },
    ...{ name, address: email, groups, enabled: true },
  }));
  if (ofClara === undefined || ofSam === undefined) return expect.unreachable();
  const from = addSeconds(instantFromMs(Date.now()), -3600);
  const times = { from, until: addSeconds(from, 86_400) };
  const delegation = delegationDocument(ofClara, ofSam, "compliance-officer", times);
  return delegationDeed("delegate", delegation, ofClara, from);
}

/** A day by the page's clock, as a date field takes it. */
function dayFromNow(page: Page, days: number): Promise<string> {
  return page.evaluate((later) => {
    const day = new Date(Date.now() + later * 86_400_000);
    const part = (number: number) => String(number).padStart(2, "0");
    return `${day.getFullYear()}-${part(day.getMonth() + 1)}-${part(day.getDate())}`;
  }, days);
}

/** Whoever was told what is wrong is in the field where it is mended, which says so to whoever sees none. */
async function isToBeMended(page: Page, label: string): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await page.locator("[aria-invalid=true]").count()).toBe(1);
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  const said = page.locator(`#${await field.getAttribute("aria-describedby")}`);
  expect(await said.innerText()).toBe(await page.getByRole("alert").filter({ hasText: /./ }).innerText());
}

it("somebody says that they are away, and that they are back", async () => {
  const { reviewerPage } = await openReview();
  const page = await reviewerPage(clara, narrow);
  await page.getByRole("link", { name: "Absence" }).click();
  await page.getByText("You are not away.").waitFor();
  await page.getByRole("button", { name: "I am away" }).click();
  await page.getByText("Choose the last day on which you are away").waitFor();
  const lastDay = await dayFromNow(page, 6);
  await page.getByLabel("Last day away").fill(lastDay);
  await page.getByRole("button", { name: "I am away" }).click();
  // As it was chosen, and not as the midnight after it: that stands beside it.
  const said = page.getByText("You are away, and not asked, through");
  await said.waitFor();
  const inWords = await page.evaluate((day) => {
    const form = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
    return form.format(new Date(`${day}T12:00`));
  }, lastDay);
  expect(await said.innerText()).toMatch(new RegExp(`through ${inWords} \\(until \\d.*00:00 \\S+\\)\\.$`));
  await isForEverybody(page, "away");
  await page.getByRole("button", { name: "I am back" }).click();
  await page.getByText("You are not away.").waitFor();
});

it("somebody lets another sign in their place by a sign-in, and takes it back", async () => {
  const { reviewerPage } = await openReview();
  const page = await reviewerPage(clara, narrow);
  await page.getByRole("link", { name: "Absence" }).click();
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByText("Choose who signs in your place.").waitFor();
  await isToBeMended(page, "Who signs");
  await page.getByRole("combobox", { name: "Who signs" }).selectOption({ label: "Sam Site" });
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByText("Choose the first day and the last one.").waitFor();
  await isToBeMended(page, "First day");
  await page.getByLabel("First day").fill(await dayFromNow(page, 0));
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await isToBeMended(page, "Last day");
  await page.getByLabel("Last day", { exact: true }).fill(await dayFromNow(page, 91));
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByText("A delegation lasts 90 days at most").waitFor();
  await isToBeMended(page, "Last day");
  await page.getByLabel("First day").fill(await dayFromNow(page, 91));
  await page.getByLabel("Last day", { exact: true }).fill(await dayFromNow(page, 93));
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByText("A delegation begins within 90 days from now").waitFor();
  await isToBeMended(page, "First day");
  await page.getByLabel("First day").fill(await dayFromNow(page, 0));
  await page.getByLabel("Last day", { exact: true }).fill(await dayFromNow(page, 6));
  await page.getByLabel("Reason").fill("On holiday.");
  await tabTo(page, "Show what I sign");
  await page.keyboard.press("Enter");
  await page.getByText("signs in your place as Compliance officer, for any model,").waitFor();
  await isForEverybody(page, "delegation-shown");
  await page.getByRole("button", { name: "Sign in and delegate" }).click();
  await logIn(page, clara);
  await page.getByText("The delegation is recorded.").waitFor();
  await page.getByText("In force").waitFor();
  await isForEverybody(page, "delegated");

  // That sign-in was for the delegation alone: for anything else the page asks for another.
  await page.getByLabel("Last day away").fill(await dayFromNow(page, 6));
  await page.getByRole("button", { name: "I am away" }).click();
  await page.getByText("This sign-in was for one decision").waitFor();
  await page.getByRole("button", { name: "Sign in again" }).waitFor();

  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Sam Site no longer signs in your place as Compliance officer, for any model,").waitFor();
  await isForEverybody(page, "delegation-revocation");
  await page.getByRole("button", { name: "Sign in and revoke" }).click();
  await logIn(page, clara);
  await page.getByText("The delegation is revoked.").waitFor();
  await page.getByText("1 that is over").click();
  await page.locator(".badge", { hasText: "Revoked" }).waitFor();
});

it("a delegation is signed by the class of sign-in that its role asks for, and what was typed is kept where it was another", async () => {
  const { service, reviewerPage } = await openReview({ judgedBy: officersAsked({ signIn: { acr: ["urn:x:mfa"] } }) });
  const page = await reviewerPage(clara);
  await page.getByRole("link", { name: "Absence" }).click();
  await page.getByRole("combobox", { name: "Who signs" }).selectOption({ label: "Sam Site" });
  await page.getByLabel("First day").fill(await dayFromNow(page, 0));
  await page.getByLabel("Last day", { exact: true }).fill(await dayFromNow(page, 6));
  await page.getByLabel("Reason").fill("On holiday.");
  await page.getByRole("button", { name: "Show what I sign" }).click();
  const asked = page.waitForRequest((request) => request.url().includes("nonce="));
  await page.getByRole("button", { name: "Sign in and delegate" }).click();
  expect(new URL((await asked).url()).searchParams.get("acr_values")).toBe("urn:x:mfa");
  await logIn(page, clara);
  await page.getByText("asks for 'urn:x:mfa'").waitFor();
  expect(await page.getByLabel("Reason").inputValue()).toBe("On holiday.");
  expect(service.state.delegations.recorded).toEqual([]);
});

it("a delegate signs in the place of somebody who is away, and everybody sees for whom", async () => {
  const { service, reviewerPage } = await openReview();
  const delegated = await standsIn(service.issuer);
  service.state.delegations.recorded.push(delegated);
  const until = addSeconds(instantFromMs(Date.now()), 3600);
  await service.state.absences.put({ person: delegated.person, until });
  const other = await reviewerPage(sam, narrow);
  await other.getByText("Sam Site (in the place of Clara Compliance)").waitFor();
  await other.getByText("Clara Compliance (away)").waitFor();
  await other.getByRole("link", { name: "Inbox" }).click();
  await other.getByRole("region", { name: "Waits for you" }).getByText("in the place of Clara Compliance").waitFor();
  await other.goBack();
  await other.getByLabel(/^Approve/).check();
  await other.getByLabel("In the place of Clara Compliance, as Compliance officer").waitFor();
  await isForEverybody(other, "delegations-of-others");
  await other.getByRole("button", { name: "Show what I sign" }).click();
  await other.getByText("as Compliance officer, in the place of Clara Compliance.").waitFor();
  await other.getByRole("button", { name: "Sign in and approve" }).click();
  await logIn(other, sam);
  await other.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
  await other.getByText("Filled by Sam Site (in the place of Clara Compliance).").waitFor();
  expect(service.state.signOffs[0]?.signOff.onBehalfOf).toEqual({
    person: delegated.person,
    delegation: delegated.id,
  });
});
