import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../core/approval/promotion-approval.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import type { EvidenceSummary } from "../../core/gates/evidence-summary.ts";
import { type FreezeManifest, freezeDigest } from "../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import type { Person } from "../../local/people.ts";
import { clara, lena, policy, sam, theo } from "./candidate-in-review.ts";
import { isForEverybodyEverywhere, tabTo } from "./for-everybody.ts";
import { logIn, portalInBrowser, refresh } from "./portal-in-browser.ts";

const openReview = portalInBrowser();

const sentences = [
  "New: recommendation in production: AUC at least 0.7.",
  "No longer: recommendation in production: AUC at least 0.65.",
  "thresholds.yaml: …   - modelType: recommendation",
  "thresholds.yaml: −       auc: { min: 0.65 }",
  "thresholds.yaml: +       auc: { min: 0.7 }",
];
const nobody = { people: [], more: 0 };

/** Of a candidate that is policies: nothing was measured, and what changes is told. */
function summaryOf(manifest: FreezeManifest, { freezeDigest, policy: judgedBy }: EvidenceSummary): EvidenceSummary {
  const { model, target, artifacts } = manifest;
  return {
    ...{ summaryVersion: 1, freezeDigest, outcome: "passed", policy: judgedBy, model, target },
    ...{ attention: [], quality: [], curve: [], fairness: [], attributions: [], schema: [], pii: [], measures: [] },
    ...{ infrastructure: [], releases: null, comparisons: [], scans: [], evidence: [] },
    policyChanges: { sentences, more: 2 },
    artifacts: artifacts.map(({ role, name, size, sha256 }) => ({ role, name, size, sha256, matches: true })),
    lineage: { trainedBy: nobody, codeAuthors: nobody, dataOwners: nobody, infrastructureAuthors: nobody },
  };
}

async function openProposal(
  proposer: Person = theo,
  others: readonly Person[] = [],
): Promise<Awaited<ReturnType<typeof openReview>> & { readonly proposal: Promotion }> {
  const review = await openReview({ people: [clara, lena, theo, sam, ...others] });
  const { promotion, service } = review;
  const manifest: FreezeManifest = {
    ...promotion.manifest,
    model: { name: "policy", type: "policy", version: "recommendations need an AUC of 0.7" },
    target: { name: "policies", kind: "policy", endpoint: "in-force" },
    artifacts: promotion.manifest.artifacts
      .slice(0, 1)
      .map((file) => ({ ...file, role: "policy" as const, name: "policies.json" })),
    evidence: [],
    requester: { issuer: service.issuer, subject: proposer.subject },
    lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
  };
  const { gates } = promotion;
  if (gates === undefined) throw new Error("It was not judged.");
  const read = (sha256: string) => JSON.parse(new TextDecoder().decode(service.state.blobs.get(sha256 as Sha256)));
  const freeze = freezeDigest(manifest);
  const bytes = canonicalJsonBytes(summaryOf(manifest, { ...read(gates.summary), freezeDigest: freeze }));
  service.state.blobs.set(sha256Hex(bytes), bytes);
  const requirements = requirementsNow(policy, { manifest });
  const proposal: Promotion = {
    ...promotion,
    id: promotionId(freeze, 1),
    manifest,
    freezeDigest: freeze,
    gates: { ...gates, summary: sha256Hex(bytes) },
    requirements: { sha256: requirements.sha256 },
    ...(promotion.stage === undefined
      ? {}
      : { stage: { ...promotion.stage, name: requirements.document.rule.stages[0]?.name ?? "" } }),
  };
  service.state.promotions.set(proposal.id, proposal);
  return { ...review, proposal };
}

