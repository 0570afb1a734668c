import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { readReceipts } from "../../core/archive/kept-receipts.ts";
import { base64 } from "../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { formatVerifierKey, noteKey } from "../../core/ledger/note-key.ts";
import { zipOf } from "../cli/pack-on-disk.ts";
import { type Files, packOf, type Recorded, recordStories, resealed, verified } from "../core/archive/pack-fixture.ts";
import { documentOf, factWith, flipped, withDocument } from "../core/archive/retelling.ts";
import { attestationKey } from "../core/archive/reviewers.ts";
import { recordEverything } from "../core/archive/tampering/everything.ts";
import { lies } from "../core/archive/tampering/lies.ts";
import { lyingPack } from "../core/archive/tampering/lying-pack.ts";
import { answerFor, longAfter, muchLater, unrecordedRejection } from "../core/archive/unrecorded.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { isForEverybodyEverywhere, tabTo } from "./for-everybody.ts";
import { portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
/** A verification takes what it takes, on a busy machine many times as long. */
const patiently = { timeout: 60_000 };
let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.deployed } });
});

const checkpointKey = formatVerifierKey(noteKey(MemoryLedger.signer.origin, "ed25519", MemoryLedger.signer.publicKey));

/** The audit page with a pack chosen, nobody signed in. */
async function auditPage(pack: Files): Promise<Page> {
  const { service, page: open } = await openReview();
  service.state.checkpoint = fromUtf8(files.get("log/checkpoint") ?? new Uint8Array());
  const page = await open();
  await page.goto(`${service.origin}/#/audit`);
  await page.getByLabel("Audit pack (zip)").setInputFiles(zipFile(await zipOf(pack)));
  return page;
}

const zipFile = (bytes: Uint8Array) => ({
  ...{ name: "audit-pack.zip", mimeType: "application/zip" },
  buffer: Buffer.from(bytes),
});

async function verify(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  await page.locator(".verification").waitFor(patiently);
}

/** Code and sentence of each finding that the page shows. */
function shownFindings(page: Page): Promise<readonly string[]> {
  return page
    .locator(".verification .findings > li")
    .evaluateAll((items) =>
      items.map(
        (item) => `${item.querySelector(".badge")?.lastChild?.textContent}: ${item.querySelector("bdi")?.textContent}`,
      ),
    );
}

