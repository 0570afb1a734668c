import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { approval, promote, stageOpen, taken } from "../../examples/credit-scoring/demo/acts.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import { exportedPack } from "../../examples/credit-scoring/demo/exported-pack.ts";
import { outputOf } from "../../examples/credit-scoring/demo/pipeline.ts";
import { signedAndDeployed } from "../../examples/credit-scoring/demo/recommendation.ts";
import type { StoryResult } from "../../examples/credit-scoring/demo/stories.ts";
import { exampleImages, tellStories } from "../../examples/credit-scoring/demo/tell-stories.ts";
import type { PromotionSummary } from "../../functions/api/read-promotions/view.ts";
import { localParameters } from "../../local/stack.ts";
import type { RunningWitness } from "../../local/witness.ts";
import { describeGrants } from "../grants/describe-grants.ts";
import { describePromises } from "../grants/describe-promises.ts";
import { formerImage } from "./composed-target.ts";
import { ledgerWith } from "./ledger.ts";
import { letters, reviewLinkIn } from "./letters.ts";
import { Operator } from "./operator.ts";
import {
  inOtherAccount,
  type OtherEnds,
  otherRole,
  startOtherEnds,
  storiesOfOtherTargets,
  withOtherTargets,
} from "./other-targets.ts";
import { eventually, Trial } from "./trial.ts";
import { logKey, showFork, signers, signersIn } from "./witnessed.ts";

const trial = new Trial();
let cast: Cast;
let operator: Operator;
let results: readonly StoryResult[];
let beforeAnything: Response;
let witness: RunningWitness;
let others: OtherEnds;

beforeAll(async () => {
  // It says its key and its address first, and is told of the log once that is there: as in two accounts.
  const { url, key } = await trial.startWitness([]);
  others = await startOtherEnds(() => trial.stack.addresses.portal);
  cast = await trial.start(withOtherTargets(trial.folder).path, {
    outside: others.outside,
    cluster: others.cluster,
    images: [...exampleImages(), formerImage],
    parameters: (addresses) => ({ ...localParameters(addresses), Witnesses: JSON.stringify([{ url, key }]) }),
  });
  witness = await trial.startWitness([await logKey(trial.stack)]);
  operator = new Operator(trial.stack);
  beforeAnything = await get("/v1/audit/checkpoint");
  results = await tellStories(trial.stack, () => undefined, [...storiesOfOtherTargets, ...others.stories]);
  // Half a minute on a machine of its own; a busy one may take its time.
}, 900_000);

afterAll(async () => {
  await trial.remove();
  await others.close();
});

