import { describe, expect, it } from "vitest";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import {
  type AfterDrift,
  askedAnew,
  type DriftReport,
  driftEvidence,
  furtherDrift,
  outcomeOfDrift,
  parseDriftReport,
  reportedBefore,
  restricted,
  toldInHistory,
} from "../../../core/promotion/drift.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { reporterMark } from "../../../core/promotion/outcome.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { authorJson, reapprovalOf, withDrift } from "../../../core/promotion/reapproval.ts";
import { codeOf, told } from "../refusal.ts";
import { digestOf, expiresAt, manifest, now, promotionInReview } from "./promotion-in-review.ts";

const monitor = { issuer: "https://ci.example", subject: "machine/monitor" };
const document = {
  name: "Drift of Monday.html",
  mediaType: "text/html",
  size: 5,
  sha256: digestOf("drift"),
  uri: "s3://exchange/incoming/drift.html",
};
const report: DriftReport = {
  id: "d-1",
  target: "production",
  window: { from: "2026-11-20T00:00:00.000Z" as Instant, until: "2026-11-21T00:00:00.000Z" as Instant },
  source: "monitor",
  metrics: [
    { name: "psi", value: 0.4, max: 0.2 },
    { name: "auc", value: 0.8, min: 0.7 },
    { name: "ks", value: 0.5, max: 0.1 },
  ],
  report: document,
};
const serving = promotionInReview({ status: "deployed" });
const newer = promotionId(digestOf("newer"), 1);
const at = (after: AfterDrift) => restricted(serving, report, { by: monitor, at: now, after });
const evidence = driftEvidence(document);
const body = {
  report: `${reporterMark(monitor)}/d-1`,
  by: monitor,
  window: report.window,
  source: "monitor",
  metrics: report.metrics,
};
const attachments = [{ name: evidence.name, mediaType: "text/html", sha256: document.sha256 }];

describe("a report of drift", () => {
  const sent = { ...report, report: { ...document, name: "drift.html" } };

  it("is read as it was sent, and refused with every field that is wrong", () => {
    expect(parseDriftReport(sent)).toEqual(sent);
    const { sentence, code } = codeOf(() =>
      parseDriftReport({ ...sent, id: "", metrics: Array.from({ length: 51 }, () => report.metrics[0]) }),
    );
    expect(code).toBe("invalid-request");
    expect(sentence).toMatch(/id must be 1 to 120 letters/);
    expect(sentence).toMatch(/metrics must name at most 50 metrics/);
  });

  it.each([
    ["Drift of Monday.html", ".html"],
    ["drift.tar.gz", ".gz"],
    ["drift", ""],
    ["drift.endlessending", ""],
    ["drift.html?", ""],
  ])("called %s becomes evidence under a name of its own", (name, ending) => {
    expect(driftEvidence({ ...document, name })).toEqual({
      kind: "drift",
      format: "report",
      name: `drift-${document.sha256.slice(0, 12)}${ending}`,
      mediaType: "text/html",
      size: 5,
      sha256: document.sha256,
    });
  });
});

