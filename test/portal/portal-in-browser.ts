import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import type { Person } from "../../local/people.ts";

/** Builds the portal as `npm run build:portal` does, into a folder of the test's own. */
export async function buildPortal(outDir: string): Promise<void> {
  const configFile = fileURLToPath(new URL("../../portal/vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
}

/** A page, and everything that went wrong on it: violations of its policy, errors, requests to other hosts. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly troubles: string[];
}

/** Opens a page of its own, with nobody signed in. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // The refusals of an API are told on the page; the browser reports them as errors all the same.
    if (message.type() === "error" && !/status of (4|5)\d\d/.test(message.text())) troubles.push(message.text());
  });
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== "localhost" && protocol !== "data:") troubles.push(`request to ${hostname}`);
  });
  return { page, context, troubles };
}

/** Signs in at the identity provider, whose login page is shown. */
export async function logIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("Who are you?").selectOption(person.username);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Opens an address of the portal and signs in. */
export async function visit(page: Page, address: string, person: Person): Promise<void> {
  await page.goto(address);
  await page.getByRole("button", { name: "Sign in" }).click();
  await logIn(page, person);
}
