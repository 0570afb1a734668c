import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Instant } from "../../core/encoding/instant.ts";
import { loadInForce } from "../../core/policy/load-policies.ts";
import { refusedToday, takenBefore } from "../core/policy/taken-before.ts";
import { clara } from "./candidate-in-review.ts";
import { isForEverybody } from "./for-everybody.ts";
import { portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();

async function policyPage(
  options?: BrowserContextOptions,
  known: "known" | "new" | "taken-before" = "new",
): Promise<Page> {
  const { service, promotion, reviewerPage } = await openReview();
  if (known === "known") {
    const { policyDigest: digest } = service.state;
    const [since, signedBy] = ["2026-11-20T09:30:00.000Z" as Instant, ["Clara Compliance", "Sam Site"]];
    service.state.inForce = { digest, documents: [], since, number: 3, promotion: promotion.id, signedBy };
  }
  if (known === "taken-before") service.state.policies = loadInForce(takenBefore);
  const page = await reviewerPage(clara, options);
  await page.getByRole("link", { name: "Policy", exact: true }).click();
  await page.getByRole("heading", { name: "Try it" }).waitFor();
  return page;
}

async function simulate(page: Page, approve: string, reject = ""): Promise<void> {
  await page.getByLabel("For", { exact: true }).selectOption("Rule 2: credit-scoring in production");
  await page.getByLabel("Model's name").fill("credit-scoring");
  await page.getByLabel("Who approves").fill(approve);
  await page.getByLabel("Who rejects").fill(reject);
  await page.getByRole("button", { name: "Simulate" }).click();
}

describe("the policy page", () => {
  it("tells the matrix in sentences, and what would become of a request", async () => {
    const page = await policyPage();
    await page.getByText("Not written down yet;").waitFor();
    const rule = page.getByRole("region", { name: "Rule 2: credit-scoring in production" });
    expect(await rule.innerText()).toContain("One person in the role 'Compliance officer'.");
    await rule.getByText("What the gates ask").click();
    await rule.getByText("Accuracy at least 0.72.").waitFor();

    await simulate(page, "Clara Compliance");
    const result = page.getByRole("heading", { name: "What would become of it: Would wait" });
    await result.waitFor();
    expect(await result.evaluate((heading) => heading === document.activeElement)).toBe(true);
    const text = await page.getByRole("region", { name: "Try it" }).innerText();
    expect(text).toContain("The gates were not judged: no evidence was given.");
    expect(text).toContain("Signed by Clara Compliance");

    await simulate(page, "", "Clara Compliance");
    await page.getByText("It would be rejected by Clara Compliance.").waitFor();
    await simulate(page, "Nobody Atall");
    await page.getByText("Nobody in the directory is called 'Nobody Atall'.").waitFor();
  });

  it("says which version is in force, since when and by whom, and so does the audit page", async () => {
    const page = await policyPage({}, "known");
    const version = page.getByRole("region", { name: "The policies in force" });
    await version.getByText("20 Nov 2026, 10:30 CET").waitFor();
    expect(await version.locator(".digest").textContent()).toMatch(/^[0-9a-f]{64}$/);
    await version.getByText("A quorum: Clara Compliance and Sam Site,").waitFor();
    const shown = await version.innerText();
    await page.getByRole("link", { name: "Audit", exact: true }).click();
    await version.getByText("20 Nov 2026, 10:30").waitFor();
    expect(await version.innerText()).toBe(shown);
    await isForEverybody(page, "audit-version");
    await version.getByRole("link", { name: "in this promotion" }).click();
    await page.getByRole("heading", { name: "credit-scoring 2.0.0 for production" }).waitFor();
  });

  it("warns of policies that would not be taken today, and says why", async () => {
    const page = await policyPage({ viewport: { width: 320, height: 700 } }, "taken-before");
    const version = page.getByRole("region", { name: "The policies in force" });
    await version.getByText("They count as they were taken.").waitFor();
    await version.getByText(refusedToday).waitFor();
    await isForEverybody(page, "policy-taken-before");
  });

  it.each(["light", "dark"] as const)("is for everybody, %s and at 320 pixels", async (colorScheme) => {
    const page = await policyPage({ colorScheme, viewport: { width: 320, height: 700 } });
    await simulate(page, "Clara Compliance");
    await page.getByRole("heading", { name: "What would become of it" }).waitFor();
    await isForEverybody(page, "policy-simulated");
  });
});
