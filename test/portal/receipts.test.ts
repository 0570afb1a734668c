import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { readReceipts } from "../../core/archive/kept-receipts.ts";
import type { Envelope } from "../../core/attestation/dsse.ts";
import { givenSignOff } from "../core/attestation/given-sign-off.ts";
import { digestOf } from "../core/promotion/promotion-in-review.ts";
import { clara, lena } from "./candidate-in-review.ts";
import { isForEverybodyEverywhere, tabTo } from "./for-everybody.ts";
import { logIn, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();

/** What the page saves when this is done: the file's name, and the envelopes that a verifier reads in it. */
async function savedBy(page: Page, act: () => Promise<void>): Promise<readonly [string, readonly Envelope[]]> {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  const name = download.suggestedFilename();
  const receipts = readReceipts(name, readFileSync(await download.path()));
  return [name, receipts.map(({ envelope }) => envelope)];
}

const press = (page: Page, name: string) => () => page.getByRole("button", { name }).click();

describe("whoever decided", () => {
  it("saves what they were answered, by keyboard, and once more on the record and in the inbox", async () => {
    const { service, promotion, address, reviewerPage } = await openReview();
    const another = await givenSignOff(promotion, {
      identity: { issuer: service.issuer, subject: lena.subject },
      name: lena.name,
      address: lena.email,
      groups: lena.groups,
      enabled: true,
    });
    service.state.signOffs.push(another);
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Reject/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill("The fairness figures are not good enough.");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    await page.getByRole("button", { name: "Sign in and reject" }).click();
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your rejection is recorded" }).waitFor();
    const recorded = service.state.signOffs.find(({ signOff }) => signOff.result === "reject");
    const [id = expect.unreachable(), own = expect.unreachable()] = [recorded?.signOff.id, recorded?.envelope];
    await page.getByText("with it anybody can hold the record against what you were told").waitFor();
    await isForEverybodyEverywhere(page, "receipt");
    await page.getByRole("heading", { name: "Your rejection is recorded" }).focus();
    await tabTo(page, "Save the receipt");
    expect(await savedBy(page, () => page.keyboard.press("Enter"))).toEqual([
      `receipt-${promotion.id}-reject-${id.slice(0, 8)}.json`,
      [own],
    ]);

    await page.goto(`${address}/record`);
    await page.getByRole("heading", { name: "Downloads" }).waitFor();
    await isForEverybodyEverywhere(page, "receipts on the record");
    const all = [`receipts-${promotion.id}.json`, [own]];
    expect(await savedBy(page, press(page, "Save my receipts"))).toEqual(all);
    await page.getByRole("link", { name: "Inbox" }).click();
    const again = "Save my receipts about credit-scoring 2.0.0 for production";
    await page.getByRole("button", { name: again }).waitFor();
    await isForEverybodyEverywhere(page, "receipts in the inbox");
    expect(await savedBy(page, press(page, again))).toEqual(all);
  });

  it("reads that nothing rests on an approval that the verdict did not wait for, and has its receipt all the same", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill("The margins are acceptable.");
    await page.getByRole("button", { name: "Show what I sign" }).click();
    service.state.meanwhile = () => {
      const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: promotion.submittedAt } as const;
      service.state.promotions.set(promotion.id, { ...promotion, status: "approved", verdict });
    };
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    await page.getByText("The verdict was signed before it arrived, and does not rest on it.").waitFor();
    await page.getByText("Nothing waits for you.").waitFor();
    expect(await page.getByText("was not recorded").count()).toBe(0);
    await isForEverybodyEverywhere(page, "late-approval");
    const [, envelopes] = await savedBy(page, press(page, "Save the receipt"));
    expect(envelopes).toEqual(service.state.signOffs.map(({ envelope }) => envelope));
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("is told where the service has nothing of theirs", async () => {
    const { address, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.goto(`${address}/record`);
    await page.getByRole("button", { name: "Save my receipts" }).click();
    await page
      .getByText("recorded nothing that you signed here. If you were told otherwise, tell an auditor.")
      .waitFor();
  });
});
