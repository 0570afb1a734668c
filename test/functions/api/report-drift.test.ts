import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { driftEvidence } from "../../../core/promotion/drift.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest, inManifestOrder } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { dueRemedy } from "../../../core/promotion/restriction.ts";
import { type ReportDriftPorts, reportDrift } from "../../../functions/api/report-drift/handler.ts";
import { cora, digestOf, everybody, id, manifest, now, policy, tom } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";
import { deployedPromotion, monitor } from "./deployed-promotion.ts";

const bytes = utf8('{"psi":0.31}');
const base = {
  id: "run-7",
  target: "production",
  window: { from: "2026-11-22T00:00:00.000Z", until: "2026-11-23T00:00:00.000Z" },
  source: "model monitor",
  metrics: [{ name: "psi", value: 0.31, max: 0.2 }],
  report: {
    name: "drift.json",
    mediaType: "application/json",
    size: bytes.length,
    sha256: sha256Hex(bytes),
    uri: "s3://exchange/incoming/monitor/drift.json",
  },
};
const evidence = `drift-${sha256Hex(bytes).slice(0, 12)}.json`;
const frozen = [{ name: "model.json", key: "frozen/model", versionId: "v1" }];
const running = deployedPromotion({ frozen });

function scene(over: Partial<ReportDriftPorts> & { readonly given?: readonly Promotion[] } = {}) {
  const { given = [running], ...ports } = over;
  const promotions = new MemoryPromotions(given);
  const blobs = new MemoryBlobs();
  const started: PromotionId[] = [];
  let seconds = 0;
  const handler = reportDrift({
    now: () => addSeconds(now, seconds),
    policy,
    verifyMachine: async () => monitor(),
    directory: memoryDirectory(everybody),
    promotions,
    files: { readSource: async () => bytes },
    blobs,
    start: async (promotion) => void started.push(promotion),
    ...ports,
  });
  const post = (json: unknown = base, name = "credit-scoring") => handler(apiRequest({ json, parameters: { name } }));
  const wait = (more: number) => {
    seconds += more;
  };
  return { promotions, blobs, started, post, wait };
}

/** A pipeline that may submit the model. */
const owner = monitor({ name: "pipeline", submits: ["credit-scoring"] });
const reapprovals = (promotions: MemoryPromotions) => promotions.all().filter((each) => each.id !== id);

