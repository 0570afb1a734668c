import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { approval, ended, stageOpen, taken } from "../../examples/credit-scoring/demo/acts.ts";
import { scoresFromEndpoint } from "../../examples/credit-scoring/demo/endpoint.ts";
import { exportedPack } from "../../examples/credit-scoring/demo/exported-pack.ts";
import { executed, hold, planned } from "../../examples/credit-scoring/demo/passport.ts";
import type { PromotionView } from "../../functions/api/read-promotions/view.ts";
import { deniedCalls } from "../grants/judge-calls.ts";
import { AlteredAssembly } from "./altered-assembly.ts";
import { ledgerWith } from "./ledger.ts";
import { letters, reviewLinkIn } from "./letters.ts";
import { Operator } from "./operator.ts";
import { eventually, Trial } from "./trial.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const trial = new Trial();
const altered = deploymentChangingPolicies();
const files = buildCandidate("candidate", undefined, "2.0.0");
const asOfficer = { ...approval, roles: ["compliance-officer"] };
/** A rule of matrix.yaml, and what makes it stricter. */
const atTheEdge = [
  "target: edge",
  "    expiresAfter: 5d",
  "    excludes: [requester, started-the-run, trained-the-model, wrote-the-code, owns-the-data, wrote-the-infrastructure]",
  "    stages:",
  "      - name: operations",
  "        requires: { role: sre }",
  "",
].join("\n");
const withCompliance = "      - name: compliance\n        requires: { role: compliance-officer }\n";
/** One that is signed on both sides of a stop, one whose time runs out meanwhile, and two whose requirements change. */
let [signed, late, changed, unsigned] = ["", "", "", ""];
let decideHasCrashed: () => boolean;
/** One that everybody has signed, whose plan is not applied before its requirements change. */
let awaited: Awaited<ReturnType<typeof planned>>;
/** How the first of them stood when everything stopped. */
let before: PromotionView;

beforeAll(async () => {
  altered.letSubmit("late-scoring", "changed-scoring", "unsigned-scoring");
  decideHasCrashed = altered.crashOnce("DecideFunction", ".SendTaskSuccess");
  await trial.start(altered.path);
  signed = await submitted("2.0.0", "credit-scoring");
  late = await submitted("2.1.0", "late-scoring");
  changed = await submitted("2.2.0", "changed-scoring");
  unsigned = await submitted("2.3.0", "unsigned-scoring");
  for (const id of [signed, late, changed, unsigned]) await stageOpen(trial.cast, id, 0);
});

afterAll(() => trial.remove());

