import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { failedExport, finishedExport, startedExport } from "../../core/archive/export/export-job.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { zipOf } from "../cli/pack-on-disk.ts";
import { type Files, packOf, recordStories, resealed } from "../core/archive/pack-fixture.ts";
import { clara } from "./candidate-in-review.ts";
import { isForEverybody, tabTo } from "./for-everybody.ts";
import { logIn, type OpenReview, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
let files: Files;
beforeAll(async () => {
  const recorded = await recordStories();
  files = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.deployed } });
});

async function signedIn(
  { service, page: open }: OpenReview,
  options?: Parameters<OpenReview["page"]>[0],
): Promise<Page> {
  service.state.checkpoint = fromUtf8(files.get("log/checkpoint") ?? new Uint8Array());
  const page = await open(options);
  await page.clock.install();
  await page.goto(`${service.origin}/#/audit`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await logIn(page, clara);
  await page.getByRole("button", { name: "Search" }).waitFor();
  return page;
}

/** Moves the one export that was asked for to its end, and the page's clock to when it asks again. */
async function finish({ service }: OpenReview, page: Page, how: "done" | "failed", bytes = 123_456): Promise<void> {
  const [job] = service.state.exports.all();
  const now = instantFromMs(Date.now());
  const running = job === undefined ? undefined : startedExport(job, now);
  if (running === undefined) throw new Error("No export was asked for.");
  const ledger = { origin: "countersign.example/ledger", entries: 40, rootHash: `${"A".repeat(43)}=` };
  const pack = { file: "audit.zip", bytes, sha256: sha256Hex(utf8("a pack")), ledger };
  service.state.exports.put(
    how === "done" ? finishedExport(running, pack, now) : failedExport(running, "The ledger could not be read.", now),
  );
  await page.clock.fastForward(2_000);
}

describe("a promotion", () => {
  it("is found by what is known of it, and leads to its record", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.getByLabel("Model").first().fill("credit-scoring");
    await page.getByLabel("Person who asked, worked on it, or signed").fill("nobody");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("Nothing was found.").waitFor();
    await page.getByLabel("Person who asked, worked on it, or signed").fill("Theo");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "credit-scoring 2.0.0 for production" }).click();
    await page.getByRole("heading", { name: "Life cycle" }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/promotions/${review.promotion.id}/record`);
    const way = await page.locator(".life-cycle li").allInnerTexts();
    expect(way.map((text) => text.split("\n").filter((line) => line !== "")[0])).toEqual(
      expect.arrayContaining(["✓", "●"]),
    );
    expect(await page.locator('[aria-current="step"]').innerText()).toContain("Review: compliance");
    await page.getByText("Ledger entry 0").waitFor();
    await page.getByText(review.promotion.freezeDigest).waitFor();
    // On paper: nothing to press, and who printed it when, in a time that is the same everywhere.
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.getByText(`As ${review.service.origin} showed it at`).waitFor();
    expect(await page.getByRole("button").or(page.getByRole("navigation")).count()).toBe(0);
    const { submittedAt } = review.promotion;
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.locator("#about ~ dl time").evaluate((time) => getComputedStyle(time, "::after").content)).toBe(
      `"${submittedAt.slice(0, 19).replace("T", " ")} UTC"`,
    );
    // Whoever comes back finds what they had found.
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
    await page.goBack();
    await page.getByRole("link", { name: "credit-scoring 2.0.0 for production" }).waitFor();
    expect(await page.getByLabel("Person who asked, worked on it, or signed").inputValue()).toBe("Theo");
  });

  it("is found by times in the reader's own zone, which is named as of what was typed", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    const from = page.getByLabel("Submitted from");
    await from.fill("2026-07-01T12:00");
    await page.getByLabel("Submitted before").fill("2026-12-01T12:00");
    const said = async (name: string) =>
      page.locator(`#${await page.getByLabel(name).getAttribute("aria-describedby")}`).textContent();
    expect(await said("Submitted from")).toBe("In your time zone (CEST).");
    expect(await said("Submitted before")).toBe("In your time zone (CET).");
    await page.getByRole("button", { name: "Search" }).click();
    await expect
      .poll(() => review.service.state.requests.find((request) => request.includes("from=")))
      .toContain("from=2026-07-01T10%3A00%3A00.000Z&to=2026-12-01T11%3A00%3A00.000Z");
  });

  it("is found by its id", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.getByLabel("Or the promotion's id").fill(review.promotion.id);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("heading", { name: "Life cycle" }).waitFor();
  });

  it("is not found by a part of its id, which is said and no other list is shown for it", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.getByLabel("Or the promotion's id").fill(review.promotion.id.slice(0, 12));
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("A promotion's id looks like p-<32 hexadecimal digits>-1.").waitFor();
    expect(await page.getByText("the newest first").count()).toBe(0);
    expect(review.service.state.requests.filter((request) => request.includes("/v1/promotions?"))).toEqual([]);
    await page.getByLabel("Or the promotion's id").fill("");
    await page.getByLabel("Model", { exact: true }).fill("credit scoring");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("model and target are names").waitFor();
    expect(await page.getByText("Nothing was found.").count()).toBe(0);
  });

  it("gives what was signed, and its pack", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.goto(`${review.address}/record`);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save what was signed (JSON)" }).click();
    const saved = JSON.parse(readFileSync(await (await download).path(), "utf8")) as Record<string, unknown>;
    expect(saved).toMatchObject({ promotion: review.promotion.id, signOffs: [] });
    // Held on its way for as long as the test likes.
    const held = new Promise<() => Promise<void>>((resolve) => {
      void page.route("**/v1/audit/exports", (route) => resolve(() => route.continue()));
    });
    await page.getByRole("button", { name: "Prepare the audit pack" }).click();
    await page.getByText("The export is asked for…").waitFor();
    expect(await page.getByRole("button", { name: "Prepare the audit pack" }).getAttribute("aria-disabled")).toBe(
      "true",
    );
    const letGo = await held;
    await letGo();
    await page.getByText("The export waits for its turn…").waitFor();
    await page.clock.fastForward(6_000);
    await page.getByText("A large ledger takes minutes. Leave this page open").waitFor();
    expect(await page.getByText("This takes longer than usual").count()).toBe(0);
    expect(review.service.state.exports.all()[0]?.request).toMatchObject({
      scope: { kind: "promotion", promotion: review.promotion.id },
      withoutPersonalData: false,
    });
    await finish(review, page, "done");
    await page.getByText("The pack is there: 123 kB.").waitFor();
    expect(await page.getByRole("link", { name: "Download the pack" }).getAttribute("href")).toContain("audit.zip");
  });
});