describe("a promotion whose model drifted", () => {
  const found = "Drift was reported of credit-scoring 1.4.0 in production (psi 0.4, ks 0.5).";
  it.each<[AfterDrift, string, object]>([
    [
      { kind: "reapproval", promotion: newer },
      "it has to be approved again, with the report as evidence.",
      { reapproval: newer },
    ],
    [{ kind: "newer", promotion: newer }, "a newer candidate is on its way already.", { newer }],
    [
      { kind: "none", why: "nobody could sign." },
      "no approval could be opened: nobody could sign.",
      { why: "nobody could sign." },
    ],
  ])("is restricted, and serves on: %j", (after, consequence, said) => {
    const summary = `${found} It is restricted: it keeps serving, and ${consequence}`;
    const then = at(after);
    expect(then).toMatchObject({ status: "restricted", reason: summary });
    expect(then.restriction).toEqual({
      at: now,
      evidence,
      ...(after.kind === "reapproval" ? { reapproval: newer } : {}),
    });
    expect(then.history.at(-1)).toMatchObject({ type: "drift", at: now, summary });
    expect(then.history.at(-1)?.body).toEqual({ ...body, action: "keep", ...said });
    expect(then.history.at(-1)?.attachments).toEqual(attachments);
  });

  it.each<[AfterDrift, string]>([
    [
      { kind: "reapproval", promotion: newer },
      "it has to be approved again, with the report as evidence. Unless it is before 2026-11-23 13:00 UTC, it is to be taken out of service.",
    ],
    [
      { kind: "newer", promotion: newer },
      "a newer candidate is on its way already. Unless it is approved again, or replaced, before 2026-11-23 13:00 UTC, it is to be taken out of service.",
    ],
  ])("says until when it has to be approved again, where something is done unless it is: %j", (after, words) => {
    const rule = { ifNotReapproved: "stop", expiresAfterSeconds: 3600 } as const;
    const then = restricted(serving, report, { by: monitor, at: now, after, rule });
    const unless = { unlessReapproved: "stop", reapproveBy: "2026-11-23T13:00:00.000Z" };
    expect(then.restriction).toMatchObject(unless);
    expect(then.history.at(-1)?.body).toMatchObject(unless);
    expect(then.reason).toBe(`${found} It is restricted: it keeps serving, and ${words}`);
    const later = { by: monitor, at: "2026-11-24T00:00:00.000Z" as Instant, rule: { ...rule, expiresAfterSeconds: 1 } };
    expect(restricted(then, report, { ...later, after }).history.at(-1)?.body).toMatchObject(unless);
  });

  it("stays restricted since the first report", () => {
    const later = "2026-11-24T00:00:00.000Z" as Instant;
    const first = at({ kind: "none", why: "x" });
    const again = restricted(first, report, {
      by: monitor,
      at: later,
      after: { kind: "reapproval", promotion: newer },
    });
    expect(again.restriction).toMatchObject({ at: now, reapproval: newer });
  });

  it("names three of what is out of its bounds at most, and nothing where all is within", () => {
    const many = ["a", "b", "c", "d"].map((name) => ({ name, value: 1, max: 0 }));
    const further = (metrics: DriftReport["metrics"]) => furtherDrift(serving, { ...report, metrics }, monitor, now);
    expect(further(many).summary).toBe(
      "Drift was reported of credit-scoring 1.4.0 in production (a 1, b 1, c 1). It is restricted already.",
    );
    expect(further([]).summary).toBe(
      "Drift was reported of credit-scoring 1.4.0 in production. It is restricted already.",
    );
  });

  it("has one record of further reports for each monitor and hour", () => {
    const fact = furtherDrift(serving, report, monitor, now);
    expect(fact).toEqual({
      id: `${serving.id}/drift/${reporterMark(monitor)}/2026-11-23T12`,
      type: "drift",
      at: now,
      promotion: serving.id,
      summary: `${found} It is restricted already.`,
      body,
      attachments,
    });
    expect(furtherDrift(serving, report, monitor, "2026-11-23T12:59:59.999Z" as Instant).id).toBe(fact.id);
    expect(furtherDrift(serving, report, monitor, "2026-11-23T13:00:00.000Z" as Instant).id).not.toBe(fact.id);
  });

  it("tells whether it has heard of a report", () => {
    const then = at({ kind: "none", why: "x" });
    expect(toldInHistory(then, report, monitor)).toBe(true);
    expect(toldInHistory(then, { ...report, id: "d-2" }, monitor)).toBe(false);
    expect(toldInHistory(then, report, { ...monitor, subject: "machine/other" })).toBe(false);
    expect(toldInHistory(serving, report, monitor)).toBe(false);
    const others = then.history.map((fact) => ({ ...fact, type: "outcome" as const }));
    expect(toldInHistory({ ...then, history: others }, report, monitor)).toBe(false);
  });
});

describe("approving again what drifted", () => {
  const asked = {
    id: promotionId(digestOf("again"), 3),
    at: now,
    expiresAt,
    requirements: digestOf("requirements"),
  };
  const running = at({ kind: "reapproval", promotion: newer });

  it("is about the same candidate with the report as one more document", () => {
    const again = withDrift(manifest, evidence);
    expect(again.evidence.map(({ name }) => name)).toEqual([evidence.name, "model-quality.json"].toSorted());
    expect(withDrift(again, { ...evidence, size: 6 }).evidence).toHaveLength(2);
    expect(freezeDigest(again)).not.toBe(freezeDigest(manifest));
  });

  it("is a promotion of the frozen bytes, with nothing signed", () => {
    const started = { account: { provider: "github", id: "4007" } } as const;
    const drifted = withDrift(manifest, evidence);
    const { history, ...again } = reapprovalOf({ ...running, startedBy: started }, asked);
    expect(again).toEqual({
      id: asked.id,
      attempt: 3,
      revision: 1,
      status: "gating",
      freezeDigest: freezeDigest(drifted),
      manifest: drifted,
      sources: {},
      reapproves: { promotion: running.id, frozen: running.frozen },
      submittedAt: now,
      expiresAt,
      startedBy: started,
      requirements: { sha256: asked.requirements },
      facts: { release: "update" },
      review: 1,
      settled: [],
      invalidated: [],
    });
    expect(history).toEqual([
      {
        id: `${asked.id}/0`,
        type: "request",
        at: now,
        promotion: asked.id,
        summary: "credit-scoring 1.4.0 drifted in production; whether it may run on has to be approved again.",
        body: {
          model: manifest.model,
          target: "production",
          freezeDigest: freezeDigest(drifted),
          requester: manifest.requester,
          expiresAt,
          requirements: asked.requirements,
          release: "update",
          reapproves: running.id,
          startedBy: started,
        },
        attachments: [],
      },
    ]);
    const nobody = reapprovalOf(running, asked);
    expect(nobody).not.toHaveProperty("startedBy");
    expect(nobody.history[0]?.body).not.toHaveProperty("startedBy");
  });

  it("is refused for what is not restricted, or was never frozen", () => {
    const { frozen: _, ...unfrozen } = running;
    for (const wrong of [serving, unfrozen])
      expect(told(codeOf(() => reapprovalOf(wrong, asked)))).toBe(
        "conflict: Only what is restricted, and was frozen, can be approved again.",
      );
  });

  it("records authors as they are named", () => {
    for (const author of [
      { address: "a@example.org" },
      { account: { provider: "gitlab", id: "7" } },
      { identity: monitor },
    ] as const)
      expect(authorJson(author)).toEqual(author);
  });
});

