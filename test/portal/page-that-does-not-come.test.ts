import type { Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { clara } from "./candidate-in-review.ts";
import { logIn, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const late = "The page does not come, or only slowly.";

/** A page at the portal's address that need not come: what matches hangs. */
async function opened(hanging: string) {
  const { service, page: open } = await openReview();
  const page = await open();
  await page.clock.install();
  const { promise: held, resolve } = Promise.withResolvers<Route>();
  await page.route(hanging, resolve);
  const watching = page.waitForResponse("**/assets/watch-*.js");
  await page.goto(`${service.origin}/#/promotions/x`, { waitUntil: "commit" });
  await watching;
  // Resolves once that script has run.
  await page.evaluate("import(document.scripts[0].src).then(() => undefined)");
  return { page, held };
}

describe("a page that does not come", () => {
  it.each(["css", "js"])(
    "says so after a while where a .%s file hangs, and until then that it loads",
    async (ending) => {
      const { page } = await opened(`**/index-*.${ending}`);
      await page.getByText("Loading…").waitFor();
      expect(await page.getByText(late).isVisible()).toBe(false);
      await page.clock.fastForward(10_000);
      await page.getByText(late).waitFor();
    },
  );

  it("says so at once where the script fails, and the way on leads to the same place", async () => {
    const { page, held } = await opened("**/index-*.js");
    await (await held).abort();
    await page.getByText(late).waitFor();
    await page.unrouteAll();
    await page.getByRole("link", { name: "load the page again" }).click();
    await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#/promotions/x");
    expect(await page.getByText("Loading…").count()).toBe(0);
  });
});

describe("an answer that does not come", () => {
  it("is told to be late", async () => {
    const { page } = await opened("**/v1/service");
    await page.getByText("Loading…").waitFor();
    await page.clock.fastForward(6_000);
    await page.getByText("This takes longer than usual.").waitFor();
  });

  it("leads to a sentence and another try", async () => {
    const { service, promotion, page: open } = await openReview();
    const page = await open();
    await page.goto(`${service.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByRole("link", { name: "credit-scoring 2.0.0 for production" }).waitFor();
    await page.route("**/v1/promotions/*", (route) => void route.abort());
    await page.goto(`${service.origin}/#/promotions/${promotion.id}`);
    await page.getByText("Countersign cannot be reached at the moment.").waitFor();
    await page.unroute("**/v1/promotions/*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Gates" }).waitFor();
  });
});
