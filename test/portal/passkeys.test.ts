import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { clara, sam } from "./candidate-in-review.ts";
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

it("a passkey is enrolled by its owner, confirmed by somebody else, and then signs a decision", async () => {
  const { service, address, reviewerPage } = await openReview();
  const page = await reviewerPage(clara);
  await withAuthenticator(page);
  await page.getByRole("link", { name: "My passkeys" }).click();
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByText("Please give it a name").waitFor();
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByRole("button", { name: "Use it, and sign in to enrol it" }).click();
  await logIn(page, clara);
  await page.getByText("The passkey is enrolled.").waitFor();
  expect(await page.getByRole("button", { name: "Sign in to confirm" }).count()).toBe(0);

  const other = await reviewerPage(sam);
  await other.getByRole("link", { name: "My passkeys" }).click();
  await other.getByText("Clara Compliance: Laptop").waitFor();
  await other.getByRole("button", { name: "Sign in to confirm" }).click();
  await logIn(other, sam);
  await other.getByText("The passkey is confirmed.").waitFor();

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
});
