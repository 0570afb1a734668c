import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** What axe-core finds against WCAG 2.2 A and AA and its best practices: rule and place. */
async function axeFindings(page: Page): Promise<readonly string[]> {
  // Playwright evaluates outside the page's policy; the page itself could not load this. It takes a fifth of what looking takes, and
  // stays until the page is left.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: engine } = globalThis as unknown as {
      axe: {
        run(options: {
          readonly resultTypes: readonly string[];
        }): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    // All rules run; where each element lies is written down of those that break one.
    const { violations } = await engine.run({ resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`));
  });
}

const pictures = process.env["COUNTERSIGN_SCREENSHOTS"];

/**
 * Expects that axe finds nothing and that nothing scrolls sideways. Where COUNTERSIGN_SCREENSHOTS names a folder, a
 * picture of the whole page is kept there.
 */
export async function isForEverybody(page: Page, place: string): Promise<void> {
  if (pictures !== undefined) {
    mkdirSync(pictures, { recursive: true });
    const dark = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
    const name = `${place.replaceAll(/[^a-z0-9]+/gi, "-")}-${page.viewportSize()?.width}-${dark ? "dark" : "light"}.png`;
    await page.screenshot({ path: join(pictures, name), fullPage: true, timeout: 60_000 });
  }
  const found = { place, findings: await axeFindings(page), overflow: await overflow(page) };
  expect(found).toEqual({ place, findings: [], overflow: 0 });
}

const wide = { width: 1280, height: 900 };
const narrow = { width: 320, height: 700 };
/** Colours do not depend on the width, nor the layout on the colours: two of the four pairs show all of both. */
const looks = [
  ["light", wide],
  ["dark", narrow],
  ...(pictures === undefined
    ? []
    : ([
        ["light", narrow],
        ["dark", wide],
      ] as const)),
] as const;

/** As `isForEverybody`, in light and dark, wide and 320 pixels wide; where pictures are kept, in all four pairs. */
export async function isForEverybodyEverywhere(page: Page, place: string): Promise<void> {
  for (const [colorScheme, viewport] of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    await isForEverybody(page, place);
  }
}

/** How far the page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Goes on with the Tab key until something of this name has the focus; answers the names on the way. Each must show that it has it. */
export async function tabTo(page: Page, wanted: string | RegExp): Promise<readonly string[]> {
  const way: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const { name, outline } = await page.evaluate(() => {
      const { activeElement: at } = document;
      const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at?.textContent;
      return { name: label?.trim() ?? "", outline: at === null ? "none" : getComputedStyle(at).outlineStyle };
    });
    expect(outline, name).toBe("solid");
    way.push(name);
    if (typeof wanted === "string" ? name === wanted : wanted.test(name)) return way;
  }
  throw new Error(`'${wanted}' cannot be reached with the keyboard.`);
}
