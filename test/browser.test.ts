import { expect, it, onTestFinished } from "vitest";
import { launchPackaged } from "./browser.ts";

it.runIf(process.platform === "linux")("shows text on a machine that has no font", async () => {
  const browser = await launchPackaged("the package's");
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.setContent("<span>text</span>");
  expect((await page.locator("span").boundingBox())?.width).toBeGreaterThan(0);
});
