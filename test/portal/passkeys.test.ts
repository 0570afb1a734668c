import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { MemoryPasskeys } from "../functions/memory-passkeys.ts";
import { clara, sam, strictPolicy } from "./candidate-in-review.ts";
import { isForEverybodyEverywhere } from "./for-everybody.ts";
import { logIn, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();

/** Chromium's own authenticator without hardware, whose owner is always there: https://w3c.github.io/webauthn/#sctn-automation */
async function withAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

async function makePasskey(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Make a passkey" }).click();
}

/** Clara's first one, on a page where she is signed in. */
async function enrolLaptop(page: Page): Promise<void> {
  await withAuthenticator(page);
  await page.getByRole("link", { name: "My passkeys" }).click();
  await makePasskey(page, "Laptop");
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByRole("button", { name: "Use it, and sign in to enrol it" }).click();
  await logIn(page, clara);
  await page.getByText("The passkey is enrolled.").waitFor();
}

/** Their signature is of no concern here: nobody verifies it before the verdict. */
async function confirmBySomebodyElse(passkeys: MemoryPasskeys): Promise<void> {
  const [enrolment] = await passkeys.deeds();
  if (enrolment === undefined) throw new Error("Nothing is enrolled.");
  const person = { ...enrolment.person, subject: sam.subject };
  await passkeys.record({ ...enrolment, deed: "confirm", person, personName: sam.name });
}

it("a passkey is enrolled by its owner, confirmed by somebody else, and then signs a decision", async () => {
  const { service, address, reviewerPage } = await openReview();
  const page = await reviewerPage(clara);
  await withAuthenticator(page);
  await page.getByRole("link", { name: "My passkeys" }).click();
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByText("Please give it a name").waitFor();
  await isForEverybodyEverywhere(page, "passkey-nameless");
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByText("The passkey is made.").waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === "Show what I sign");
  await isForEverybodyEverywhere(page, "passkey-made");
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByText("You enrol the passkey 'Laptop' as yours.").waitFor();
  expect(await page.getByLabel("The exact statement").inputValue()).toContain('"deed": "enrol"');
  // One thing to press: what asked for the statement is gone while it is shown, and there again after going back.
  expect(await page.getByRole("button", { name: "Show what I sign" }).count()).toBe(0);
  await page.getByRole("button", { name: "Go back" }).click();
  await page.waitForFunction(() => document.activeElement?.textContent === "Show what I sign");
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await isForEverybodyEverywhere(page, "passkey-enrolment");
  await page.getByRole("button", { name: "Use it, and sign in to enrol it" }).click();
  await logIn(page, clara);
  await page.getByText("The passkey is enrolled.").waitFor();
  await isForEverybodyEverywhere(page, "passkey-enrolled");
  expect(await page.getByRole("button", { name: "Confirm" }).count()).toBe(0);

  const other = await reviewerPage(sam);
  await other.getByRole("link", { name: "My passkeys" }).click();
  await other.getByText("Clara Compliance: Laptop").waitFor();
  await other.getByRole("button", { name: "Confirm" }).click();
  await other.getByText("You confirm that the passkey 'Laptop' is Clara Compliance's").waitFor();
  await isForEverybodyEverywhere(other, "passkey-confirmation");
  await other.getByRole("button", { name: "Sign in and confirm" }).click();
  await logIn(other, sam);
  await other.getByText("The passkey is confirmed.").waitFor();
  await isForEverybodyEverywhere(other, "passkey-confirmed");

  await page.goto(address);
  await page.getByLabel(/^Approve/).check();
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByRole("button", { name: "Sign in and approve" }).click();
  await logIn(page, clara);
  await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
  const [enrolled] = await service.state.passkeys.deeds();
  const [recorded] = service.state.signOffs;
  expect(recorded?.signOff.passkey).toMatchObject({ id: enrolled?.id });
  expect(recorded?.passkey?.credentialId).toBe(enrolled?.passkey.credentialId);
}, 90_000);

it("a device makes one passkey, which is said, and another once that is revoked", async () => {
  const { service, reviewerPage } = await openReview();
  const page = await reviewerPage(clara);
  await enrolLaptop(page);
  await makePasskey(page, "Laptop again");
  await page.getByText("No passkey was made: this device or security key holds one of yours already").waitFor();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Sign in and revoke" }).click();
  await logIn(page, clara);
  await page.getByText("The passkey is revoked, and counts no more.").waitFor();
  await makePasskey(page, "Laptop again");
  await page.getByText("The passkey is made.").waitFor();
  expect((await service.state.passkeys.deeds()).map(({ deed }) => deed)).toEqual(["enrol", "revoke"]);
});