describe("a promotion in review", () => {
  it("goes on although decide crashed after it had decided and before it rang", async () => {
    expect(decideHasCrashed()).toBe(false);
    await taken(trial.cast.compliance.decide(signed, asOfficer));
    await stageOpen(trial.cast, signed, 1);
    expect(decideHasCrashed()).toBe(true);
    const { timeline } = await trial.cast.pipeline.promotion(signed);
    expect(timeline.filter(({ type }) => type === "stage-decided")).toHaveLength(1);
  });

  it("is where it was once everything starts again", async () => {
    await eventually("the letter to the SRE", async () => letterToSre());
    await taken(trial.cast.leadDataScientist.decide(signed, { ...approval, roles: ["lead-data-scientist"] }));
    before = await trial.cast.pipeline.promotion(signed);
    // At once: whoever follows the table has perhaps not even heard of the signature.
    await new Operator(trial.stack).endStage(late);
    await trial.stop();
    letTimeRunOut(late);
    await trial.start(deploymentChangingPolicies().path);
    const after = await trial.cast.pipeline.promotion(signed);
    expect(after).toMatchObject({ status: "in-review", stage: before.stage, signOffs: before.signOffs });
  });

  it("is reached by the link of a letter from before, and ends deployed", async () => {
    const answer = await fetch(reviewLinkIn(await letterToSre()), { redirect: "manual" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`${trial.stack.addresses.portal}/#/promotions/${signed}`);
    await taken(trial.cast.reliabilityEngineer.decide(signed, { ...approval, roles: ["sre"] }));
    const promotion = await ended(trial.cast, signed, "deployed");
    expect(promotion.verdict?.result).toBe("PASSED");
    expect((await scoresFromEndpoint(trial.stack, "credit-scoring")).version).toBe("2.0.0");
  });

  it("has expired where its time ran out while nothing ran", async () => {
    const promotion = await ended(trial.cast, late, "expired");
    expect(promotion.reason).toBe("Nobody completed the stage 'compliance' in time.");
    const decision = trial.cast.compliance.decide(late, asOfficer);
    await expect(decision).rejects.toThrow("No sign-off is taken at the moment: the promotion is expired.");
  });

  it("is approved, and waits for the plan that was signed", async () => {
    awaited = await planned(trial.cast, "4.0.0");
    const promotion = await trial.cast.pipeline.promotion(awaited.id);
    expect(promotion).toMatchObject({ status: "approved", verdict: { result: "PASSED" } });
  });

  it("serves the deployed model after another restart, under a policy that changed", async () => {
    await trial.stop();
    const next = deploymentChangingPolicies();
    next.changePolicy("matrix.yaml", "expiresAfter: 10d", "expiresAfter: 9d");
    next.changePolicy("matrix.yaml", atTheEdge, `${atTheEdge}${withCompliance}`);
    await trial.start(next.path);
    // On AWS within the minute: until a record tells of them, nobody goes by them.
    await trial.stack.ring("AdoptPolicySchedule");
    expect((await scoresFromEndpoint(trial.stack, "credit-scoring")).version).toBe("2.0.0");
  });

  it("goes back to the gates when somebody signs under requirements that are no longer in force", async () => {
    const refusal = await trial.cast.compliance.decide(changed, asOfficer);
    expect(refusal).toMatchObject({ status: 409, body: { code: "requirements-changed" } });
    const again = await trial.cast.pipeline.until(
      changed,
      "its second review",
      ({ signOffContext, stage }) => signOffContext?.review === 2 && stage?.open === true,
    );
    expect(again.requirements.sha256).not.toBe(before.requirements.sha256);
    expect(again.requirements.document.rule.expiresAfterSeconds).toBe(9 * 86_400);
    await eventually("the second letter to the compliance officer", async () => {
      const asked = await letters(trial.stack, "Please review changed-scoring 2.2.0 for production");
      return asked.length === 2 ? asked : undefined;
    });
    await taken(trial.cast.compliance.decide(changed, asOfficer));
    await stageOpen(trial.cast, changed, 1);
  });

  it("goes back to the gates within a quarter of an hour where nobody signs", async () => {
    await trial.stack.ring("RemindSchedule");
    await trial.cast.pipeline.until(
      unsigned,
      "its second review",
      ({ signOffContext, stage }) => signOffContext?.review === 2 && stage?.open === true,
    );
  });
});

describe("an approved promotion that waits for its plan while its requirements change", () => {
  it("goes back to the gates, and nothing is deployed before it is signed under those in force", async () => {
    hold(trial.cast, executed(awaited.plan));
    const again = await stageOpen(trial.cast, awaited.id, 1);
    expect(again).toMatchObject({ status: "in-review", signOffContext: { review: 2 }, stage: { name: "compliance" } });
    expect(again).not.toHaveProperty("verdict");
    const summaries = again.timeline.filter(({ type }) => type === "seat-reopened").map(({ summary }) => summary);
    expect(summaries).toEqual([
      expect.stringMatching(/^The requirements changed, so the promotion goes back to the gates/),
      expect.stringMatching(/What Mira Novak signed as sre is kept\.$/),
    ]);
    expect(again.timeline.map(({ type }) => type)).not.toContain("deployment-started");
  });

  it("is signed by whom the new ones ask besides, gets another verdict, and is deployed under that", async () => {
    const { pipeline, compliance } = trial.cast;
    await taken(compliance.decide(awaited.id, asOfficer));
    await pipeline.until(awaited.id, "the deployment", ({ status }) => status === "deploying");
    const report = { outcome: "deployed", detail: "Rolled out to 40 devices." };
    await pipeline.post(`/v1/promotions/${awaited.id}/deployment`, report, () => pipeline.token());
    const { timeline } = await ended(trial.cast, awaited.id, "deployed");
    const told = ["verdict", "held", "seat-reopened", "deployment-started", "deployed"];
    expect(timeline.map(({ type }) => type).filter((type) => told.includes(type))).toEqual([
      ...["verdict", "held", "seat-reopened", "seat-reopened"],
      ...["verdict", "deployment-started", "deployed"],
    ]);
  });

  it("has a pack that verifies", async () => {
    // No pack is written before the ledger tells its keys, which it does within minutes on AWS.
    await trial.stack.ring("PublishKeysSchedule");
    await ledgerWith(trial.stack, trial.cast.pipeline, [awaited.id]);
    const token = await trial.cast.compliance.signIn("session");
    const { content } = await exportedPack(trial.cast, { promotion: awaited.id }, token);
    const path = join(trial.folder, "verified-again.zip");
    writeFileSync(path, content);
    const run = spawnSync(process.execPath, [join(root, "cli", "countersign.mjs"), "verify", path], {
      encoding: "utf8",
    });
    expect(`${run.stdout}${run.stderr}`).toContain(awaited.id);
    expect(run.status).toBe(0);
  });
});

describe("after all the stops", () => {
  it("the ledger verifies, and holds every fact of every promotion once and in order", async () => {
    const all = [signed, late, changed, unsigned, awaited.id];
    const { facts, findings } = await ledgerWith(trial.stack, trial.cast.pipeline, all);
    expect(findings).toEqual([]);
    expect(new Set(facts).size).toBe(facts.length);
    for (const id of all) {
      const history = facts.filter((fact) => /^\d+$/.test(fact.slice(id.length + 1)) && fact.startsWith(`${id}/`));
      expect(history).toEqual(history.map((_, index) => `${id}/${index}`));
    }
  });

  it("nobody was written to twice", async () => {
    const told = (await trial.stack.mails()).map(({ to, subject }) => `${to.join()} ${subject}`);
    // Those whose requirements changed ask the compliance officer anew.
    const anew = ["changed-scoring 2.2.0", "unsigned-scoring 2.3.0"].map(
      (each) => `ines.okafor@example.com Please review ${each} for production`,
    );
    expect(told.filter((each, index) => told.indexOf(each) !== index)).toEqual(anew);
  });

  it("no call was made that AWS would have denied", async () => {
    expect(await deniedCalls(trial.evidence())).toEqual([]);
  });
});

/** The next deployment: until somebody has to sign for it, it brings the policies that are in force from then on. */
function deploymentChangingPolicies(): AlteredAssembly {
  const deployment = new AlteredAssembly(trial.folder);
  deployment.letDeploymentsChangePolicies();
  return deployment;
}

async function submitted(version: string, model: string): Promise<string> {
  const answer = await trial.cast.pipeline.submit(files, version, model);
  expect(answer.status).toBe(202);
  return String(answer.body["id"]);
}

async function letterToSre() {
  const asked = await letters(trial.stack, "Please review credit-scoring 2.0.0 for production");
  return asked.find(({ to }) => to.includes("mira.novak@example.com"));
}

/** Sets the deadline of what an execution waits for into the past, as days without power would. */
function letTimeRunOut(promotion: string): void {
  const machine = "CountersignService-PromotionsMachine";
  const path = join(trial.folder, "state", "stepfunctions", machine, `${promotion}.jsonl`);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const last = JSON.parse(lines.pop() ?? "") as { readonly position: { readonly task: { deadline: number } } };
  last.position.task.deadline = Date.now() - 1000;
  writeFileSync(path, `${[...lines, JSON.stringify(last)].join("\n")}\n`);
}