describe("the demo's stories", () => {
  it.each([
    ["deployed", "deployed", /^Every stage has its signatures\.$/],
    [
      "canary-breach",
      "rolled-back",
      /^The endpoint 'credit-scoring' went back to the model before: .*countersign-p-.*-errors/,
    ],
    [
      "conditional",
      "rejected",
      /The answers of the canary were errors: the image lacks a table\. Please mend the build\.$/,
    ],
    ["blocked", "blocked", /AUC is 0\.\d+; at least 0\.\d+ is required/],
    ["rejected", "rejected", /on-call rota/],
    ["tampered", "blocked", /'model\.json' was replaced/],
    ["supersede", "superseded", /The newer candidate 2\.2\.1 .* took its place/],
    ["loan", "expired", /^The loan ended at .* and the quorum had not ratified it\.$/],
    ["delegation", "in-review", /^Filled by Mira Novak \(in the place of Ines Okafor\)\.$/],
    ["shadow", "deployed", /^Every stage has its signatures\.$/],
    ["kubernetes", "deployed", /^Every stage has its signatures\.$/],
    ["passport", "deployed", /^The pipeline says: Rolled out to 40 devices\.$/],
    [
      "changed-plan",
      "blocked",
      /^The plan 'evidence\.change-set\.json' that was signed is not what its change set does\.$/,
    ],
    ["webhook", "deployed", /^The receiver reported of partner: deployed\. The partner runs it\.$/],
    ["registry", "deployed", /^Every stage has its signatures\.$/],
    ["other-account", "deployed", /^Every stage has its signatures\.$/],
    ["serverless", "deployed", /^Every stage has its signatures\.$/],
    ["asynchronous", "deployed", /^Every stage has its signatures\.$/],
    [
      "asynchronous-breach",
      "rolled-back",
      /^The endpoint 'credit-scoring-overnight' went back to the model before: .*countersign-p-.*-errors/,
    ],
    ["asynchronous-rejected", "rejected", /Answers of this kind must not lie there\.$/],
    [
      "asynchronous-moved",
      "deployed",
      /^What is staged on SageMaker is not what was approved: 'AsyncInferenceConfig\.OutputConfig\.S3OutputPath' of the configuration/,
    ],
    ["component", "deployed", /^Every stage has its signatures\.$/],
    ["component-update", "deployed", /^Every stage has its signatures\.$/],
    [
      "stray",
      "deployed",
      /^The inference component 'side-project' in component serves 'side-project', which nobody approved here\.$/,
    ],
    [
      "component-breach",
      "rolled-back",
      /^The inference component 'credit-scoring-component' went back to the model before\./,
    ],
    ["gitops", "deployed", /^Every stage has its signatures\.$/],
    ["other-cluster", "deployed", /^Every stage has its signatures\.$/],
    ["composed", "deployed", /^Every stage has its signatures\.$/],
    ["stopped", "restricted", /The Deployment 'composed\/credit-scoring' has no replica any more\.$/],
    ["drift", "deployed", /^It drifted\. The endpoint 'home-recommendation' serves the approved model\.$/],
    [
      "intruder",
      "deployed",
      /^The endpoint 'home-recommendation' in production serves 'quick-fix', which nobody approved here\. What was approved is put back\.$/,
    ],
    ["policy-change", "in-review", /^The requirements changed, so the promotion goes back to the gates/],
    ["self-approval", "in-review", /Tomas Trainer trained the model.* Who else could: Lars Lindqvist\./],
  ])("%s: the promotion is %s", (name, status, explanation) => {
    const result = results.find((each) => each.name === name);
    expect(result).toMatchObject({ name, status, explanation: expect.stringMatching(explanation) });
  });

  it.each([
    ["canary-breach", "verdict, deployment-started, rolled-back, clean-up"],
    ["conditional", "verdict, deployment-started, seat-reopened, rejected, clean-up"],
    [
      "loan",
      "loan-requested, loan-requested, loan, verdict, loan-running, loan-ended, loan-taken-back, loan-review-opened",
    ],
    ["shadow", "gates, staged, shadow-run, shadow-run, shadow-run, shadow-run, gates, stage-opened, deployed"],
    ["kubernetes", "staged, verdict, deployment-started, deployed"],
    [
      "passport",
      "verdict, held, deployment-started, passport-issued, passport-redeemed, deployment-reported, deployed",
    ],
    ["changed-plan", "verdict, held, blocked, clean-up"],
    ["webhook", "verdict, deployment-started, deployment-reported, deployed"],
    ["registry", "staged, verdict, deployment-started, deployed"],
    ["other-account", "staged, verdict, deployment-started, deployed"],
    ["gitops", "staged, shadow-run, shadow-run, shadow-run, shadow-run, verdict, deployment-started, deployed"],
    ["other-cluster", "staged, verdict, deployment-started, deployed"],
    ["component-update", "staged, verdict, deployment-started, deployed"],
    ["component-breach", "staged, verdict, deployment-started, rolled-back, clean-up"],
    ["stopped", "staged, shadow-run, shadow-run, shadow-run, shadow-run, verdict, deployed, drift, remedy, remedy"],
    ["intruder", "deployed, intruder-found, take-back, intruder-gone"],
    ["policy-change", "gates, seat-reopened, gates"],
  ])("%s: the ledger tells it", async (name, records) => {
    const wanted = records.split(", ");
    const token = await cast.compliance.signIn("session");
    const timeline = await eventually("its records in the ledger", async () => {
      const answer = await get(`/v1/promotions/${story(name)}?entries=true`, token);
      const told = (await answer.json()) as { readonly timeline: readonly { type: string; entry?: number }[] };
      return told.timeline.every(({ entry }) => entry !== undefined) ? told.timeline : undefined;
    });
    expect(timeline.map(({ type }) => type).filter((type) => wanted.includes(type))).toEqual(wanted);
  });

  it("tell a receiver by signed messages what to deploy, once, and enter another account in the promotion's name", () => {
    expect(others.told()).toEqual([`deployment.requested ${story("webhook")}`]);
    const entered = trial.calls().filter(({ action }) => action === "sts:AssumeRole");
    for (const id of [story("other-account"), story("other-cluster")]) {
      const named = entered.filter(({ context }) => context["aws:RequestTag/promotion"] === id);
      expect(named.map(({ principal }) => principal)).toEqual(
        expect.arrayContaining(["StageFunction", "DeployFunction", "WatchDeploymentFunction"]),
      );
      for (const { resource, context, status } of named)
        expect({ resource, name: context["sts:RoleSessionName"], status }).toEqual({
          ...{ resource: otherRole.arn, name: id, status: 200 },
        });
    }
    const there = trial.calls().filter(({ principal }) => principal === inOtherAccount);
    expect(there.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["sagemaker:CreateEndpoint", "eks:DescribeCluster"]),
    );
  });

  it("send links that lead to the promotion's page, for a browser that looks and for one that follows", async () => {
    const subject = "Please review credit-scoring 2.3.0 for production";
    const letter = await eventually("a letter", async () => (await letters(trial.stack, subject))[0]);
    const address = reviewLinkIn(letter);
    for (const method of ["HEAD", "GET"]) {
      const answer = await fetch(address, { method, redirect: "manual" });
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toBe(
        `${trial.stack.addresses.portal}/#/promotions/${story("self-approval")}`,
      );
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    }
    const { timeline } = await cast.pipeline.promotion(story("self-approval"));
    expect(timeline.filter(({ type }) => type === "link-opened")).toHaveLength(1);
  });
});