describe("a pack, verified in the reader's browser", () => {
  it("holds, with all its signatures checked by WebCrypto and its gates evaluated again", async () => {
    const page = await auditPage(files);
    await verify(page);
    const text = await page.locator(".verification").innerText();
    expect(text).toContain("PASSED");
    expect(text).toContain("Everything that could be checked holds, for 1 promotion.");
    expect(text).toContain(recorded.deployed);
    expect(text).toContain(checkpointKey.split("+").slice(0, 2).join("+"));
    expect(text).toContain(recorded.house.attestation.key.keyid);
    const { unchecked } = await verified(files);
    expect(text).toMatch(/ things could not be checked: they stand at the end\./);
    for (const { sentence } of unchecked) expect(text).toContain(sentence);
  });

  it("says less about its own keys where the reader knows them, and refuses it by another's", async () => {
    const page = await auditPage(files);
    await page.getByText("What you know from elsewhere than the pack").click();
    const field = page.getByLabel("Public keys (PEM)");
    await field.fill(`${checkpointKey}\n${recorded.house.attestation.key.pem}`);
    await verify(page);
    const text = await page.locator(".verification").innerText();
    expect(text).toContain("PASSED");
    expect(text).toContain("given by you");
    expect(text).not.toContain("the attestation key, ");
    await field.fill(attestationKey().key.pem);
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText("FAILED", { exact: true }).waitFor(patiently);
    expect(await shownFindings(page)).toEqual(
      (await verified(files, { known: { attestationKeys: [attestationKey().key] } })).findings.map(
        ({ code, sentence }) => `${code}: ${sentence}`,
      ),
    );
  });

  it("is refused for one changed byte, with what the command line says", async () => {
    const name = [...files.keys()].find((path) => path.startsWith("blobs/")) ?? "";
    const changed = files.get(name)?.slice() ?? new Uint8Array();
    changed[5] = (changed[5] ?? 0) ^ 1;
    const tampered = resealed(files, { [name]: changed });
    const page = await auditPage(tampered);
    await verify(page);
    await page.getByText("FAILED", { exact: true }).waitFor(patiently);
    const { findings } = await verified(tampered);
    expect(findings.length).toBeGreaterThan(0);
    expect(await shownFindings(page)).toEqual(findings.map(({ code, sentence }) => `${code}: ${sentence}`));
  });

  it("hands out the report on a promotion, and no page that is something else", async () => {
    const report = `report/${recorded.deployed}.html`;
    const save = `Save the report about ${recorded.deployed}`;
    const page = await auditPage(files);
    await verify(page);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: save }).click();
    expect(readFileSync(await (await download).path())).toEqual(Buffer.from(files.get(report) ?? new Uint8Array()));
    const forged = resealed(files, { [report]: utf8("<script>document.title = 'Approved by everybody'</script>") });
    await page.getByLabel("Audit pack (zip)").setInputFiles(zipFile(await zipOf(forged)));
    await verify(page);
    await page.getByText("FAILED", { exact: true }).first().waitFor(patiently);
    await page.getByText("Missing, or not what the records say", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: save }).count()).toBe(0);
  });

  it("is refused as the command line refuses it, whatever a service lies about", async () => {
    const told = await recordEverything();
    const fact = factWith(told.house, "sign-off", "id-token.jwt");
    const token = withDocument(told.house, fact, "id-token.jwt", flipped(documentOf(told.house, fact, "id-token.jwt")));
    const page = await auditPage(files);
    for (const retold of [token, lies["sign-off"].tell(told), lies.verdict.tell(told), lies.gates.tell(told)]) {
      const pack = await lyingPack(told, retold);
      const { findings } = await verified(pack);
      expect(findings).not.toEqual([]);
      await page.getByLabel("Audit pack (zip)").setInputFiles(zipFile(await zipOf(pack)));
      await verify(page);
      // The outcome of the one before is gone as soon as it begins.
      await expect
        .poll(() => shownFindings(page), patiently)
        .toEqual(findings.map(({ code, sentence }) => `${code}: ${sentence}`));
    }
  });

  it("says of another file that it is no pack, and not that a pack does not hold", async () => {
    const page = await auditPage(files);
    await page.getByLabel("Audit pack (zip)").setInputFiles(zipFile(Buffer.from("a letter")));
    await verify(page);
    await page.getByText("This cannot be opened as an audit pack, so nothing of it was verified.").waitFor();
    await page.getByLabel("Audit pack (zip)").setInputFiles(zipFile(await zipOf(new Map())));
    await verify(page);
    await page.getByText(/^This is no audit pack of Countersign, or not all of one: /).waitFor();
    const text = await page.locator(".verification").innerText();
    expect(text).not.toContain("does not hold");
    expect(text).not.toContain("not as the pack lists");
  });

  it("asks for a pack, and says what it cannot read of the keys", async () => {
    const page = await auditPage(files);
    await page.getByText("What you know from elsewhere than the pack").click();
    await page.getByLabel("Public keys (PEM)").fill("not a key");
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText("This is no verifying key: it is not <name>+<id>+<base64>.").waitFor();
    await page.getByRole("button", { name: "Fill in what this deployment publishes now" }).click();
    expect(await page.getByLabel("Public keys (PEM)").inputValue()).toContain(checkpointKey);
    const pages = page.getByLabel("Pages on which passkeys are made");
    expect(await pages.inputValue()).toBe("http://localhost");
    // What was kept of it fills in the same.
    const published = page.waitForEvent("download");
    await page.getByRole("link", { name: "Save it, for the next audit" }).click();
    const kept = await (await published).path();
    await pages.fill("");
    const chosen = page.getByLabel("What you kept of this service (service.json)");
    await chosen.setInputFiles({ name: "service.json", mimeType: "application/json", buffer: readFileSync(kept) });
    await expect.poll(() => pages.inputValue()).toBe("http://localhost");
    await chosen.setInputFiles({ name: "other.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await page.getByText("other.json is no answer of GET /v1/service of this version (issuer).").waitFor();
    await page.getByLabel("Audit pack (zip)").setInputFiles([]);
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText("Choose a pack first.").waitFor();
  });
});

