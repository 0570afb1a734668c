import { describe, expect, it } from "vitest";
import { type Candidate, change, documents, facet, goodCandidate } from "../core/gates/candidate.ts";
import { clara } from "./candidate-in-review.ts";
import { logIn, portalInBrowser } from "./portal-in-browser.ts";

const openReview = portalInBrowser();

function withEvidence(over: Candidate["documents"]): Candidate {
  return { ...goodCandidate, documents: { ...documents, ...over } };
}

const fairness = (facets: Readonly<Record<string, unknown>>): Candidate["documents"] => ({
  "bias.json": { ...documents["bias.json"], content: { facets } },
});

describe("a review that shows a part of the evidence", () => {
  it("says of no group that it is within bounds which no rule has", async () => {
    const facets = {
      sex: facet("female", {}),
      age: facet("under 25", {}),
      origin: facet("abroad", { DI: 0.01 }),
    };
    const { reviewerPage } = await openReview({ candidate: withEvidence(fairness(facets)) });
    const page = await reviewerPage(clara);
    const sentences = page.getByRole("region", { name: "Fairness" }).locator("section > p, > p");
    expect(await sentences.allTextContents()).toEqual([
      "Within the bounds for sex and age.",
      "No rule judges what was measured for origin.",
    ]);
  });

  it("says that there may be more measures than it shows, and only then", async () => {
    const metrics = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`m${at}`, at / 100]));
    const candidate = withEvidence(fairness({ sex: facet("female", metrics), age: facet("under 25", {}) }));
    const { reviewerPage } = await openReview({ candidate });
    const page = await reviewerPage(clara);
    const said = page.getByText("No more than 60 measures are shown here");
    expect(await page.getByRole("region", { name: "Fairness" }).locator(said).count()).toBe(1);
    expect(await said.count()).toBe(1);
  });

  it("says of machines that it does not show neither that they have no accelerators nor what they cost", async () => {
    const types = [...Array.from({ length: 11 }, () => "ml.m5.large"), "ml.p4d.24xlarge"];
    const changes = types.map((instance_type, at) => ({
      ...change("aws_sagemaker_endpoint_configuration", "create", {
        production_variants: [{ instance_type, initial_instance_count: 1 }],
      }),
      address: `aws_sagemaker_endpoint_configuration.e${at}`,
    }));
    const plan = { ...documents["iac-plan.json"], content: { format_version: "1.2", resource_changes: changes } };
    const { reviewerPage } = await openReview({ candidate: withEvidence({ "iac-plan.json": plan }) });
    const page = await reviewerPage(clara);
    const text = (await page.getByRole("region", { name: "Infrastructure" }).textContent()) ?? "";
    expect(text).toContain("the plan may ask for more");
    expect(text).toContain("It is not told enough of the plan to say whither running costs go.");
    expect(text).not.toContain("None of them has accelerators");
  });

  it("names the documents whose content it does not show", async () => {
    const schemas = Array.from({ length: 7 }, (_, at) => [`table-${at}.json`, documents["data-schema.json"]] as const);
    const { reviewerPage } = await openReview({ candidate: withEvidence(Object.fromEntries(schemas)) });
    const page = await reviewerPage(clara);
    const region = page.getByRole("region", { name: "Data and security" });
    const others = region.locator("p", { hasText: "What is in these is not shown here:" });
    expect(await others.getByRole("link").allTextContents()).toEqual(["table-4.json", "table-5.json", "table-6.json"]);
  });
});

it("each line of a reason is written in its own direction, before and after it is signed", async () => {
  const { reviewerPage } = await openReview();
  const page = await reviewerPage(clara);
  await page.getByLabel(/^Approve/).check();
  await page.getByRole("textbox", { name: "Reason" }).fill("وافقت لأن الدقة جيدة.\nAnd the curve is fine.");
  await page.getByRole("button", { name: "Show what I sign" }).click();
  /** Whether the full stop stands behind the line that it ends, for the eye. */
  const endsAtItsEnd = () =>
    page.evaluate(() => {
      const shown = [...document.querySelectorAll(".foreign")].find((each) => each.textContent?.endsWith("fine."));
      const node = shown?.firstChild;
      if (node == null) return undefined;
      const at = (index: number) => {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + 1);
        return range.getBoundingClientRect().left;
      };
      const text = node.textContent ?? "";
      return at(text.length - 1) > at(text.indexOf("And"));
    });
  expect(await endsAtItsEnd()).toBe(true);
  await page.getByRole("button", { name: "Sign in and approve" }).click();
  await logIn(page, clara);
  await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
  await page.getByText("And the curve is fine.").first().waitFor();
  expect(await endsAtItsEnd()).toBe(true);
});