describe("a change of the policies", () => {
  it("is shown with what changes, signed by keyboard alone, and is for everybody", async () => {
    const { service, proposal, reviewerPage } = await openProposal();
    const page = await reviewerPage(clara);
    await page.goto(`${service.origin}/#/promotions/${proposal.id}`);
    await page.getByRole("heading", { name: "Policies: recommendations need an AUC of 0.7" }).waitFor();
    for (const sentence of sentences.slice(0, 2)) await page.getByText(sentence).waitFor();
    const changes = page.getByRole("region", { name: "What changes in the policies" });
    await changes.getByRole("heading", { name: "thresholds.yaml" }).waitFor();
    // Each line as it stands, for the eye by its sign and for everybody else in a word.
    expect(await changes.locator(".changed-lines li").allTextContents()).toEqual([
      "…Below:   - modelType: recommendation",
      "−Gone:       auc: { min: 0.65 }",
      "+New:       auc: { min: 0.7 }",
    ]);
    await isForEverybodyEverywhere(page, "policy-change");
    expect(await page.getByRole("heading", { name: "Fairness" }).count()).toBe(0);
    expect(await page.getByRole("region", { name: "What happens next" }).innerText()).toMatch(/Put in force/);
    await tabTo(page, /^Approve/);
    await page.keyboard.press("Space");
    await tabTo(page, "Show what I sign");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "This is what you sign" }).waitFor();
    await page
      .getByText("You approve the policies 'recommendations need an AUC of 0.7', as Compliance officer.")
      .waitFor();
    await isForEverybodyEverywhere(page, "policy-change-statement");
    await tabTo(page, "Sign in and approve");
    await page.keyboard.press("Enter");
    await logIn(page, clara);
    await page.getByRole("heading", { name: "Your approval is recorded" }).waitFor();
    expect(service.state.signOffs[0]?.signOff).toMatchObject({ promotion: proposal.id, result: "approve" });
    // Policies are deployed nowhere, and have no model whose history could be shown.
    service.state.promotions.set(proposal.id, { ...proposal, status: "deployed" });
    await refresh(page);
    await page.getByText("Put in force: nothing is to be decided at the moment.").waitFor();
    await page.getByRole("link", { name: "All changes of the policies" }).click();
    await page.getByRole("heading", { name: "Changes of the policies" }).waitFor();
    const rows = page.getByRole("region", { name: "History" }).locator("tbody tr");
    await rows.first().waitFor();
    const [change] = await rows.allTextContents();
    expect(change).toMatch(/^recommendations need an AUC of 0\.7.*Put in force/);
    expect(await page.getByRole("heading", { name: "What runs now" }).count()).toBe(0);
    await isForEverybodyEverywhere(page, "policy-changes");
  }, 90_000);

  it("is withdrawn by whoever proposed it, by keyboard alone, and by nobody else", async () => {
    const { service, proposal, reviewerPage } = await openProposal(sam);
    const other = await reviewerPage(clara);
    await other.goto(`${service.origin}/#/promotions/${proposal.id}`);
    await other.getByRole("heading", { name: "Your decision" }).waitFor();
    expect(await other.getByText("Withdraw your proposal").count()).toBe(0);
    const page = await reviewerPage(sam);
    await page.goto(`${service.origin}/#/promotions/${proposal.id}`);
    await page.getByText("Withdraw your proposal").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Nobody is asked about it any more").waitFor();
    await isForEverybodyEverywhere(page, "policy-withdrawal");
    await tabTo(page, "Withdraw it");
    await page.keyboard.press("Enter");
    await page.getByText("Whoever proposed it took the proposal back.").first().waitFor();
    expect(service.state.promotions.get(proposal.id)?.status).toBe("withdrawn");
    expect(await page.getByText("Withdraw your proposal").count()).toBe(0);
  }, 90_000);

  it("is withdrawn by whoever proposed it with another account of theirs, too", async () => {
    const samAgain: Person = { ...sam, subject: `${sam.subject}-again`, username: "sam-again" };
    const { service, proposal, reviewerPage } = await openProposal(sam, [samAgain]);
    const page = await reviewerPage(samAgain);
    await page.goto(`${service.origin}/#/promotions/${proposal.id}`);
    await page.getByText("Withdraw your proposal").click();
    await page.getByRole("button", { name: "Withdraw it" }).click();
    await page.getByText("Whoever proposed it took the proposal back.").first().waitFor();
    expect(service.state.promotions.get(proposal.id)?.status).toBe("withdrawn");
  }, 90_000);
});
