import { describe, expect, it, vi } from "vitest";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { evidenceSummary, whyNotShown } from "../../../core/gates/evidence-summary.ts";
import type { Facts, Illustrations } from "../../../core/gates/facts.ts";
import type { Finding } from "../../../core/gates/gate-report.ts";
import { judge } from "../../../core/gates/judge.ts";
import type { Author } from "../../../core/promotion/identity.ts";
import { goodCandidate, judgementOf, manifestOf } from "./candidate.ts";
import { factsOf, releaseOf } from "./told-facts.ts";

describe("what is shown of much", () => {
  const list = <Item>(count: number, item: (index: number) => Item) =>
    Array.from({ length: count }, (_, at) => item(at));
  const shown = (
    over: Partial<Facts>,
    illustrations: Partial<Illustrations> = {},
    findings: readonly Finding[] = [],
  ) => {
    const { report } = judge(judgementOf(goodCandidate));
    return evidenceSummary({
      manifest: manifestOf(goodCandidate),
      report: { ...report, findings },
      facts: factsOf(over),
      illustrations: { attributions: [], curve: [], calibration: [], ...illustrations },
    });
  };
  const metric = (name: string, value: number) => ({ name, value, where: `q.json#/${name}` });
  const floor = (name: string): Finding => ({
    ...{ rule: `quality.${name}`, title: name, status: "passed", observed: 0, required: { min: 0 } },
    ...{ where: `q.json#/${name}`, sentence: "" },
  });
  const valuesOf = (count: number, judged: number) =>
    shown(
      { metrics: list(count, (at) => metric(`m${at}`, count - at)) },
      {},
      list(judged, (at) => floor(`m${at}`)),
    ).quality;

  it("is the interval of a metric and of a group, where a report states it", () => {
    const interval = { low: 0.7, high: 0.8, level: 0.95 };
    const group = { facet: "sex", group: "female", metric: "DI", value: 0.9, where: "b.json#/DI" };
    const summary = shown({
      metrics: [{ ...metric("auc", 0.75), interval }, metric("f1", 0.5)],
      facets: [{ ...group, interval }, group],
    });
    expect(summary.quality).toEqual([
      { title: "AUC", value: 0.75, where: "q.json#/auc", interval },
      { title: "F1", value: 0.5, where: "q.json#/f1" },
    ]);
    const title = "Disparate impact (DI)";
    expect(summary.fairness).toEqual([
      { ...group, title, interval },
      { ...group, title },
    ]);
  });

  it("is what a rule judges, before what none does", () => {
    const findings = [floor("b")];
    const { quality } = shown({ metrics: [metric("a", 1), metric("b", 2), metric("c", 3)] }, {}, findings);
    expect(quality.map(({ title }) => title)).toEqual(["B", "A", "C"]);
  });

  it("is, of too many that rules judge, what is nearest to its bound", () => {
    expect(valuesOf(62, 62).map(({ value }) => value)).toEqual(list(60, (at) => at + 1));
  });

  it("is, of no more than there is room for, in the order of the evidence", () => {
    expect(valuesOf(60, 60).map(({ value }) => value)).toEqual(list(60, (at) => 60 - at));
    expect(valuesOf(62, 1)).toHaveLength(60);
  });

  it("is what a change of the policies changes, up to a thousand sentences, of which none that can be proposed has more", () => {
    const policyChanges = list(1003, (at) => `${at}${"x".repeat(1100)}`);
    const cut = shown({}, { policyChanges }).policyChanges;
    expect(cut?.sentences).toHaveLength(1000);
    expect(cut?.sentences[0]).toBe(`0${"x".repeat(999)}…`);
    expect(cut?.more).toBe(3);
    expect(whyNotShown(policyChanges)).toMatch(
      /^It changes more than those who sign are shown \(1003 .* 1000 at most\)/,
    );
    expect(whyNotShown([...policyChanges.slice(0, 1)])).toMatch(
      /^Those who sign are shown 1000 characters .* longer: 0x/,
    );
    expect(whyNotShown(list(1000, (at) => `${at}${"x".repeat(900)}`))).toBeUndefined();
    expect(shown({}, { policyChanges: ["One role less."] }).policyChanges).toEqual({
      sentences: ["One role less."],
      more: 0,
    });
    expect(shown({})).not.toHaveProperty("policyChanges");
  });

  it("are the features of most weight in either direction, and those of one weight by name", () => {
    const attributions = [
      { feature: "c", value: 0.2 },
      { feature: "a", value: 0.2 },
      { feature: "d", value: -0.5 },
      { feature: "b", value: -0.2 },
    ];
    expect(shown({}, { attributions }).attributions.map(({ feature }) => feature)).toEqual(["d", "a", "b", "c"]);
  });

  it("stand in the same order where an engine sorts otherwise what a comparison has no answer for", () => {
    // Two labels of Clarify may come to one name: "a: b" with the feature "c", and "a" with "b: c".
    const attributions = [0.2, -0.2].map((value) => ({ feature: "a: b: c", value }));
    const here = shown({}, { attributions });
    // As engines that merge: what comes later goes before unless the comparison says that the two are in order.
    const merging = vi.spyOn(Array.prototype, "toSorted").mockImplementation(function (this: unknown[], compare) {
      return this.reduce<unknown[]>((sorted, item) => {
        const at = sorted.findLastIndex((each) => (compare?.(each, item) ?? 0) <= 0) + 1;
        return [...sorted.slice(0, at), item, ...sorted.slice(at)];
      }, []);
    });
    try {
      expect(shown({}, { attributions }).attributions).toEqual(here.attributions);
    } finally {
      merging.mockRestore();
    }
  });

  it("are the first rows of what breaks the schema, is personal, or was scanned", () => {
    const where = "d.json#/columns";
    const summary = shown({
      schema: list(6, (value) => ({ value, where })),
      pii: list(6, (at) => ({ columns: list(10 + at, (column) => `column ${column}`), where })),
      scans: list(41, (value) => ({ severity: "low" as const, value, where })),
    });
    expect(summary.schema).toEqual(list(5, (violations) => ({ violations, where })));
    const columns = list(10, (column) => `column ${column}`);
    expect(summary.pii).toEqual(list(5, (more) => ({ columns, more, where })));
    expect(summary.scans).toEqual(list(40, (count) => ({ severity: "low", count, where })));
    expect(shown({ pii: [{ columns: ["name"], where }] }).pii).toEqual([{ columns: ["name"], more: 0, where }]);
  });

  it("is every document, and whether it could be read", () => {
    const { sha256 } = manifestOf(goodCandidate).evidence[0] ?? {};
    const document = { kind: "bias", name: "bias.json", format: "plain" } as const;
    const declared = sha256 ?? ("" as Sha256);
    const evidence = [{ ...document, size: 3, declared, computed: null, readable: false }];
    expect(shown({ evidence }).evidence).toEqual([{ ...document, sha256, readable: false }]);
  });

  it("is what was released before, and that nobody looked", () => {
    expect(shown({ releases: null }).releases).toBeNull();
    expect(shown({ releases: [] }).releases).toEqual([]);
    const release = releaseOf("1".repeat(90));
    expect(shown({ releases: [release] }).releases).toEqual([
      { version: `${"1".repeat(80)}…`, deployedAt: release.deployedAt },
    ]);
  });

  it("are ten of those who made each part of it, and where its code came from", () => {
    const people = (count: number): readonly Author[] => list(count, (at) => ({ address: `${at}@example.com` }));
    const manifest = manifestOf(goodCandidate);
    const source = { repository: "https://git.example/credit", commit: "a".repeat(40) };
    const lineage = {
      ...{ trainedBy: people(10), codeAuthors: people(12), dataOwners: people(1), infrastructureAuthors: people(0) },
    };
    const judged = judge(judgementOf(goodCandidate));
    expect(evidenceSummary({ ...judged, manifest: { ...manifest, lineage: { ...lineage, source } } }).lineage).toEqual({
      trainedBy: { people: people(10), more: 0 },
      codeAuthors: { people: people(10), more: 2 },
      dataOwners: { people: people(1), more: 0 },
      infrastructureAuthors: { people: [], more: 0 },
      source,
    });
    expect(evidenceSummary({ ...judged, manifest: { ...manifest, lineage } }).lineage).not.toHaveProperty("source");
  });
});