describe("a promotion's pack", () => {
  /** Asks for it on the promotion's record; the bucket answers with `body`. */
  async function verifyHere(body: Buffer, bytes = body.length): Promise<Page> {
    const review = await openReview();
    const page = await signedIn(review);
    const headers = { "access-control-allow-origin": "*" };
    await page.route("http://localhost/audit.zip", (route) => route.fulfill({ body, headers }));
    await page.goto(`${review.address}/record`);
    await page.getByRole("button", { name: "Verify this promotion in my browser" }).click();
    await page.getByText("The export waits for its turn…").waitFor();
    expect(review.service.state.exports.all()[0]?.request).toMatchObject({
      scope: { kind: "promotion", promotion: review.promotion.id },
    });
    await finish(review, page, "done", bytes);
    return page;
  }

  it("is fetched and verified in this browser, at one click", async () => {
    const page = await verifyHere(Buffer.from(await zipOf(files)));
    await page.locator(".verification").getByText("PASSED", { exact: true }).first().waitFor({ timeout: 60_000 });
    expect(await page.locator(".verification").innerText()).toContain(
      "Everything that could be checked holds, for 1 promotion.",
    );
  });

  it("fails where the service's own pack does not hold", async () => {
    const changed = resealed(files, { "records.csv": Buffer.from("nothing happened\r\n") });
    const page = await verifyHere(Buffer.from(await zipOf(changed)));
    await page.locator(".verification").getByText("FAILED", { exact: true }).waitFor({ timeout: 60_000 });
    expect(await page.locator(".verification").innerText()).toContain("records.csv does not say what the records say.");
  });

  it("says nothing about the promotion where it was cut off on its way", async () => {
    const whole = Buffer.from(await zipOf(files));
    const page = await verifyHere(whole.subarray(0, 1000), whole.length);
    await page.getByText("The pack could not be fetched").waitFor();
    expect(await page.locator(".verification").count()).toBe(0);
  });
});