describe("what is restricted and is to be approved again without another report", () => {
  const still = "credit-scoring 1.4.0 still is restricted in production";
  const found = "Drift was reported of credit-scoring 1.4.0 in production (psi 0.4, ks 0.5).";
  const ask = "It has to be approved again, with the report as evidence.";
  const asked = promotionId(digestOf("asked anew"), 1);
  const rule = { onDrift: "keep", ifNotReapproved: "stop", expiresAfterSeconds: 3600 } as unknown as NonNullable<
    Parameters<typeof restricted>[2]["rule"]
  >;
  const under = (after: AfterDrift, refused = false) =>
    restricted(serving, report, { by: monitor, at: now, after, rule, refused });
  const unless = { unlessReapproved: "stop", reapproveBy: addSeconds(now, 3600) };

  it.each<[AfterDrift, string, object]>([
    [{ kind: "newer", promotion: newer }, ": the newer candidate that was on its way came to nothing.", {}],
    [{ kind: "none", why: "nobody could sign." }, ", and could be asked about only now.", {}],
    [
      { kind: "reapproval", promotion: newer },
      ": what took the place of its new approval came to nothing.",
      { reopens: newer },
    ],
  ])("says why only now, and rests on the report of then: %j", (after, why, said) => {
    const then = askedAnew(at(after), asked, addSeconds(now, 60));
    const summary = `${still}${why} ${found} ${ask}`;
    expect(then).toMatchObject({ status: "restricted", reason: summary, restriction: { at: now, reapproval: asked } });
    expect(then?.history.at(-1)).toMatchObject({ type: "drift", at: addSeconds(now, 60), summary, attachments });
    expect(then?.history.at(-1)?.body).toEqual({ ...body, action: "keep", ...said, reapproval: asked });
  });

  it("says what becomes of it otherwise, unless that was refused already", () => {
    const first = under({ kind: "none", why: "nobody could sign." });
    expect(first.restriction).toMatchObject(unless);
    const otherwise = ` Unless it is before ${minuteText(unless.reapproveBy)}, it is to be taken out of service.`;
    expect(askedAnew(first, asked, now)?.reason?.endsWith(`${ask}${otherwise}`)).toBe(true);
    const refusedBefore = under({ kind: "none", why: "nobody could sign." }, true);
    expect(refusedBefore.restriction?.refused).toBe(true);
    expect(askedAnew(refusedBefore, asked, now)?.reason?.endsWith(ask)).toBe(true);
  });

  it("is nothing where nothing drifted", () => {
    expect(askedAnew(serving, asked, now)).toBeUndefined();
    expect(askedAnew({ ...at({ kind: "newer", promotion: newer }), history: [] }, asked, now)).toBeUndefined();
    const { restriction: _, ...free } = at({ kind: "newer", promotion: newer });
    expect(askedAnew(free, asked, now)).toBeUndefined();
  });

  it("rests on what was reported last before it was asked for", () => {
    const then = askedAnew(at({ kind: "newer", promotion: newer }), asked, addSeconds(now, 60));
    const [first, second] = (then ?? serving).history;
    expect(reportedBefore(then ?? serving, { submittedAt: addSeconds(now, -1) })).toBeUndefined();
    expect(reportedBefore(then ?? serving, { submittedAt: now })).toBe(first?.summary);
    expect(reportedBefore(then ?? serving, { submittedAt: addSeconds(now, 60) })).toBe(second?.summary);
    const other = { ...(then ?? serving), history: [{ ...(first ?? expect.unreachable()), type: "remedy" as const }] };
    expect(reportedBefore(other, { submittedAt: now })).toBeUndefined();
  });
});

it("a report about what is not to run now is an outcome of what ran then, by its first metric out of bounds", () => {
  const outcome = {
    id: "d-1",
    kind: "drift",
    window: report.window,
    source: "monitor",
    description: "It was measured of what ran then, and restricts nothing.",
    metric: report.metrics[0],
    report: { ...document, name: evidence.name },
  };
  expect(outcomeOfDrift(report)).toEqual(outcome);
  const [psi, auc, ks] = report.metrics.map((metric) => metric);
  if (psi === undefined || auc === undefined || ks === undefined) throw new Error("The report has three metrics.");
  expect(outcomeOfDrift({ ...report, metrics: [auc, ks, psi] }).metric).toEqual(ks);
  expect(outcomeOfDrift({ ...report, metrics: [auc] }).metric).toEqual(auc);
  expect(outcomeOfDrift({ ...report, metrics: [] })).not.toHaveProperty("metric");
});
