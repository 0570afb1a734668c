import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";
import { beforeAll, expect, onTestFinished } from "vitest";
import { instantFromMs } from "../../core/encoding/instant.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { limitHere } from "../../local/limit-here.ts";
import type { Person } from "../../local/people.ts";
import { launchBrowser } from "../browser.ts";
import type { Candidate } from "../core/gates/candidate.ts";
import { clara, inReview, lena, policy, realCandidate, sam, theo } from "./candidate-in-review.ts";
import { startReviewService } from "./review-service.ts";

/** One promotion in review behind the built portal, and pages to look at it. */
export interface OpenReview {
  readonly service: Awaited<ReturnType<typeof startReviewService>>;
  readonly promotion: Promotion;
  /** The address of the promotion's page. */
  readonly address: string;
  /** A page of its own, with nobody signed in. */
  page(options?: BrowserContextOptions): Promise<Page>;
  /** As `page`, signed in and on the promotion's page. */
  reviewerPage(person: Person, options?: BrowserContextOptions): Promise<Page>;
  /** What went wrong in the pages so far, where that is what the test is about: it fails no test any more. */
  takeTroubles(): readonly string[];
}

/** Built once for all files that one process tests; each process has a folder of its own, and builds over its last one. */
let portal: Promise<string> | undefined;
/** Serves all those files too, and ends with their process. */
let browser: Browser | undefined;

async function builtPortal(): Promise<string> {
  const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
  const outDir = path(`.countersign/test/portal-${process.env["VITEST_POOL_ID"]}`);
  await build({
    configFile: path("portal/vite.config.ts"),
    logLevel: "error",
    build: { outDir, emptyOutDir: true, reportCompressedSize: false },
  });
  return outDir;
}

/**
 * Builds the portal as `npm run build:portal` does and starts a browser. Every page is watched: a violation of the page's
 * policy, an error or a request to another host fails the test.
 */
export function portalInBrowser(): (options?: {
  readonly candidate?: Candidate;
  readonly people?: readonly Person[];
  readonly override?: Partial<Promotion>;
  readonly judgedBy?: typeof policy;
  /** Others than the one in review, made from it. */
  readonly others?: (made: Promotion) => readonly Promotion[];
}) => Promise<OpenReview> {
  let dist: string;
  let running: Browser;
  beforeAll(async () => {
    portal ??= builtPortal();
    if (browser?.isConnected() !== true) browser = await launchBrowser();
    [dist, running] = [await portal, browser];
  });

  return async (options = {}) => {
    const {
      candidate = realCandidate(),
      people = [clara, lena, theo, sam],
      override = {},
      others,
      judgedBy = policy,
    } = options;
    const made = inReview(candidate, instantFromMs(Date.now()), judgedBy);
    const promotion = { ...made.promotion, ...override };
    const promotions = [promotion, ...(others?.(promotion) ?? [])];
    const service = await startReviewService({ dist, people, promotions, blobs: made.blobs, policy: judgedBy });
    const address = `${service.origin}/#/promotions/${promotion.id}`;
    const troubles: string[] = [];
    onTestFinished(async () => {
      await service.close();
      expect(troubles).toEqual([]);
    });
    const page: OpenReview["page"] = async (options = {}) => {
      const context = await running.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
      onTestFinished(() => context.close());
      const opened = await context.newPage();
      opened.setDefaultTimeout(limitHere(10_000));
      watch(opened, troubles);
      return opened;
    };
    return {
      service,
      promotion,
      address,
      page,
      takeTroubles: () => troubles.splice(0),
      reviewerPage: async (person, options) => {
        const opened = await page(options);
        await opened.goto(address);
        await opened.getByRole("button", { name: "Sign in" }).click();
        await logIn(opened, person);
        await opened.getByRole("heading", { name: "Gates" }).waitFor();
        return opened;
      },
    };
  };
}

function watch(page: Page, troubles: string[]): void {
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // The browser reports the API's refusals and outages too; the page tells them.
    if (message.type() === "error" && !/status of [45]\d\d|ERR_FAILED/.test(message.text()))
      troubles.push(message.text());
  });
  page.on("request", (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== "localhost") troubles.push(`request to ${hostname}`);
  });
}

/** Signs in at the identity provider, whose login page is shown. */
export async function logIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("Who are you?").selectOption(person.username);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Makes the page ask for news at once, as it does when somebody comes back to it. */
export async function refresh(page: Page): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().includes("/v1/promotions/"));
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await answered;
}
