import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { gatherFacts } from "../../../core/gates/gather-facts.ts";
import {
  type Candidate,
  change,
  type Document,
  documents,
  goodCandidate,
  judgedAt,
  judgementOf,
  manifestOf,
  saying,
} from "./candidate.ts";
import { releaseOf } from "./told-facts.ts";

const gathered = (candidate: Candidate) =>
  gatherFacts(manifestOf(candidate), judgementOf(candidate), { now: judgedAt });
const withDocuments = (more: Readonly<Record<string, Document>>): Candidate => ({
  ...goodCandidate,
  documents: { ...documents, ...more },
});

describe("gatherFacts", () => {
  it("gives the moment in both of its forms, and what was released before where somebody looked", () => {
    const facts = gathered(goodCandidate).facts;
    expect([facts.now, facts.now_ns, facts.releases]).toEqual([judgedAt, Date.parse(judgedAt) * 1_000_000, null]);
    const releases = [releaseOf("1")];
    const circumstances = { now: judgedAt, releases };
    expect(gatherFacts(manifestOf(goodCandidate), judgementOf(goodCandidate), circumstances).facts.releases).toEqual(
      releases,
    );
  });

  it("has no card where no document is one, and illustrates nothing that nobody reports", () => {
    const { facts, illustrations } = gathered({ ...goodCandidate, documents: {} });
    expect(facts).toMatchObject({ evidence: [], metrics: [], plans: [], cards: [] });
    expect(gathered(goodCandidate).facts.cards).toEqual([]);
    expect(illustrations).toEqual({ attributions: [], curve: [], calibration: [] });
  });

  it("takes nothing from bytes that are not there, or are not the declared ones", () => {
    const name = "model-quality.json";
    const read = (bytes: readonly (readonly [string, Uint8Array])[]) =>
      gatherFacts(
        manifestOf(goodCandidate),
        { computedDigests: new Map(), evidence: new Map(bytes) },
        { now: judgedAt },
      ).facts;
    const absent = read([]);
    expect(absent.metrics).toEqual([]);
    expect(absent.evidence[0]).toMatchObject({
      ...{ name, computed: null, readable: false, problem: { where: name, sentence: "Its bytes are not there." } },
    });
    const other = read([[name, utf8('{"metrics":{"auc":1}}')]]);
    expect(other.metrics).toEqual([]);
    expect(other.evidence[0]).toMatchObject({
      readable: false,
      problem: { where: name, sentence: "Its bytes are not the ones that were declared." },
    });
  });

  it.each<[string, keyof typeof documents, (count: number) => unknown]>([
    [
      "metrics",
      "model-quality.json",
      (count) => ({ metrics: Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, 1])) }),
    ],
    [
      "columns that are personal, beside their list and the violations",
      "data-schema.json",
      (count) => ({ violations: [], pii: { columns: Array.from({ length: count - 2 }, (_, at) => `c${at}`) } }),
    ],
    [
      "changes, beside their plan",
      "iac-plan.json",
      (count) => ({
        format_version: "1.2",
        resource_changes: Array.from({ length: count - 1 }, () => change("aws_s3_bucket", "create")),
      }),
    ],
  ])("reads up to 10,000 things of one document: %s", (_name, name, content) => {
    const checked = (count: number) =>
      gathered(saying(name, content(count))).facts.evidence.find((document) => document.name === name);
    expect(checked(10_000)).toMatchObject({ readable: true });
    expect(checked(10_001)).toMatchObject({
      readable: false,
      problem: { where: name, sentence: "It says 10001 things; at most 10000 are read." },
    });
  });

  it("shows the most detailed of several curves, and where its own report would answer on it", () => {
    const quality = (recall: number, points: number): Document => ({
      kind: "model-quality",
      format: "plain",
      content: {
        metrics: { auc: 0.8, precision: 0.7, recall },
        precisionRecall: Array.from({ length: points }, () => ({ precision: 0.7, recall })),
        threshold: 0.5,
      },
    });
    const found = gathered(
      withDocuments({ "a.json": quality(0.1, 2), "b.json": quality(0.2, 3), "c.json": quality(0.3, 3) }),
    );
    expect(found.illustrations.curve).toEqual(Array.from({ length: 3 }, () => ({ precision: 0.7, recall: 0.2 })));
    expect(found.illustrations.operatingPoint).toEqual({ precision: 0.7, recall: 0.2, threshold: 0.5 });
    expect(gathered(goodCandidate).illustrations).not.toHaveProperty("operatingPoint");
  });

  it("shows the most detailed of several attributions", () => {
    const more = { kind: "explainability", format: "plain", content: { globalImportance: { Amount: 1 } } } as const;
    const { attributions } = gathered(withDocuments({ "more.json": more })).illustrations;
    expect(attributions.map(({ feature }) => feature)).toEqual(["Amount", "Duration", "Savings"]);
  });
});
