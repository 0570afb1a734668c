import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../core/encoding/bytes.ts";
import { addSeconds, type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { questionFact } from "../../core/promotion/question.ts";
import { givenSignOff } from "../core/attestation/given-sign-off.ts";
import { clara, lena, person, policy, theo } from "./candidate-in-review.ts";
import { isForEverybody, isForEverybodyEverywhere } from "./for-everybody.ts";
import { logIn, portalInBrowser, refresh } from "./portal-in-browser.ts";

const openReview = portalInBrowser();
const looks = [
  ["light", { width: 1280, height: 900 }],
  ["dark", { width: 320, height: 700 }],
] as const;

const another = (promotion: Promotion, digit: number, version: string, over: Partial<Promotion>): Promotion => ({
  ...promotion,
  id: `p-${String(digit).repeat(32)}-1` as Promotion["id"],
  manifest: { ...promotion.manifest, model: { ...promotion.manifest.model, version } },
  ...over,
});

/** In the second stage, where compliance has signed already. */
const inOperations = (promotion: Promotion, over: Partial<Promotion["stage"] & object> = {}): Partial<Promotion> => ({
  stage: { ...stageOf(promotion), index: 1, name: "model and operations", ...over },
  settled: [{ index: 0, seats: [] }],
});

function stageOf({ stage }: Promotion): NonNullable<Promotion["stage"]> {
  if (stage === undefined) throw new Error("It is in no stage.");
  return stage;
}

async function rows(page: Page, section: string): Promise<readonly string[]> {
  return page.getByRole("region", { name: section }).locator("tbody tr").allTextContents();
}

it("where an asynchronous endpoint leaves its answers stands on the page", async () => {
  const asynchronous = {
    output: `s3://answers/${"very-long-".repeat(20)}`,
    topics: { success: "arn:aws:sns:x:1:scored" },
  };
  const target: Promotion["manifest"]["target"] = {
    name: "production",
    kind: "sagemaker-endpoint",
    endpoint: "credit-scoring",
    instanceType: "ml.m5.large",
    instanceCount: 2,
    asynchronous,
  };
  const { service, reviewerPage } = await openReview({
    others: (made) => [another(made, 7, "9.0.0", { manifest: { ...made.manifest, target } })],
  });
  const page = await reviewerPage(clara);
  await page.goto(`${service.origin}/#/promotions/p-${"7".repeat(32)}-1`);
  await page
    .getByText(
      `It queues what it is asked, and leaves its answers below ${asynchronous.output}. It tells arn:aws:sns:x:1:scored.`,
    )
    .waitFor();
  expect(await page.locator("dt").allTextContents()).toContain("Answers");
  await isForEverybodyEverywhere(page, "answers");
});

describe("evidence", () => {
  it("is one click away from what it says, with its hash and whether the bytes have it", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByRole("region", { name: "Gates" }).getByText("rules, one by one").click();
    const link = page.getByRole("link", { name: /^model-quality\.json#\/metrics\/auc/ }).first();
    await link.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    expect(before).toBeGreaterThan(0);
    await link.click();
    await page.getByRole("heading", { name: "model-quality.json" }).waitFor();
    const shown = promotion.manifest.evidence.find(({ name }) => name === "model-quality.json");
    await page
      .getByText(shown?.sha256 ?? "none")
      .filter({ visible: true })
      .waitFor();
    await page.getByText("This browser has hashed the bytes").waitFor();
    expect(await page.getByLabel("What it says").inputValue()).toContain('"brierScore"');
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the file" }).click();
    expect(sha256Hex(readFileSync(await (await download).path()))).toBe(shown?.sha256);
    await isForEverybody(page, "evidence");
    // Other bytes under the same address.
    await page.route("**/evidence/*", async (route) => {
      const json = (await (await route.fetch()).json()) as { content: string };
      await route.fulfill({ json: { ...json, content: `AAAA${json.content.slice(4)}` } });
    });
    await page.getByRole("link", { name: "Back to the review" }).click();
    // Where they were: at the link, in what they had unfolded.
    await page.getByRole("heading", { name: "Gates" }).waitFor();
    const place = () => page.evaluate(() => [document.activeElement?.textContent, document.title, scrollY] as const);
    expect(await place()).toEqual([expect.stringMatching(/auc$/), expect.stringMatching(/^credit-scoring 2/), before]);
    await page.getByRole("region", { name: "Files" }).getByRole("link", { name: "model-quality.json" }).click();
    await page.getByText("These bytes are not those that the freeze manifest names.").waitFor();
    expect(service.requests.some((line) => line.includes("/evidence/"))).toBe(true);
  });

  it("of the run in shadow is opened where it is told", async () => {
    const { service, promotion, reviewerPage } = await openReview();
    const bytes = utf8('{"requests":20}');
    const [frozen] = promotion.manifest.evidence;
    if (frozen === undefined) throw new Error("There is no evidence.");
    const named = { kind: "shadow-run", name: "_shadow-run.json", sha256: sha256Hex(bytes) } as const;
    const run = { plan: sha256Hex(utf8("plan")), askedAt: promotion.submittedAt };
    service.state.promotions.set(promotion.id, { ...promotion, shadow: { ...run, evidence: { ...frozen, ...named } } });
    service.state.blobs.set(named.sha256, bytes);
    const page = await reviewerPage(clara);
    await page.getByRole("link", { name: "_shadow-run.json" }).click();
    await page.getByText("This browser has hashed the bytes").waitFor();
    expect(await page.getByLabel("What it says").inputValue()).toContain('"requests":');
  });
});

describe("a question", () => {
  it("is asked beside the decision, answered by whoever trained the model, and stands in both pages", async () => {
    const { service, reviewerPage } = await openReview();
    const page = await reviewerPage(clara);
    await page.getByText("Ask a question").click();
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText("Please write something first.").waitFor();
    await page.getByLabel("Your question").fill("Why was age left out?");
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText("1 question waits for an answer.").waitFor();
    expect(await page.getByLabel("Your question").inputValue()).toBe("");
    const trainer = await reviewerPage(theo, { viewport: { width: 320, height: 700 }, colorScheme: "dark" });
    const questions = trainer.getByRole("region", { name: "Questions" });
    await questions.getByLabel("Your answer").fill("The law says so.");
    await isForEverybody(trainer, "questions");
    await questions.getByRole("button", { name: "Answer" }).click();
    await trainer.getByText("Every question is answered.").waitFor();
    await refresh(page);
    await page.getByText("The law says so.").waitFor();
    expect(service.state.facts.map(({ type, summary }) => [type, summary])).toEqual([
      ["question", "Clara Compliance asked a question."],
      ["answer", "Theo Trainer answered a question."],
    ]);
  });

  it("is all that somebody sees who started the run and holds no role, and they answer it", async () => {
    const petra = person("Petra Pipeline", "nobodies", "petra");
    const startedBy = { startedBy: { address: petra.email } };
    const {
      service,
      promotion,
      address,
      page: open,
    } = await openReview({
      people: [clara, lena, petra],
      override: startedBy,
    });
    const page = await open();
    await page.clock.install();
    await page.goto(address);
    await page.getByRole("button", { name: "Sign in" }).click();
    const refused: string[] = [];
    page.on("response", (response) => response.status() === 403 && refused.push(response.url()));
    await logIn(page, petra);
    await page.getByText("Nobody has asked anything.").waitFor();
    // What is not for them is not asked for again and again, while what is for them is.
    const later = page.waitForResponse((response) => response.url().endsWith("/questions"));
    await page.clock.fastForward(20_000);
    await later;
    expect(refused).toHaveLength(1);
    await page.clock.resume();
    const asker = { identity: { issuer: service.issuer, subject: clara.subject }, name: clara.name };
    const at = instantFromMs(Date.now());
    service.state.facts.push(questionFact(promotion.id, { id: "1", text: "Why was age left out?" }, asker, at));
    await page.getByRole("heading", { name: "credit-scoring 2.0.0 for production" }).waitFor();
    await refresh(page);
    expect(await page.getByRole("heading", { name: "Gates" }).count()).toBe(0);
    await isForEverybodyEverywhere(page, "asked");
    await page.getByLabel("Your answer").fill("The law says so.");
    await page.getByRole("button", { name: "Answer" }).click();
    await page.getByText("Every question is answered.").waitFor();
    expect(service.state.facts.at(-1)?.summary).toBe("Petra Pipeline answered a question.");
    expect(await page.getByText("stands here, and you can answer").count()).toBe(1);
    service.state.promotions.set(promotion.id, { ...promotion, status: "blocked", reason: "Accuracy is 0.5." });
    await refresh(page);
    await page.getByText("How it stands, and what reviewers asked about it, is shown here.").waitFor();
    // What would not be shown to them is not offered either.
    const offered = page.getByRole("navigation").getByRole("link");
    expect(await offered.allTextContents()).toEqual(["Inbox", "Audit"]);
    await page.getByRole("link", { name: "Inbox" }).click();
    await page.getByText("You hold no role in any review here, so nothing waits for you.").waitFor();
    expect(await offered.allTextContents()).toEqual(["Inbox", "Audit"]);
    expect(await page.getByText("That did not work").count()).toBe(0);
    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("heading", { name: "Verify an audit pack here" }).waitFor();
    expect(await page.getByRole("heading", { name: "Find a promotion" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
  });
});

describe("a new approval of what drifted", () => {
  const reported = "Drift was reported of credit-scoring 2.0.0 in production (psi 0.31). It is restricted.";

  it("says what was reported before anything else, and leads to the approval before", async () => {
    const { service, promotion, reviewerPage } = await openReview({
      others: (made) => [
        another(made, 5, "2.0.0", {
          status: "restricted",
          reason: reported,
          history: [{ ...fact(made), type: "drift", at: made.submittedAt, summary: reported }],
        }),
      ],
    });
    const [restricted] = [...service.state.promotions.values()].filter(({ status }) => status === "restricted");
    if (restricted === undefined) throw new Error("There is none.");
    const reapproves = { promotion: restricted.id, frozen: [] };
    service.state.promotions.set(promotion.id, { ...promotion, reapproves });
    const page = await reviewerPage(clara, { viewport: { width: 320, height: 700 }, colorScheme: "dark" });
    await page.getByText(reported).waitFor();
    await page.getByText("has drifted; approved again, it would answer all requests").waitFor();
    await isForEverybody(page, "reapproval");
    await page.getByRole("link", { name: "Go to the approval of what drifted" }).first().click();
    await page.getByText("It has been restricted since.").waitFor();
    await page.getByRole("link", { name: "Inbox" }).click();
    await page.getByRole("region", { name: "Waits for you" }).locator(".badge", { hasText: "Drifted" }).waitFor();
  });
});

function fact({ history: [first] }: Promotion): Promotion["history"][number] {
  if (first === undefined) throw new Error("Nothing happened.");
  return first;
}

describe("a model", () => {
  const others = (promotion: Promotion): readonly Promotion[] => {
    const early = addSeconds(promotion.submittedAt, -86_400);
    return [
      another(promotion, 1, "1.8.0", { status: "deployed", submittedAt: addSeconds(early, -86_400) }),
      another(promotion, 2, "1.9.0", { status: "restricted", submittedAt: early, reason: "Drift was reported." }),
    ];
  };

  it.each(looks)(
    "says what runs where, whether it is restricted, and its history, %s",
    async (colorScheme, viewport) => {
      const { service, page: open } = await openReview({ others });
      const page = await open({ colorScheme, viewport });
      await page.goto(`${service.origin}/#/models`);
      await page.getByRole("button", { name: "Sign in" }).click();
      await logIn(page, clara);
      const table = page.getByRole("table", { name: "What runs where" });
      await table.waitFor();
      expect(await page.locator("nav [aria-current=page]").allTextContents()).toEqual(["Models"]);
      expect(await table.locator("tbody tr").allTextContents()).toEqual([
        expect.stringMatching(/^credit-scoringproduction1\.9\.0.*Restricted$/),
      ]);
      await isForEverybody(page, "models");
      await page.getByRole("link", { name: "credit-scoring" }).click();
      await page.getByRole("heading", { name: "credit-scoring in production" }).waitFor();
      await page.getByText("Version 1.9.0 answers.").waitFor();
      expect(await rows(page, "What runs now")).toEqual([]);
      expect((await rows(page, "History")).map((row) => row.slice(0, 5))).toEqual(["2.0.0", "1.9.0", "1.8.0"]);
      expect((await rows(page, "History")).at(-1)).toContain("Ran before");
      await page.getByText("nothing ran").first().waitFor();
      await isForEverybody(page, "model");
    },
  );
});

describe("the inbox", () => {
  const others = (promotion: Promotion): readonly Promotion[] => {
    const now = instantFromMs(Date.now());
    return [
      another(promotion, 1, "2.1.0", {
        expiresAt: addSeconds(now, 7200),
        stage: { ...stageOf(promotion), deadline: addSeconds(now, 7200) },
      }),
      another(promotion, 2, "2.2.0", inOperations(promotion)),
      another(promotion, 3, "1.9.0", { status: "deployed" }),
      another(promotion, 4, "2.3.0", {
        ...{ status: "loaned", expiresAt: addSeconds(now, 3600) },
        stage: { ...stageOf(promotion), deadline: addSeconds(now, 3600) },
      }),
    ];
  };

  it("says what waits for me, most urgent first, what for others and for whom, and what I decided", async () => {
    const { service, promotion, page: open } = await openReview({ others });
    const deployed = others(promotion)[2];
    if (deployed === undefined) throw new Error("There is none.");
    const member = {
      identity: { issuer: service.issuer, subject: clara.subject },
      name: clara.name,
      address: clara.email,
      groups: clara.groups,
      enabled: true,
    };
    service.state.signOffs.push(await givenSignOff(deployed, member));
    const page = await open();
    await page.goto(`${service.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByText("3 promotions wait for you").waitFor();
    const own = await rows(page, "Waits for you");
    expect(own.map((row) => row.slice(0, 20))).toEqual(
      ["2.3.0", "2.1.0", "2.0.0"].map((version) => `credit-scoring ${version}`),
    );
    expect(own.map((row) => [row.includes("Released on loan"), row.includes("Soon over")])).toEqual([
      [true, true],
      [false, true],
      [false, false],
    ]);
    const [forOthers, ...more] = await rows(page, "Waits for others");
    expect(forOthers).toContain("Lead data scientist: Lena Lead");
    expect(forOthers).toContain("Site reliability engineer: Sam Site");
    // Who trained the model is not waited for.
    expect(forOthers).not.toContain("Theo");
    expect(more).toEqual([]);
    const [decided] = await rows(page, "What you decided");
    expect(decided).toMatch(/^credit-scoring 1\.9\.0 for productionApproved .*DeployedSave my receipts$/);
    await page.getByRole("link", { name: "credit-scoring 2.1.0" }).click();
    await page.getByRole("heading", { name: "credit-scoring 2.1.0 for production" }).waitFor();
    await page.getByRole("heading", { name: "What would change" }).waitFor();
    // What was released is not spoken of as what would be, and whoever signed it reads that they did.
    await page.getByRole("link", { name: "Inbox" }).click();
    await page.getByRole("link", { name: "credit-scoring 1.9.0" }).click();
    await page.getByRole("heading", { name: "What changed" }).waitFor();
    const decision = page.getByRole("region", { name: "Your decision" });
    expect(await decision.textContent()).toMatch(
      /You approved it: .+Deployed: nothing is to be decided at the moment\.$/,
    );
  });

  it("names what the service cannot read, as do what runs where and the search", async () => {
    const { service, page: open } = await openReview();
    const page = await open();
    const lost = `p-${"0".repeat(32)}-1`;
    await page.route("**/v1/promotions?*", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), unreadable: [lost] } });
    });
    await page.goto(`${service.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    const sentence = `Not listed, since the service cannot read them: ${lost}. Whoever runs Countersign has to look into that.`;
    await page.getByText(sentence).first().waitFor();
    for (const hash of ["#/models", "#/models/credit-scoring/production", "#/audit"]) {
      await page.goto(`${service.origin}/${hash}`);
      if (hash === "#/audit") await page.getByRole("button", { name: "Search" }).click();
      await page.getByText(sentence).waitFor();
    }
    await isForEverybody(page, "audit with what cannot be read");
    // The page asks again and again: nothing is under way when it closes.
    await page.unrouteAll({ behavior: "wait" });
  });

  it.each(looks)("is for everybody, %s", async (colorScheme, viewport) => {
    const { service, page: open } = await openReview({ others });
    const page = await open({ colorScheme, viewport });
    await page.goto(`${service.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, colorScheme === "light" ? clara : lena);
    await page.getByRole("heading", { name: "Waits for you" }).waitFor();
    await page.getByText("You have not decided about anything so far.").waitFor();
    await isForEverybody(page, "inbox with several");
  });

  it("lists what is approved, held by a freeze window, and may be rejected, apart from what waits; and leads to its page", async () => {
    const until = addSeconds(instantFromMs(Date.now()), 9 * 86_400);
    const when = { from: "2026-01-01T00:00:00.000Z" as Instant, until };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const {
      service,
      promotion,
      page: open,
    } = await openReview({
      judgedBy: { ...policy, matrix: { ...policy.matrix, freezeWindows } },
      others: (made) => [another(made, 4, "2.4.0", {})],
    });
    const { promotions } = service.state;
    promotions.set(promotion.id, { ...promotion, status: "approved", stage: { ...stageOf(promotion), open: false } });
    const page = await open({ viewport: { width: 320, height: 700 } });
    await page.goto(`${service.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    await page.getByText("1 promotion waits for you.").waitFor();
    const held = page.getByRole("region", { name: "Approved, and held by a freeze window" });
    await held.getByText("Nothing is asked of you").waitFor();
    const [row, ...more] = await rows(page, "Approved, and held by a freeze window");
    expect(row).toMatch(/^credit-scoring 2\.0\.0 for productionYear end.*\(in [89] days\)$/);
    expect(more).toEqual([]);
    await isForEverybodyEverywhere(page, "inbox with what is held");
    await held.getByRole("link").click();
    await page.getByLabel("Reject: stop this promotion").waitFor();
    expect(await page.getByLabel(/^Approve/).count()).toBe(0);
  });

  it("presses no words into letters beside a candidate of a long name", async () => {
    const version = `2026.11.28-rc.1+${"build".repeat(12)}.for-small-businesses-and-their-owners`;
    const { service, page: open } = await openReview({
      others: (made) => [another(made, 1, version, inOperations(made))],
    });
    const page = await open({ viewport: { width: 760, height: 700 } });
    await page.goto(`${service.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await logIn(page, clara);
    const stage = page.getByRole("cell", { name: "model and operations" }).first();
    // No line is shorter than its longest word, "operations".
    expect(await stage.evaluate((cell) => cell.clientWidth)).toBeGreaterThan(100);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(760);
  });
});