describe("beside the stories", () => {
  /** A promotion that is followed through several of these. */
  let asked: string;

  it("an empty ledger has no checkpoint", async () => {
    expect(beforeAnything.status).toBe(404);
    expect(await beforeAnything.json()).toMatchObject({ code: "not-found", detail: "The ledger is still empty." });
  });

  it("the checkpoint is cosigned by a witness in another account, which cosigns no fork", async () => {
    await eventually("the cosignature", async () => {
      // What was cosigned may have been followed by another checkpoint since.
      await trial.stack.ring("CosignCheckpointSchedule");
      return (await signers(trial.stack)).includes("witness.example/w1") ? true : undefined;
    });
    expect(await showFork(trial.stack, witness.url)).toBe(409);
  });

  it("the portal is served", async () => {
    const page = await get("/");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    expect(trial.calls().map(({ principal }) => principal)).toContain("cloudfront.amazonaws.com");
  });

  it("a frozen file that is hidden after people signed stops the deployment", async () => {
    const id = story("self-approval");
    await taken(cast.leadDataScientist.decide(id, { ...approval, roles: ["lead-data-scientist"] }));
    const { manifest } = await cast.pipeline.promotion(id);
    const model = manifest.artifacts.find(({ role }) => role === "model");
    await operator.hide(outputOf(trial.stack, "ArtifactsBucketName"), `frozen/${model?.sha256}/${model?.name}`);
    await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
    const promotion = await cast.pipeline.until(id, "the verdict", ({ verdict }) => verdict !== undefined);
    expect(promotion).toMatchObject({ status: "blocked", verdict: { result: "FAILED" } });
    expect(promotion.reason).toBe("A frozen artifact is gone.");
  });

  it("the same submission from several runs at once makes one promotion and one execution", async () => {
    const files = buildCandidate("candidate", undefined, "2.4.0");
    const submit = async () => {
      const run = cast.pipeline.nextRun();
      await cast.pipeline.upload(files, run);
      const request = cast.pipeline.requestFor(files, "2.4.0", run);
      return cast.pipeline.post("/v1/promotions", request, await cast.pipeline.token(run));
    };
    const answers = await Promise.all([submit(), submit(), submit()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 202]);
    const id = String(answers[0]?.body["id"]);
    expect(answers.map(({ body }) => body["id"])).toEqual([id, id, id]);
    await stageOpen(cast, id, 0);
    expect(await submit()).toMatchObject({ status: 200, body: { id, status: "in-review" } });
    expect((await operator.executions()).filter((name) => name === id)).toEqual([id]);

    const withdrawn = await cast.pipeline.post(`/v1/promotions/${id}/withdrawal`, {}, await cast.pipeline.token());
    expect(withdrawn).toMatchObject({ status: 200, body: { id, status: "withdrawn" } });
    await cast.pipeline.until(id, "the clean-up", ({ timeline }) => timeline.some(({ type }) => type === "clean-up"));
    expect(await submit()).toMatchObject({ status: 202, body: { attempt: 2 } });
  });

  it("exactly the people of the open seats are asked, each once, and never who is excluded", async () => {
    asked = (await promote(cast, "candidate", "2.5.0")).id;
    expect(await written("Please review", 1)).toEqual(["ines.okafor@example.com"]);
    await taken(cast.compliance.decide(asked, { ...approval, roles: ["compliance-officer"] }));
    await stageOpen(cast, asked, 1);
    expect(await written("Please review", 3)).toEqual([
      "ines.okafor@example.com",
      "lars.lindqvist@example.com",
      "mira.novak@example.com",
    ]);
  });

  it("that a letter was delivered is told, without its address", async () => {
    const { timeline } = await cast.pipeline.until(
      asked,
      "the reports",
      (promotion) => promotion.timeline.filter(({ type }) => type === "notification-delivered").length === 3,
    );
    const told = timeline.filter(({ type }) => type.startsWith("notification-"));
    expect(told.filter(({ type }) => type === "notification-queued")).toHaveLength(3);
    expect(told.filter(({ type }) => type === "notification-sent")).toHaveLength(3);
    expect(told.map(({ summary }) => summary)).toContain("A letter to Ines Okafor was delivered to their mail server.");
    expect(JSON.stringify(told)).not.toContain("@");
  });

  it("whoever reads the task token and rings has not deployed anything", async () => {
    const token = await eventually("the stage to wait", () => operator.taskToken(asked));
    await operator.ring(token, { outcome: "quorum" });
    await eventually("the stage to wait again", async () => {
      const next = await operator.taskToken(asked);
      return next === token ? undefined : next;
    });
    const promotion = await cast.pipeline.promotion(asked);
    expect(promotion).toMatchObject({ status: "in-review", stage: { index: 1, open: true } });
    expect(promotion).not.toHaveProperty("verdict");
  });

  it("whoever was asked, or started the run, is told how it ended, and nobody else", async () => {
    await cast.pipeline.post(`/v1/promotions/${asked}/withdrawal`, {}, await cast.pipeline.token());
    expect(await written("credit-scoring 2.5.0 for production: withdrawn", 4)).toEqual([
      "ines.okafor@example.com",
      "lars.lindqvist@example.com",
      "mira.novak@example.com",
      "priya.nair@example.com",
    ]);
    // Whoever trained a model is asked about it; and a loan, which does without the others, is told to everybody with a
    // role. In the stories of other models, and of the policies, he had no hand.
    const toTheTrainer = (await trial.stack.mails()).filter(
      ({ to, subject }) => to.includes("tomas.trainer@example.com") && /(?:credit|overdraft)-scoring/.test(subject),
    );
    expect(new Set(toTheTrainer.map(({ subject }) => subject))).toEqual(
      new Set([
        "A question about credit-scoring 2.1.0 for production",
        "Somebody asks for a loan: overdraft-scoring 2.2.2 for production",
        "Running on loan: overdraft-scoring 2.2.2 for production",
        "Please review the loan: overdraft-scoring 2.2.2 for production",
      ]),
    );
  });

  it("people find promotions by status and by model, a page at a time", async () => {
    const token = await cast.compliance.signIn("session");
    const superseded = await list(token, "status=superseded");
    expect(superseded.promotions[0]).toMatchObject({ model: { version: "2.4.0" }, supersededBy: asked });
    const first = await list(token, "model=credit-scoring&target=production&limit=4");
    expect(first.promotions).toHaveLength(4);
    const rest = await list(token, `model=credit-scoring&target=production&limit=100&cursor=${first.next}`);
    const ids = [...first.promotions, ...rest.promotions].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const missing = results.filter(({ promotionId }) => !ids.includes(promotionId));
    expect(missing.map(({ name }) => name).toSorted()).toEqual([
      "asynchronous",
      "asynchronous-breach",
      "asynchronous-moved",
      "asynchronous-rejected",
      "changed-plan",
      "component",
      "component-breach",
      "component-update",
      "composed",
      "drift",
      "gitops",
      "intruder",
      "kubernetes",
      "loan",
      "other-account",
      "other-cluster",
      "passport",
      "policy-change",
      "registry",
      "serverless",
      "shadow",
      "stopped",
      "stray",
      "webhook",
    ]);
    const newest = await list(token, "status=any&person=ines&limit=100");
    expect(newest.promotions.map(({ id }) => id)).toContain(story("deployed"));
  });

  it("every fact of a promotion tells its entry in the ledger", async () => {
    const answer = await get(
      `/v1/promotions/${story("deployed")}?entries=true`,
      await cast.compliance.signIn("session"),
    );
    const { timeline } = (await answer.json()) as { readonly timeline: readonly { readonly entry?: number }[] };
    const entries = timeline.map(({ entry }) => entry);
    expect(entries).not.toContain(undefined);
    expect(new Set(entries).size).toBe(entries.length);
  });

  it("the attestations of a promotion are there for whoever may read it", async () => {
    const answer = await get(`/v1/promotions/${story("deployed")}/attestations`, await cast.pipeline.token());
    const { signOffs, verdict } = (await answer.json()) as Record<string, readonly unknown[]>;
    expect(signOffs).toHaveLength(3);
    expect(verdict).toHaveProperty("bundle");
  });

  it.each([
    ["the whole archive is exported for people who hold a role", () => ({}), () => cast.compliance.signIn("session")],
    [
      "a promotion's part of it for the pipeline that asked for it",
      () => ({ promotion: story("deployed"), withoutPersonalData: true }),
      () => cast.pipeline.token(),
    ],
  ])("%s", async (_name, body, token) => {
    let over = false;
    const exported = exportedPack(cast, body(), await token()).finally(() => {
      over = true;
    });
    // That it was asked for is cosigned before it is written; the schedule would come to that within a minute.
    const cosigned = eventually("the pack", async () => {
      await trial.stack.ring("CosignCheckpointSchedule");
      return over ? true : undefined;
    });
    const [{ content, sha256, ledger }] = await Promise.all([exported, cosigned]);
    expect(await signersIn(content)).toContain("witness.example/w1");
    expect(ledger.entries).toBeGreaterThan(80);
    expect(sha256Hex(content)).toBe(sha256);
  });

  it("what went back to its gates is approved by policies that people signed for, and of which the ledger tells", async () => {
    const { verdict } = await signedAndDeployed(cast, story("policy-change"));
    expect(verdict?.result).toBe("PASSED");
  });

  it("the ledger verifies, and holds every fact once", async () => {
    const token = await cast.compliance.signIn("session");
    const all = await Promise.all(
      ["credit-scoring", "overdraft-scoring"].map((model) => list(token, `model=${model}&limit=100`)),
    );
    const { facts, findings } = await ledgerWith(
      trial.stack,
      cast.pipeline,
      all.flatMap(({ promotions }) => promotions.map(({ id }) => id)),
    );
    expect(findings).toEqual([]);
    expect(new Set(facts).size).toBe(facts.length);
    expect(facts.length).toBeGreaterThan(80);
    // What was signed for the candidate that was superseded and judges only what is the same in both.
    const { supersededBy } = await cast.pipeline.promotion(story("supersede"));
    expect(facts.filter((id) => id.startsWith(`${supersededBy}/sign-off-kept/`))).toHaveLength(1);
  });
});

