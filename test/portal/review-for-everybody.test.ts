import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type Candidate, documents, goodCandidate } from "../core/gates/candidate.ts";
import { clara, lena, nestedPolicy, sam, theo } from "./candidate-in-review.ts";
import { isForEverybody, overflow, tabTo } from "./for-everybody.ts";
import { logIn, portalInBrowser, refresh } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const narrow = { viewport: { width: 320, height: 700 } } as const;

/** Opens every part of the page that is folded. */
async function openEverything(page: Page): Promise<void> {
  await page.locator("details").evaluateAll((parts) => {
    for (const part of parts) part.setAttribute("open", "");
  });
}

const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'`=cmd|calc!A1 \u202egnp.exe";
const endless = "W".repeat(3000);

/** Hostile text wherever evidence, lineage, facts and people can carry it. */
function hostileReview(): { readonly candidate: Candidate; readonly override: Partial<Promotion> } {
  const candidate: Candidate = {
    ...goodCandidate,
    documents: {
      ...documents,
      "model-quality.json": {
        ...documents["model-quality.json"],
        content: { metrics: { accuracy: 0.76, auc: 0.79, [hostile]: 1, [endless]: 2 } },
      },
      "explainability.json": {
        ...documents["explainability.json"],
        content: { globalImportance: { [hostile]: 0.9, [endless]: 0.1, c: 0.1 } },
      },
    },
  };
  return {
    candidate,
    override: {
      reason: `${hostile} ${endless}`,
      history: [
        {
          id: "fact-1",
          type: "request",
          at: "2026-11-22T10:00:00.000Z" as Promotion["submittedAt"],
          summary: `${hostile} ${"x".repeat(10_000)}`,
          body: {},
          attachments: [],
        },
      ],
    },
  };
}