it("a passkey that counts is revoked by anybody who reviews, whose owner has lost it or left", async () => {
  const { service, reviewerPage } = await openReview();
  const page = await reviewerPage(clara);
  await enrolLaptop(page);
  await confirmBySomebodyElse(service.state.passkeys);

  const other = await reviewerPage(sam);
  await other.getByRole("link", { name: "My passkeys" }).click();
  const counting = other.getByRole("region", { name: "Those of others that count" });
  await counting.getByRole("button", { name: "Show them" }).click();
  await counting.getByText("Clara Compliance: Laptop").waitFor();
  await isForEverybodyEverywhere(other, "passkeys-of-others");
  await counting.getByRole("button", { name: "Revoke" }).click();
  await other.getByText("You revoke the passkey 'Laptop' of Clara Compliance. It signs nothing more.").waitFor();
  await other.getByRole("button", { name: "Sign in and revoke" }).click();
  await logIn(other, sam);
  await other.getByText("The passkey is revoked, and counts no more.").waitFor();
  const revoked = (await service.state.passkeys.deeds()).find(({ deed }) => deed === "revoke");
  expect(revoked?.personName).toBe(sam.name);
  await counting.getByRole("button", { name: "Show them" }).click();
  await counting.getByText("Nobody else's was found.").waitFor();
}, 60_000);

it("a passkey's name turns around nothing of the sentence that is signed about it", async () => {
  const { reviewerPage } = await openReview();
  const page = await reviewerPage(clara);
  await withAuthenticator(page);
  await page.getByRole("link", { name: "My passkeys" }).click();
  await page.getByLabel("Name").fill("Laptop\u202e");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByRole("button", { name: "Show what I sign" }).click();
  const sentence = page.getByText("You enrol the passkey 'Laptop[U+202E]' as yours.");
  await sentence.waitFor();
  // As it stands on the screen: its last words are to the right of its first ones.
  const [first, last] = await sentence.evaluate((element) => {
    const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text;
    return [0, text.data.indexOf("yours")].map((at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect().left;
    });
  });
  expect(last).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY);
});

it("a role that asks for a passkey takes no approval without one, and a rejection all the same", async () => {
  const { service, address, reviewerPage } = await openReview({ judgedBy: strictPolicy });
  const page = await reviewerPage(clara, { viewport: { width: 360, height: 640 } });
  await page.getByLabel(/^Approve/).check();
  await page.getByRole("button", { name: "Show what I sign" }).click();
  const told = page.getByText("Signing in this role needs a passkey of yours that somebody else has confirmed.");
  // On a phone the button is far below: each time that it is pressed, what it comes to is in view.
  for (const _ of ["first", "second"]) {
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await told.waitFor();
    await page.waitForFunction(() => {
      const { top, bottom } = document.querySelector("[role=alert]")?.getBoundingClientRect() ?? {
        top: -1,
        bottom: -1,
      };
      return top >= 0 && bottom <= innerHeight;
    });
  }
  expect(page.url()).toBe(address);
  expect(service.state.requests.some((request) => request.startsWith("POST"))).toBe(false);
  await page.getByRole("button", { name: "Go back" }).click();
  await page.getByRole("link", { name: "My passkeys" }).click();
  await page.getByRole("heading", { name: "My passkeys" }).waitFor();
  expect(await told.count()).toBe(0);
  await page.goBack();
  await page.getByLabel(/^Reject/).check();
  await page.getByRole("textbox", { name: "Reason" }).fill("Not on a Friday.");
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByRole("button", { name: "Sign in and reject" }).click();
  await logIn(page, clara);
  await page.getByRole("heading", { name: "Your rejection is recorded" }).waitFor();
});

it("a role that asks for a passkey takes the approval that one signed", async () => {
  const { service, address, reviewerPage } = await openReview({ judgedBy: strictPolicy });
  const page = await reviewerPage(clara);
  await enrolLaptop(page);
  await confirmBySomebodyElse(service.state.passkeys);
  // She lets another stand in for her: her passkey signs that as well, and the page says so where there is none.
  await page.getByRole("link", { name: "Absence" }).click();
  const lastDay = await page.evaluate(() => new Date(Date.now() + 5 * 86_400_000).toLocaleDateString("sv"));
  await page.getByRole("combobox", { name: "Who signs" }).selectOption({ label: "Sam Site" });
  await page.getByLabel("First day").fill(lastDay);
  await page.getByLabel("Last day", { exact: true }).fill(lastDay);
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByRole("button", { name: "Sign in and delegate" }).click();
  await logIn(page, clara);
  await page.getByText("The delegation is recorded.").waitFor();
  const receipt = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the receipt" }).click();
  expect((await receipt).suggestedFilename()).toMatch(/^receipt-delegation-delegate-[0-9a-f]{8}\.json$/);
  const [mine] = await service.state.passkeys.deeds();
  expect(service.state.delegations.recorded[0]?.passkey).toMatchObject({ id: mine?.id });

  await page.goto(address);
  await page.getByLabel(/^Approve/).check();
  await page.getByRole("button", { name: "Show what I sign" }).click();
  await page.getByRole("button", { name: "Sign in and approve" }).click();
  await logIn(page, clara);
  await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
  const [recorded] = service.state.signOffs;
  expect(recorded?.signOff).toMatchObject({ roles: ["compliance-officer"], passkey: {} });
  await page.getByText("Filled by Clara Compliance.").waitFor();
});