describe("an export", () => {
  it("is asked for by keyboard alone, and each step shows where the focus is", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.getByRole("heading", { level: 1 }).focus();
    await tabTo(page, /^Without personal data/);
    await page.keyboard.press("Space");
    await tabTo(page, "Export");
    await page.keyboard.press("Enter");
    await page.getByText("The export waits for its turn…").waitFor();
    expect(review.service.state.exports.all()[0]?.request.withoutPersonalData).toBe(true);
  });

  it("is asked for with its scope, and says why it failed", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.getByLabel("The promotions of a time").check();
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByText("Give two times, the earlier one first.").waitFor();
    await page.getByLabel("From", { exact: true }).fill("2026-11-01T01:00");
    await page.getByLabel("Before", { exact: true }).fill("2026-11-02T01:00");
    await page.getByLabel(/^Without personal data/).check();
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByText("The export waits for its turn…").waitFor();
    // As it is in Berlin, where the reader is.
    expect(review.service.state.exports.all()[0]?.request).toEqual({
      scope: { kind: "time", from: "2026-11-01T00:00:00.000Z", to: "2026-11-02T00:00:00.000Z" },
      withoutPersonalData: true,
    });
    await finish(review, page, "failed");
    await page.getByText("The ledger could not be read.").waitFor();
  });

  it("is asked for once more where the service could not be reached, by the button that says so", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.route("**/v1/audit/exports", (route) => route.abort(), { times: 1 });
    await page.getByLabel("One model").check();
    await page.getByLabel("Name of the model").fill("credit-scoring");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The export waits for its turn…").waitFor();
    expect(review.service.state.exports.all().map(({ request }) => request.scope)).toEqual([
      { kind: "model", model: "credit-scoring" },
    ]);
  });

  it("can be fetched by another address once the one that was shown opens it no more", async () => {
    const review = await openReview();
    const page = await signedIn(review);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByText("The export waits for its turn…").waitFor();
    await finish(review, page, "done");
    const link = page.getByRole("link", { name: "Download the pack" });
    await link.waitFor();
    const first = await link.getAttribute("href");
    // Somebody has lunch meanwhile: the link would lead to the bucket's refusal, and away from the page.
    await page.clock.fastForward(15 * 60_000);
    await page.getByRole("button", { name: "Get another address for it" }).waitFor();
    expect(await link.count()).toBe(0);
    // The service's clock has not moved along with the page's.
    await page.route("**/v1/audit/exports/*", async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { readonly pack: object };
      const expiresAt = instantFromMs(Date.now() + 30 * 60_000);
      await route.fulfill({
        response,
        json: { ...answer, pack: { ...answer.pack, address: `${first}?2`, expiresAt } },
      });
    });
    await page.getByRole("button", { name: "Get another address for it" }).click();
    await page.waitForFunction(() => document.activeElement?.textContent === "Download the pack");
    expect(await link.getAttribute("href")).toBe(`${first}?2`);
  });
});

describe("in every light and at every width", () => {
  // Colours do not depend on the width, nor the layout on the colours: two of the four pairs show all of both.
  it.each([
    ["dark", { width: 1280, height: 900 }],
    ["light", { width: 320, height: 700 }],
  ] as const)(
    "axe finds nothing and nothing scrolls sideways, %s and %o",
    async (colorScheme, viewport) => {
      const review = await openReview();
      const page = await signedIn(review, { colorScheme, viewport, reducedMotion: "reduce" });
      await page.getByLabel("Model").first().fill("credit-scoring");
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByRole("link", { name: "credit-scoring 2.0.0 for production" }).waitFor();
      await page.getByText("What you know from elsewhere than the pack").click();
      await page.getByRole("button", { name: "Fill in what this deployment publishes now" }).click();
      const [name = ""] = [...files.keys()].filter((path) => path.startsWith("blobs/"));
      const buffer = Buffer.from(await zipOf(resealed(files, { [name]: utf8("{}") })));
      const pack = { name: "audit-pack.zip", mimeType: "application/zip", buffer };
      await page.getByLabel("Audit pack (zip)").setInputFiles(pack);
      await page.getByRole("button", { name: "Verify", exact: true }).click();
      await page.getByText("FAILED", { exact: true }).waitFor({ timeout: 60_000 });
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByText("The export waits for its turn…").waitFor();
      await finish(review, page, "done");
      await page.getByText("The pack is there").waitFor();
      await isForEverybody(page, "audit");
      await page.goto(`${review.address}/record`);
      await page.getByRole("heading", { name: "Downloads" }).waitFor();
      await isForEverybody(page, "record");
    },
    60_000,
  );
});
