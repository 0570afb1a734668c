import { describe, expect, it } from "vitest";
import type { Submitter } from "../../../core/approval/machine-identity.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { reporterMark } from "../../../core/promotion/outcome.ts";
import { reportOutcome } from "../../../functions/api/report-outcome/handler.ts";
import { id, member, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";
import { deployedPromotion, monitor } from "./deployed-promotion.ts";

const bytes = utf8('{"complaints":3}');
const file = {
  name: "complaints.json",
  mediaType: "application/json",
  size: bytes.length,
  sha256: sha256Hex(bytes),
  uri: "s3://exchange/incoming/monitor/complaints.json",
};
const base = {
  id: "2026-48:complaints",
  kind: "complaint",
  window: { from: "2026-11-16T00:00:00.000Z", until: "2026-11-23T00:00:00.000Z" },
  source: "service desk",
  description: "Three applicants were refused for the same reason.",
};

interface Scene {
  readonly promotion?: ReturnType<typeof deployedPromotion>;
  readonly by?: Submitter;
  /** A person who reports, instead of a monitor. */
  readonly person?: Member;
}

function scene(over: Scene = {}) {
  const promotions = new MemoryPromotions([over.promotion ?? deployedPromotion()]);
  const blobs = new MemoryBlobs();
  let hour = 0;
  const handler = reportOutcome({
    // Each request comes an hour after the one before.
    now: () => addSeconds(now, 3600 * hour++),
    groups: ["sre"],
    claimsMachine: () => over.person === undefined,
    verifyMachine: async () => (over.person === undefined ? (over.by ?? monitor()) : expect.unreachable()),
    verifyPerson: async (_, expected) => {
      const { identity, name, groups } = over.person ?? expect.unreachable();
      expect(expected).toEqual({ now: expect.any(String), acts: true });
      return { identity, name, groups, authenticatedAt: now };
    },
    promotions,
    files: { readSource: async () => bytes },
    blobs,
  });
  const post = (json: unknown = base, promotion: string = id) =>
    handler(apiRequest({ json, parameters: { id: promotion } }));
  return { promotions, blobs, post };
}

describe("an outcome", () => {
  it("becomes a fact of the promotion that names who noticed what, and when", async () => {
    const { promotions, post } = scene();
    const { status, json } = await post();
    const fact = `${id}/outcome/${reporterMark(monitor().identity)}/2026-48:complaints`;
    expect(status).toBe(201);
    expect(json).toMatchObject({ fact, promotion: id, recordedAt: now, kind: "complaint", against: true });
    expect(promotions.recordedFacts()).toMatchObject([
      {
        id: fact,
        type: "outcome",
        summary: "A complaint was reported of credit-scoring 1.4.0 in production.",
        body: { source: "service desk", by: monitor().identity, window: base.window },
        attachments: [],
      },
    ]);
  });

  it("told twice is one, with the time of the first; told otherwise under the same id it is refused", async () => {
    const { promotions, post } = scene();
    await post();
    expect(await post()).toMatchObject({ status: 200, json: { recordedAt: now } });
    const other = await refused(post({ ...base, kind: "incident" }));
    expect([other.code, other.sentence]).toEqual([
      "conflict",
      "Another outcome was reported under the id '2026-48:complaints' before.",
    ]);
    expect(promotions.recordedFacts()).toHaveLength(1);
  });

  it("is told by whoever holds a role too, of every model, and by no other person", async () => {
    const { promotions, post } = scene({ person: sam });
    expect((await post()).status).toBe(201);
    expect(promotions.recordedFacts()).toMatchObject([{ body: { by: sam.identity } }]);
    const stranger = scene({ person: member("Vera", "visitors") });
    expect(await refused(stranger.post())).toEqual({
      code: "forbidden",
      sentence: "You are signed in, but hold no role in any review here.",
    });
    expect(stranger.promotions.recordedFacts()).toEqual([]);
  });

  it("of two reporters under one id are two", async () => {
    const first = scene();
    await first.post();
    const second = scene({ by: monitor({ name: "another-monitor" }) });
    await second.post();
    expect(second.promotions.recordedFacts()[0]?.id).not.toBe(first.promotions.recordedFacts()[0]?.id);
  });

  it.each([
    [{ name: "auc", value: 0.7, min: 0.75 }, true, "auc 0.7, out of its bounds,"],
    [{ name: "auc", value: 0.75, min: 0.75 }, false, "auc 0.75"],
    [{ name: "p95 latency (ms)", value: 120, max: 100 }, true, "p95 latency (ms) 120, out of its bounds,"],
    [{ name: "auc", value: 0.7 }, false, "auc 0.7"],
  ])("of the metric %j speaks against the candidate: %s", async (metric, against, said) => {
    const { post } = scene();
    expect((await post({ ...base, kind: "metric", metric })).json).toMatchObject({
      against,
      summary: `${said} was reported of credit-scoring 1.4.0 in production.`,
    });
  });

  it("keeps its report under the digest, and names nothing that is not there", async () => {
    const { promotions, blobs, post } = scene();
    const wrong = await refused(post({ ...base, report: { ...file, sha256: sha256Hex(utf8("x")) } }));
    expect([wrong.code, promotions.recordedFacts()]).toEqual(["digest-mismatch", []]);
    await post({ ...base, report: file });
    expect(blobs.has(file.sha256)).toBe(true);
    const { name, mediaType, sha256 } = file;
    expect(promotions.recordedFacts()[0]?.attachments).toEqual([{ name, mediaType, sha256 }]);
  });

  it.each([
    [{ ...base, kind: "metric" }, "must have a 'metric' where its kind is that"],
    [{ ...base, window: { from: base.window.until, until: base.window.from } }, "window must begin before it ends"],
    [{ ...base, id: "../x" }, "id must be"],
    [{ ...base, more: 1 }, "more is not a field"],
    [{ ...base, metric: { name: "<script>", value: 1 } }, "metric.name must be"],
  ])("refuses %j", async (json, why) => {
    const { code, sentence } = await refused(scene().post(json));
    expect([code, sentence]).toEqual(["invalid-request", expect.stringContaining(why)]);
  });

  it("is taken from pipelines that may report about the model only, and about what ran only", async () => {
    const stranger = await refused(scene({ by: monitor({ reports: ["churn"] }) }).post());
    expect([stranger.code, stranger.sentence]).toEqual([
      "forbidden",
      "The pipeline 'drift-monitor' may not report about the model 'credit-scoring'.",
    ]);
    const submitter = scene({ by: monitor({ reports: [], submits: ["credit-scoring"] }) });
    expect((await submitter.post()).status).toBe(201);
    const never = scene({ promotion: deployedPromotion({ status: "rejected", history: [] }) });
    expect((await refused(never.post())).sentence).toBe(
      "The promotion is rejected; its candidate has not run in production.",
    );
    expect((await refused(scene().post(base, "p-0"))).code).toBe("not-found");
  });
});