describe("requirements within requirements", () => {
  it("stay on a phone's page at twice its size, seven deep", async () => {
    const { reviewerPage } = await openReview({ judgedBy: nestedPolicy(5) });
    const page = await reviewerPage(clara, { viewport: { width: 195, height: 422 } });
    await page.locator(".tree ul ul ul ul ul ul ul").first().waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

describe("hostile text", () => {
  it("is shown as text in every field, and widens no page", async () => {
    const people = [{ ...clara, name: `Clara ${hostile}` }, lena, theo, sam];
    const { service, reviewerPage } = await openReview({ ...hostileReview(), people });
    const page = await reviewerPage(people[0] ?? clara, narrow);
    await page.getByLabel(/^Approve/).check();
    await page.getByRole("textbox", { name: "Reason" }).fill(`${hostile} ${endless}`);
    await page.getByRole("button", { name: "Show what I sign" }).click();
    expect(await page.getByLabel("The exact statement").inputValue()).toContain("\\u202egnp.exe");
    await page.getByRole("button", { name: "Sign in and approve" }).click();
    await logIn(page, people[0] ?? clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    await openEverything(page);
    const text = await page.locator("main").textContent();
    expect(text?.split("<img src=x onerror=alert(1)>").length).toBeGreaterThan(5);
    expect(await page.locator("main script, main img, main iframe, main style").count()).toBe(0);
    expect(await overflow(page)).toBe(0);
    expect(service.state.signOffs[0]?.signOff.reason).toContain(hostile.slice(0, 20));
  });

  it("in the service's refusals is text too", async () => {
    const { reviewerPage, page: open, address } = await openReview();
    await reviewerPage(clara);
    const page = await open(narrow);
    await page.route("**/v1/promotions/p-*", (route) =>
      route.fulfill({ status: 404, json: { code: "not-found", detail: `${hostile} ${endless}` } }),
    );
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByText("<img src=x onerror=alert(1)>").waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

describe("somebody without a mouse", () => {
  it("gets from the link to a recorded approval with the keyboard alone", async () => {
    const { service, address, page: open } = await openReview();
    const page = await open();
    await page.goto(address);
    const reach = async (what: string): Promise<void> => {
      for (let presses = 0; presses < 80; presses += 1) {
        const here = await page.evaluate(() => {
          const { activeElement: at } = document;
          if (at === null || !at.matches("a, button, input, textarea, summary")) return "";
          return `${at.getAttribute("name") ?? at.id} ${at.textContent}`;
        });
        if (here.includes(what)) return;
        await page.keyboard.press("Tab");
      }
      throw new Error(`'${what}' cannot be reached with the keyboard.`);
    };
    const logInByKeyboard = async (): Promise<void> => {
      await page.getByLabel("Password").waitFor();
      await page.getByLabel("Who are you?").focus();
      await page.keyboard.type(clara.name);
      await page.keyboard.press("Tab");
      await page.keyboard.type(clara.password);
      await page.keyboard.press("Enter");
    };
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await reach("Sign in");
    await page.keyboard.press("Enter");
    await logInByKeyboard();
    await page.getByRole("heading", { name: "Gates" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    await reach("result");
    await page.keyboard.press("Space");
    expect(await page.getByRole("radio", { name: /^Approve/ }).isChecked()).toBe(true);
    await reach("reason");
    await page.keyboard.type("Read with care.");
    await reach("Show what I sign");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "This is what you sign" }).waitFor();
    await reach("Sign in and approve");
    await page.keyboard.press("Enter");
    await logInByKeyboard();
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Your approval is recorded");
    expect(service.state.signOffs[0]?.signOff.reason).toBe("Read with care.");
  });

  it("skips to the content and jumps to the decision", async () => {
    const { reviewerPage } = await openReview();
    const page = await reviewerPage(clara, narrow);
    await page.getByRole("button", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
    await page.getByRole("button", { name: "Go to your decision" }).press("Enter");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Your decision");
    expect(new URL(page.url()).hash).toContain("#/promotions/");
  });

  it("jumps to the decision from the keyboard alone where it stands beside", async () => {
    const { reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    const jump = page.getByRole("button", { name: "Go to your decision" });
    expect((await jump.boundingBox())?.width).toBeLessThan(5);
    await page.getByRole("button", { name: "Sign out" }).focus();
    await tabTo(page, "Go to your decision");
    expect((await jump.boundingBox())?.width).toBeGreaterThan(100);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Your decision");
  });

  it("offers no way to a decision where none can be taken any more", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    service.state.promotions.set(promotion.id, { ...promotion, status: "expired", reason: "Nobody signed in time." });
    const page = await reviewerPage(clara, narrow);
    await page.getByText("It is over (expired): nothing is decided about it any more.").waitFor();
    expect(await page.getByRole("button", { name: "Go to your decision" }).count()).toBe(0);
  });
});

describe("in every light and at every width", () => {
  // Colours do not depend on the width, nor the layout on the colours: two of the four pairs show all of both.
  it.each([
    ["light", "wide", { width: 1280, height: 900 }],
    ["dark", "320 pixels wide", narrow.viewport],
  ] as const)(
    "axe finds nothing and nothing scrolls sideways, %s and %s",
    async (colorScheme, _, viewport) => {
      const { service, promotion, address, page: open } = await openReview();
      const page = await open({ colorScheme, viewport, reducedMotion: "reduce" });
      const check = (place: string): Promise<void> => isForEverybody(page, place);
      for (const path of [`#/link-expired/${promotion.id}`, "#/link-invalid", "#/nowhere"]) {
        await page.goto(`${service.origin}/${path}`);
        await page.getByRole("link", { name: "Go to the inbox" }).waitFor();
        await check(path);
      }
      await page.goto(`${service.origin}/`);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await check("sign-in");
      await page.getByRole("button", { name: "Sign in" }).click();
      await logIn(page, clara);
      await page.getByRole("link", { name: "credit-scoring 2.0.0 for production" }).waitFor();
      await check("inbox");
      await page.goto(address);
      await page.getByRole("heading", { name: "Gates" }).waitFor();
      await openEverything(page);
      await check("review");
      await page.getByLabel(/^Reject/).check();
      await page.getByRole("button", { name: "Show what I sign" }).click();
      await check("a reason is missing");
      await page.getByRole("textbox", { name: "Reason" }).fill("Too early.");
      await page.getByRole("button", { name: "Show what I sign" }).click();
      await check("statement");
      await page.getByRole("button", { name: "Sign in and reject" }).click();
      await logIn(page, clara);
      await page.getByRole("heading", { name: "Your rejection is recorded" }).waitFor();
      await check("recorded");
      service.state.promotions.delete(promotion.id);
      await refresh(page);
      await page.getByText("The latest state could not be fetched").waitFor();
      await check("stale");
      // A dozen looks at whole pages: more than a test of one thing, and slow on a busy machine.
    },
    60_000,
  );
});

describe("times", () => {
  it("are in the reader's zone, which is named, with UTC on hover", async () => {
    const { promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara, { timezoneId: "Pacific/Auckland" });
    const deadline = page.locator(".stand time");
    const at = promotion.stage?.deadline ?? "";
    expect(await deadline.getAttribute("title")).toBe(`${at.slice(0, 10)} ${at.slice(11, 19)} UTC`);
    const local = new Intl.DateTimeFormat("en-GB", {
      dateStyle: "medium",
      timeStyle: "short",
      timeZone: "Pacific/Auckland",
    });
    const [own, zone] = ((await deadline.textContent()) ?? "").split(" GMT+");
    expect([own, ["12", "13"].includes(zone ?? "")]).toEqual([local.format(new Date(at)), true]);
  });
});

describe("a review on paper", () => {
  it("says which one it is, and which service showed it when; nothing leads elsewhere, and what is folded is there", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    const shown = page.getByText(`As ${service.origin} showed it at`);
    expect(await shown.isVisible()).toBe(false);
    const record = page.getByRole("link", { name: "Its record" });
    expect(await record.isVisible()).toBe(true);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await shown.isVisible()).toBe(true);
    const at = Date.parse((await shown.locator("time").getAttribute("datetime")) ?? "");
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
    expect(await page.getByText(promotion.id, { exact: true }).isVisible()).toBe(true);
    expect(await record.isVisible()).toBe(false);
    expect(await page.getByRole("button").or(page.getByRole("navigation")).count()).toBe(0);
    expect(await page.getByRole("table", { name: "more measures" }).first().isVisible()).toBe(true);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
  });
});