describe("drift", () => {
  it("is nothing that policies do, which run nowhere", async () => {
    const target = { name: "production", kind: "policy", endpoint: "in-force" } as const;
    const { post } = scene({ given: [deployedPromotion({ frozen, manifest: { ...manifest, target } })] });
    expect(await refused(post())).toMatchObject({ code: "not-found" });
  });

  it("restricts what runs, which keeps serving, and asks for a new approval of the same bytes with the report", async () => {
    const { promotions, blobs, started, post } = scene();
    const { status, json } = await post();
    const [reapproval] = reapprovals(promotions);
    if (reapproval === undefined) return expect.unreachable();
    expect(status).toBe(202);
    expect(json).toEqual({
      promotion: id,
      status: "restricted",
      restrictedAt: now,
      recorded: true,
      reapproval: reapproval.id,
    });
    expect(promotions.stored(id)).toMatchObject({
      status: "restricted",
      reason:
        "Drift was reported of credit-scoring 1.4.0 in production (psi 0.31). It is restricted: it keeps serving, and it has to be approved again, with the report as evidence.",
      restriction: { at: now, reapproval: reapproval.id },
    });
    expect(promotions.stored(id).history.at(-1)).toMatchObject({
      id: `${id}/3`,
      type: "drift",
      body: { action: "keep", reapproval: reapproval.id, source: "model monitor" },
      attachments: [{ name: evidence, sha256: sha256Hex(bytes) }],
    });
    expect(blobs.has(sha256Hex(bytes))).toBe(true);
    // Another freeze digest: no earlier signature covers it.
    expect(reapproval.freezeDigest).toBe(freezeDigest(reapproval.manifest));
    expect(reapproval.freezeDigest).not.toBe(running.freezeDigest);
    expect(reapproval).toMatchObject({
      id: promotionId(reapproval.freezeDigest, 1),
      status: "gating",
      reapproves: { promotion: id, frozen },
      settled: [],
      facts: { release: "update" },
      history: [{ type: "request", body: { reapproves: id, release: "update" } }],
    });
    expect(reapproval.manifest.artifacts).toEqual(inManifestOrder(manifest).artifacts);
    expect(reapproval.manifest.evidence.map(({ kind, name }) => [kind, name])).toEqual([
      ["drift", evidence],
      ["model-quality", "model-quality.json"],
    ]);
    expect(started).toEqual([reapproval.id]);
  });

  it("in a storm restricts once and opens one approval; a record is kept for each monitor and hour", async () => {
    const { promotions, post, wait } = scene();
    const storm = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => (await post({ ...base, id: `run-${at}` })).status),
    );
    expect(storm.filter((status) => status === 202)).toHaveLength(1);
    expect(promotions.moves).toHaveLength(1);
    expect(reapprovals(promotions)).toHaveLength(1);
    expect(promotions.recordedFacts()).toHaveLength(1);
    wait(3600);
    expect((await post({ ...base, id: "later" })).json).toMatchObject({ recorded: true });
    expect(promotions.recordedFacts()).toHaveLength(2);
    expect(promotions.recordedFacts()[1]?.summary).toContain("It is restricted already.");
  });

  it("told twice by one report is one, and no second approval is opened once the first has ended", async () => {
    const { promotions, started, post } = scene();
    await post();
    const [first] = reapprovals(promotions);
    if (first !== undefined) promotions.put({ ...first, status: "rejected" });
    expect(await post()).toMatchObject({ status: 200, json: { recorded: false } });
    await post({ ...base, id: "another" });
    expect([reapprovals(promotions).length, started.length]).toEqual([1, 1]);
  });

  it("reported again finishes what a crash left undone", async () => {
    const { promotions, started, post } = scene();
    const crashing = scene({
      promotions: promotions,
      start: async () => {
        throw new Error("The function died.");
      },
    });
    await expect(crashing.post()).rejects.toThrow("died");
    expect((await post()).status).toBe(200);
    expect(started).toEqual(reapprovals(promotions).map((each) => each.id));
  });

  it("leaves a newer candidate that is on its way to it, and asks once that one has ended", async () => {
    const newer: Promotion = {
      ...deployedPromotion({ status: "in-review", submittedAt: "2026-11-23T11:30:00.000Z" as Instant }),
      id: promotionId(digestOf("newer"), 1),
    };
    const { promotions, post } = scene({ given: [running, newer] });
    expect((await post()).json).not.toHaveProperty("reapproval");
    expect(promotions.stored(id)).toMatchObject({
      status: "restricted",
      reason: expect.stringContaining("a newer candidate is on its way already"),
    });
    promotions.put({ ...newer, status: "rejected" });
    expect(await post({ ...base, id: "run-8" })).toMatchObject({ status: 202, json: { recorded: true } });
    expect(promotions.stored(id).restriction?.reapproval).toBeDefined();
  });

  it.each<[string, Partial<ReportDriftPorts>, string]>([
    ["nobody could sign", { directory: memoryDirectory([cora, tom]) }, "Nobody is left for the seat"],
    [
      "whoever trained it is known to nobody",
      { directory: memoryDirectory(everybody.filter((each) => each !== tom)) },
      "matches nobody in the directory",
    ],
  ])("restricts also where %s, and asks once that has changed", async (_, over, why) => {
    const { promotions, started, post } = scene(over);
    expect((await post()).json).not.toHaveProperty("reapproval");
    expect(promotions.stored(id).reason).toContain(why);
    expect([reapprovals(promotions), started]).toEqual([[], []]);
    const later = scene({ promotions });
    expect(await later.post({ ...base, id: "run-8" })).toMatchObject({ status: 202 });
    expect(reapprovals(promotions)).toHaveLength(1);
  });

  it("says what the matrix does about it beside, and keeps to that when the matrix changes", async () => {
    const [rule] = policy.matrix.rules;
    if (rule === undefined) return expect.unreachable();
    const stricter = {
      ...policy,
      matrix: { ...policy.matrix, rules: [{ ...rule, onDrift: "previous", ifNotReapproved: "stop" } as const] },
    };
    const { promotions, post } = scene({ policy: stricter });
    await post();
    const reapproveBy = addSeconds(now, rule.expiresAfterSeconds);
    expect(promotions.stored(id)).toMatchObject({
      restriction: { remedy: "previous", unlessReapproved: "stop", reapproveBy },
      reason: `Drift was reported of credit-scoring 1.4.0 in production (psi 0.31). It is restricted: what was approved before it is to serve instead, and it has to be approved again, with the report as evidence. Unless it is before ${minuteText(reapproveBy)}, it is to be taken out of service.`,
    });
    expect(promotions.stored(id).history.at(-1)?.body).toMatchObject({ action: "previous", unlessReapproved: "stop" });
    const [first] = reapprovals(promotions);
    if (first === undefined) return expect.unreachable();
    promotions.put({ ...first, status: "expired" });
    const lenient = scene({ promotions, verifyMachine: async () => owner });
    await lenient.post({ ...base, reopens: first.id });
    expect(promotions.stored(id).restriction).toMatchObject({ remedy: "previous", unlessReapproved: "stop" });
    // Nobody gave the first one: that another is asked for takes nothing of that back.
    const open = promotions.stored(promotions.stored(id).restriction?.reapproval ?? first.id);
    expect(open.status).toBe("gating");
    expect(dueRemedy(promotions.stored(id), open, now)).toEqual({ remedy: "stop", because: "not-reapproved" });
  });

  it("asks for another approval after one that ended, once, for whoever may submit the model and no monitor", async () => {
    const { promotions, post } = scene();
    await post();
    const [first] = reapprovals(promotions);
    if (first === undefined) return expect.unreachable();
    const anew = { ...base, reopens: first.id };
    expect((await refused(post(anew))).sentence).toBe(
      "The pipeline 'drift-monitor' may not have an approval of 'credit-scoring' opened anew.",
    );
    const byOwner = scene({ promotions, verifyMachine: async () => owner });
    expect((await refused(byOwner.post(anew))).sentence).toBe(
      "The approval that is to be opened anew is gating: it has not ended.",
    );
    promotions.put({ ...first, status: "rejected" });
    const second = promotionId(first.freezeDigest, 2);
    expect(await byOwner.post(anew)).toMatchObject({ status: 202, json: { reapproval: second } });
    expect(promotions.stored(id).history.at(-1)?.body).toMatchObject({ reopens: first.id, reapproval: second });
    expect(await byOwner.post(anew)).toMatchObject({ status: 200, json: { reapproval: second } });
    expect(reapprovals(promotions)).toHaveLength(2);
    expect(byOwner.started).toContain(second);
  });

  it("of what has made place since is not taken for drift of what came back", async () => {
    const { promotions, post } = scene();
    const before = {
      ...deployedPromotion({ submittedAt: "2026-11-20T11:30:00.000Z" as Instant }),
      id: promotionId(digestOf("before"), 1),
    };
    promotions.put(before);
    await post();
    const { restriction: given, ...rest } = promotions.stored(id);
    if (given === undefined) return expect.unreachable();
    const doneAt = addSeconds(base.window.until as Instant, 600);
    const taken = { remedy: "previous", because: "drift", startedAt: now, doneAt } as const;
    promotions.put({ ...rest, status: "rolled-back", restriction: { ...given, taken } });
    expect((await post({ ...base, id: "late" })).json).toMatchObject({ promotion: id, status: "rolled-back" });
    expect(promotions.stored(before.id).status).toBe("deployed");
    expect(promotions.recordedFacts().at(-1)?.summary).toContain("It does not run any more.");
    const window = { from: doneAt, until: addSeconds(doneAt, 3600) };
    expect((await post({ ...base, id: "new", window })).json).toMatchObject({ promotion: before.id });
  });

  it.each<[string, number, string]>([
    ["is of what came back, where that served for the larger part of its time", 0.4, "restricted"],
    ["is not where it did so for the lesser part", 0.6, "deployed"],
  ])("of a time in which what had drifted made place %s", async (_, part, status) => {
    const [from, until] = [base.window.from as Instant, base.window.until as Instant];
    const serves = { image: "x", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } };
    const release = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } } as const;
    const since = (seconds: number) => ({ startedAt: addSeconds(from, -seconds), serves, release });
    const back = {
      ...deployedPromotion({ submittedAt: "2026-11-20T11:30:00.000Z" as Instant, frozen }),
      ...{ id: promotionId(digestOf("before"), 1), deployment: since(172_800) },
    };
    const seconds = (Date.parse(until) - Date.parse(from)) / 1000;
    const doneAt = addSeconds(from, part * seconds);
    const taken = { remedy: "previous", because: "drift", startedAt: from, doneAt, to: back.id } as const;
    const restriction = { at: from, evidence: driftEvidence(base.report), remedy: "previous", taken } as const;
    const drifted = { ...running, status: "rolled-back" as const, restriction, deployment: since(86_400) };
    const { promotions, post } = scene({ given: [back, drifted] });
    const about = status === "restricted" ? back.id : id;
    expect((await post()).json).toMatchObject({ promotion: about, recorded: true });
    expect([promotions.stored(back.id).status, promotions.stored(id).status]).toEqual([status, "rolled-back"]);
  });

  describe("of the time before what runs was deployed", () => {
    const serves = { image: "x", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } };
    const release = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } } as const;
    const deployedAt = (startedAt: Instant) => ({ startedAt, serves, release });
    const newer = { ...manifest, model: { ...manifest.model, version: "1.5.0" } };
    const newest = deployedPromotion({
      ...{ id: promotionId(freezeDigest(newer), 1), manifest: newer, freezeDigest: freezeDigest(newer), frozen },
      ...{ submittedAt: addSeconds(running.submittedAt, 3600), deployment: deployedAt(base.window.until as Instant) },
    });
    const before = { ...running, deployment: deployedAt(addSeconds(base.window.from as Instant, -86_400)) };

    it.each<["deployed" | "restricted"]>([["deployed"], ["restricted"]])(
      "is told of what ran then, which is %s, and restricts nothing",
      async (status) => {
        const { promotions, blobs, started, post } = scene({ given: [{ ...before, status }, newest] });
        expect(await post()).toEqual({ status: 200, json: { promotion: id, status, recorded: true } });
        expect((await post()).json).toMatchObject({ promotion: id, recorded: false });
        expect([promotions.moves, started, blobs.has(sha256Hex(bytes))]).toEqual([[], [], true]);
        expect(promotions.recordedFacts()).toMatchObject([
          {
            type: "outcome",
            promotion: id,
            summary: "Drift was reported of credit-scoring 1.4.0 in production.",
            body: { kind: "drift", window: base.window, metric: base.metrics[0], against: true },
            attachments: [{ name: evidence, sha256: sha256Hex(bytes) }],
          },
        ]);
      },
    );

    it("is about nothing that was approved, where nothing ran then", async () => {
      const { promotions, post } = scene({ given: [newest] });
      expect(await refused(post())).toEqual({
        code: "not-found",
        sentence:
          "No version of 'credit-scoring' that was approved here ran in 'production' in the time that the report is about.",
      });
      expect(promotions.recordedFacts()).toEqual([]);
    });

    describe("or of what was there instead for a while", () => {
      const [from, until] = [base.window.from as Instant, base.window.until as Instant];
      const ended = { ...newest, deployment: deployedAt(from) };
      const loan = { terms: { seconds: 7200, incident: "https://incidents.example/7" }, lenders: [], at: from, until };
      const rolledBack = (at: Instant) => ({
        ...ended,
        status: "rolled-back" as const,
        history: [...ended.history, { ...newest.history[0], type: "rolled-back" as const, at } as Fact],
      });

      it.each<[string, Promotion]>([
        ["serves on loan", { ...ended, status: "loaned", loan: { ...loan, runningSince: from } }],
        ["was taken back", { ...ended, status: "expired", loan: { ...loan, runningSince: from, takenBackAt: until } }],
        ["was rolled back", rolledBack(until)],
      ])("is told of that, which %s", async (_, other) => {
        const { promotions, started, post } = scene({ given: [before, other] });
        expect(await post()).toEqual({
          status: 200,
          json: { promotion: other.id, status: other.status, recorded: true },
        });
        expect([promotions.moves, started]).toEqual([[], []]);
        expect(promotions.recordedFacts()).toMatchObject([{ type: "outcome", promotion: other.id }]);
      });

      it.each<[string, Promotion]>([
        ["half of the time", rolledBack(addSeconds(from, 43_200))],
        [
          "a share of the requests",
          {
            ...rolledBack(until),
            history: rolledBack(until).history.filter(({ type }) => type !== "deployed"),
            deployment: { ...deployedAt(from), release: { kind: "update", traffic: { kind: "weights", steps: [] } } },
          },
        ],
      ])("restricts what runs where that was there for %s only", async (_, other) => {
        const { promotions, post } = scene({ given: [before, other] });
        expect((await post()).json).toMatchObject({ promotion: id, status: "restricted" });
        expect(promotions.stored(other.id).status).toBe("rolled-back");
      });
    });

    describe("for a part of it only", () => {
      const [from, until] = [base.window.from as Instant, base.window.until as Instant];
      const began = (startedAt: Instant) => ({ ...newest, deployment: deployedAt(startedAt) });

      it("is told of what served for the larger part, and restricts nothing", async () => {
        const { promotions, post } = scene({ given: [before, began(addSeconds(from, 50_000))] });
        expect((await post()).json).toMatchObject({ promotion: id, status: "deployed", recorded: true });
        expect(promotions.moves).toEqual([]);
      });

      it.each([0, 43_200])("restricts what runs where that began %d seconds after its beginning", async (seconds) => {
        const { promotions, post } = scene({ given: [before, began(addSeconds(from, seconds))] });
        expect((await post()).json).toMatchObject({ promotion: newest.id, status: "restricted" });
        expect(promotions.stored(id).status).toBe("deployed");
      });

      it("restricts what runs where nothing that was approved served before it", async () => {
        const { post } = scene({ given: [began(addSeconds(until, -60))] });
        expect((await post()).json).toMatchObject({ promotion: newest.id, status: "restricted" });
      });

      it("restricts what runs where what was before it had been taken out of service by then", async () => {
        const taken = { remedy: "stop", because: "drift", startedAt: from, doneAt: addSeconds(from, 600) } as const;
        const restriction = { at: from, evidence: driftEvidence(base.report), taken };
        const stopped = { ...before, status: "restricted" as const, restriction };
        const { post } = scene({ given: [stopped, began(addSeconds(from, 60_000))] });
        expect((await post()).json).toMatchObject({ promotion: newest.id, status: "restricted" });
      });

      /** From the beginning of that time on it had a tenth of the requests. */
      const canary = (servedAll: Instant, over: Partial<Promotion> = {}): Promotion => ({
        ...newest,
        ...{ deployment: { ...deployedAt(addSeconds(from, -60)), release: withWeights } },
        history: newest.history.map((each) => (each.type === "deployed" ? { ...each, at: servedAll } : each)),
        ...over,
      });
      const withWeights = {
        kind: "update",
        traffic: { kind: "weights", steps: [{ percent: 10, waitSeconds: 90_000 }] },
      } as const;

      it.each<[string, Promotion]>([
        ["after it", canary(addSeconds(until, 3600))],
        ["late in it", canary(addSeconds(until, -3600))],
        ["by what its pipeline reported", byPipeline(canary(addSeconds(until, -3600)))],
      ])("restricts no newer version that had a tenth of the requests, and all of them %s", async (_, newer) => {
        const { promotions, post } = scene({ given: [before, newer] });
        expect((await post()).json).toMatchObject({ promotion: id, status: "deployed", recorded: true });
        expect(promotions.moves).toEqual([]);
      });

      function byPipeline(promotion: Promotion): Promotion {
        const { name, endpoint } = manifest.target;
        const target = { name, endpoint, kind: "pipeline", audiences: ["cluster"], withinSeconds: 86_400 } as const;
        const deployment = deployedAt(addSeconds(from, -60));
        return { ...promotion, deployment, manifest: { ...promotion.manifest, target } };
      }

      it("restricts what runs where that had all requests for the larger part of it, after a tenth of them", async () => {
        const { post } = scene({ given: [before, canary(addSeconds(from, 3600))] });
        expect((await post()).json).toMatchObject({ promotion: newest.id, status: "restricted" });
      });
    });
  });

  it("restricts also where the policy knows no rule any more, and says so", async () => {
    const { promotions, started, post } = scene({ policy: { ...policy, matrix: { ...policy.matrix, rules: [] } } });
    expect((await post()).json).toMatchObject({ status: "restricted" });
    expect(promotions.stored(id).reason).toContain("no approval could be opened: The approval matrix has no rule");
    expect(started).toEqual([]);
  });

  it("is taken from monitors of the model only, about what runs, with the very bytes", async () => {
    const stranger = scene({ verifyMachine: async () => monitor({ reports: [] }) });
    expect((await refused(stranger.post())).code).toBe("forbidden");
    expect((await refused(scene().post({ ...base, target: "staging" }))).sentence).toBe(
      "No version of 'credit-scoring' that was approved here runs in 'staging'.",
    );
    const forged = { ...base, report: { ...base.report, sha256: digestOf("other") } };
    const { promotions, post } = scene();
    expect((await refused(post(forged))).code).toBe("digest-mismatch");
    expect((await refused(post({ ...base, metrics: [{ name: "psi", value: "high" }] }))).code).toBe("invalid-request");
    expect(promotions.stored(id).status).toBe("deployed");
  });
});
