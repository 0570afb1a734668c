import type { Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { clara } from "./candidate-in-review.ts";
import { logIn, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const late = "The page does not come, or only slowly.";

/** A page at the portal's address that need not come: what matches hangs. Its time goes on by itself, or stands until somebody moves it. */
async function opened(hanging: string, time: "passes" | "stands" = "passes") {
  const { service, page: open } = await openReview();
  const page = await open();
  await page.clock.install();
  // However long a busy machine takes to come to the next line; to an instant that is still to come.
  if (time === "stands") await page.clock.pauseAt(Date.now() + 3_600_000);
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
  it.each(["*.css", "index-*.js"])(
    "says so after a while where the file %s hangs, and until then that it loads",
    async (file) => {
      const { page } = await opened(`**/assets/${file}`, "stands");
      await page.getByText("Loading…").waitFor();
      expect(await page.getByText(late).isVisible()).toBe(false);
      await page.clock.fastForward(10_000);
      await page.getByText(late).waitFor();
    },
  );

  it("says so at once where the script fails, and the way on leads to the same place", async () => {
    const { page, held } = await opened("**/index-*.js", "stands");
    await (await held).abort();
    await page.getByText(late).waitFor();
    await page.clock.resume();
    await page.unrouteAll();
    await page.getByRole("link", { name: "load the page again" }).click();
    await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#/promotions/x");
    expect(await page.getByText("Loading…").count()).toBe(0);
  });
});

/** What a request comes to, other than an answer. */
const mishaps = {
  fails: (route: Route) => route.abort(),
  hangs: () => undefined,
  "answers nonsense": (route: Route) =>
    route.fulfill({ status: 200, contentType: "application/json", body: "<!doctype" }),
} as const;
/** Of a busy machine, not of a reader. */
const patience = { timeout: 60_000 };
type Mishap = keyof typeof mishaps;
const slow = "This takes longer than usual. It is still being tried.";
const unreachable = "Countersign cannot be reached at the moment.";

describe("whatever request of the page's start goes wrong, the page says so in words within seconds, with a way on", () => {
  it("its files", async () => {
    const { service, page: open, takeTroubles } = await openReview();
    const works = ["Please sign in", "Sign in"] as const;
    const broken = [late, "load the page again"] as const;
    const cases: readonly (readonly [string, Mishap, readonly [string, string]])[] = [
      ["**/assets/watch-*.js", "fails", works],
      ["**/assets/watch-*.js", "hangs", works],
      ["**/assets/mark-*.svg", "fails", works],
      ["**/assets/mark-*.svg", "hangs", works],
      ["**/assets/*.css", "fails", works],
      ["**/assets/*.css", "hangs", broken],
      ["**/assets/index-*.js", "fails", broken],
      ["**/assets/index-*.js", "hangs", broken],
      ["**/assets/index-*.js", "answers nonsense", broken],
      ["**/v1/service", "fails", [unreachable, "Try again"]],
      ["**/v1/service", "hangs", [slow, "Try again"]],
      ["**/v1/service", "answers nonsense", [unreachable, "Try again"]],
    ];
    for (const [pattern, mishap, [words, way]] of cases) {
      const page = await open();
      await page.clock.install();
      await page.route(pattern, mishaps[mishap]);
      await page.goto(`${service.origin}/`, { waitUntil: "commit" });
      await page.getByText("Loading…").or(page.getByText(words).first()).first().waitFor();
      const shown = page.getByText(words).first();
      // Where the page comes all the same its time stays as it is: what a busy machine has yet to answer would be given up.
      const moved = () => page.clock.fastForward(10_000).then(() => shown.isVisible());
      if (words === works[0]) await shown.waitFor(patience);
      // Its timers may not be set yet: time goes on until it is seen.
      else await expect.poll(moved, { ...patience, message: `${pattern} ${mishap}` }).toBe(true);
      await page.locator(`a:text("${way}"), button:text("${way}")`).first().waitFor();
      await page.context().close();
    }
    expect(takeTroubles().filter((trouble) => !trouble.startsWith("Failed to load module script"))).toEqual([]);
  }, 300_000);

  it("the sign-in", async () => {
    const { address, page: open } = await openReview();
    const cases: readonly (readonly [string, Mishap, string, string])[] = [
      ["**/.well-known/openid-configuration", "fails", "The identity provider cannot be reached", "Sign in"],
      ["**/.well-known/openid-configuration", "hangs", slow, "Opening the sign-in…"],
      ["**/.well-known/openid-configuration", "answers nonsense", "The identity provider cannot be reached", "Sign in"],
      ["**/token", "fails", "The sign-in could not be finished.", "Sign in"],
      ["**/token", "hangs", slow, "Try again"],
      ["**/token", "answers nonsense", "The sign-in could not be finished.", "Sign in"],
      ["**/v1/promotions/p-*", "hangs", slow, "Try again"],
      ["**/v1/promotions/p-*", "answers nonsense", unreachable, "Try again"],
    ];
    for (const [pattern, mishap, words, way] of cases) {
      const page = await open();
      await page.clock.install();
      await page.goto(address);
      const signIn = page.getByRole("button", { name: "Sign in" });
      await signIn.waitFor();
      if (pattern.includes("well-known")) await page.route(pattern, mishaps[mishap]);
      await signIn.click();
      if (!pattern.includes("well-known")) {
        await page.getByLabel("Password").waitFor();
        await page.route(pattern, mishaps[mishap], mishap === "hangs" ? { times: 1 } : {});
        await logIn(page, clara);
      }
      await expect
        .poll(() => page.clock.fastForward(6_000).then(() => page.getByText(words).first().isVisible()), {
          ...patience,
          message: `${pattern} ${mishap}`,
        })
        .toBe(true);
      await page.getByRole("button", { name: way }).waitFor();
      if (mishap === "hangs" && way === "Try again" && pattern.includes("promotions")) {
        // The other request is not answered yet: this one is.
        await page.getByRole("button", { name: way }).click();
        const gates = page.getByRole("heading", { name: "Gates" });
        await expect
          .poll(() => page.clock.fastForward(6_000).then(() => gates.isVisible()), { ...patience, message: "Gates" })
          .toBe(true);
      }
      await page.context().close();
    }
  }, 300_000);

  it("a browser that keeps nothing in the tab", async () => {
    const { service, page: open, takeTroubles } = await openReview();
    const page = await open();
    // As where cookies are forbidden: https://html.spec.whatwg.org/multipage/webstorage.html#dom-sessionstorage
    await page.addInitScript(() => {
      Object.defineProperty(window, "sessionStorage", {
        get: () => {
          throw new DOMException("The user agent denies it.", "SecurityError");
        },
      });
    });
    await page.goto(`${service.origin}/`);
    await page.getByText("may this page keep data in the tab?").waitFor();
    expect(takeTroubles()).toEqual(["error: The user agent denies it."]);
  });
});

describe("an answer that does not come", () => {
  it("is told to be late", async () => {
    const { page } = await opened("**/v1/service");
    await page.getByText("Loading…").waitFor();
    // Its timer may not be set yet.
    await expect
      .poll(
        () => page.clock.fastForward(6_000).then(() => page.getByText("This takes longer than usual.").isVisible()),
        {
          ...patience,
        },
      )
      .toBe(true);
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