describe("the ledger's schedules", () => {
  it("sign the checkpoint again, over the same tree", async () => {
    const before = await (await get("/v1/audit/checkpoint")).text();
    const after = await eventually("a younger checkpoint", async () => {
      await trial.stack.ring("RepublishCheckpointSchedule");
      const text = await (await get("/v1/audit/checkpoint")).text();
      return text === before ? undefined : text;
    });
    const head = (checkpoint: string) => checkpoint.split("\n").slice(0, 3);
    expect(head(after)).toEqual(head(before));
  });

  it("find that the table explains every entry of the ledger", async () => {
    await trial.stack.ring("ReconcileSchedule");
    const line = await eventually("its log", async () => operator.logLines("ReconcileFunction", "reconciled")[0]);
    expect(line).toMatchObject({ message: "reconciled", differences: 0 });
    expect(Number(line["records"])).toBeGreaterThan(80);
  });
});

describe("the templates", () => {
  describePromises(() => trial.stack.resources);
  describeGrants(() => trial.evidence());
});

/** To whom letters about 2.5.0 that begin so went, once there are `count` of them. */
function written(beginning: string, count: number): Promise<readonly string[]> {
  return eventually(`${count} letters '${beginning}'`, async () => {
    const found = (await trial.stack.mails()).filter(
      ({ subject }) => subject.startsWith(beginning) && subject.includes("credit-scoring 2.5.0"),
    );
    return found.length < count ? undefined : found.map(({ to }) => to.join()).toSorted();
  });
}

function story(name: string): string {
  const result = results.find((each) => each.name === name);
  if (result === undefined) throw new Error(`There is no story '${name}'.`);
  return result.promotionId;
}

function get(path: string, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${trial.stack.addresses.portal}${path}`, { headers });
}

async function list(token: string, query: string) {
  const answer = await get(`/v1/promotions?${query}`, token);
  expect(answer.status).toBe(200);
  return (await answer.json()) as { readonly promotions: readonly PromotionSummary[]; readonly next?: string };
}