describe("what somebody was answered as they signed", () => {
  const kept = (name: string, buffer: Buffer) => ({ name, mimeType: "application/json", buffer });

  it("is held against the log, and named where that does not tell of it, with what the command line says", async () => {
    const { house, answer, without } = await unrecordedRejection();
    await longAfter(house);
    const pack = await packOf({ house }, { facts: without() });
    const page = await auditPage(pack);
    const field = page.getByLabel("Receipts of whoever signed (optional)");
    await field.setInputFiles(kept("kept.json", Buffer.from(answer)));
    await verify(page);
    await page.getByText("FAILED", { exact: true }).waitFor(patiently);
    const { findings } = await verified(pack, { receipts: readReceipts("kept.json", answer), now: muchLater });
    expect(findings.map(({ code }) => code)).toEqual(["record-missing"]);
    expect(await shownFindings(page)).toEqual(findings.map(({ code, sentence }) => `${code}: ${sentence}`));
    await field.setInputFiles(kept("other.json", Buffer.from("{}")));
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page
      .getByText(
        "other.json is no receipt: it holds no signed envelope, such as the service answers with once something was signed.",
      )
      .waitFor();
  });

  it("is dropped beside the pack, and holds where the log tells of it", async () => {
    const page = await auditPage(new Map());
    const [signed = expect.unreachable()] = recorded.house.facts.filter(
      ({ type, promotion }) => type === "sign-off" && promotion === recorded.deployed,
    );
    const dropped = [
      { name: "pack.zip", bytes: base64(await zipOf(files)) },
      { name: "kept.json", bytes: base64(answerFor(signed, recorded.house.blobs)) },
    ];
    await page.locator(".drop").evaluate((place, files) => {
      const dataTransfer = new DataTransfer();
      for (const { name, bytes } of files)
        dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))], name));
      place.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, dropped);
    await verify(page);
    const text = await page.locator(".verification").innerText();
    expect(text).toContain("PASSED");
    expect(text).toContain("1 was held against the log, which has it.");
    expect(text).not.toContain("kept.json");
    await isForEverybodyEverywhere(page, "audit with a receipt");
  });
});

describe("somebody without a mouse", () => {
  it("chooses a pack and verifies it by keyboard alone, and sees where the focus is", async () => {
    const page = await auditPage(files);
    await page.getByRole("heading", { level: 1 }).focus();
    const way = await tabTo(page, "Verify");
    // In the order in which they are read.
    const fields = [
      "Audit pack (zip)",
      "Receipts of whoever signed (optional)",
      "What you know from elsewhere than the pack",
      "Verify",
    ];
    expect(way.filter((name) => fields.includes(name))).toEqual(fields);
    await page.keyboard.press("Enter");
    await page.locator(".verification").getByText("PASSED", { exact: true }).first().waitFor(patiently);
  });
});

describe("the ledger's head", () => {
  it("is shown with its signature checked in the browser", async () => {
    const page = await auditPage(files);
    const head = page.getByRole("region", { name: "The ledger now" });
    await head.getByText("The signature holds").waitFor();
    const [, size, root] = fromUtf8(files.get("log/checkpoint") ?? new Uint8Array()).split("\n");
    expect(await head.innerText()).toContain(root);
    expect(await head.locator("dd").nth(1).innerText()).toBe(size);
  });

  it("is refused where somebody else signed it", async () => {
    const { service, page: open } = await openReview();
    service.state.checkpoint = fromUtf8(files.get("log/checkpoint") ?? new Uint8Array()).replace(/\n\d+\n/, "\n7\n");
    const page = await open();
    await page.goto(`${service.origin}/#/audit`);
    await page.getByText(/The checkpoint does not verify: The signature by .* does not verify\./).waitFor();
  });

  it("is neither refused nor waited for where the browser does not know the kind of its signature", async () => {
    const { service, page: open } = await openReview();
    service.state.checkpoint = fromUtf8(files.get("log/checkpoint") ?? new Uint8Array());
    const page = await open();
    await page.addInitScript(() => {
      crypto.subtle.importKey = async () => {
        throw new DOMException("Unrecognized name.", "NotSupportedError");
      };
    });
    await page.goto(`${service.origin}/#/audit`);
    const head = page.getByRole("region", { name: "The ledger now" });
    await head.getByText(/This browser cannot check one of the kinds of signature .* Use a newer one/).waitFor();
    expect(await head.getByText("does not verify").count()).toBe(0);
  });
});
