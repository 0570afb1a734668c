import { metricName } from "./metric-name.ts";

const titles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "unit-tests": {
    tests: "Number of unit tests",
    passed: "Number of passed unit tests",
    failed: "Number of failed unit tests",
    skipped: "Number of skipped unit tests",
  },
  "data-validation": {
    expectations: "Number of expectations of the data",
    failed: "Number of failed expectations of the data",
    success_percent: "Percentage of expectations that hold",
  },
  toxicity: { toxicity_mean: "Mean toxicity", toxicity_ratio: "Share of toxic answers" },
  "shadow-run": {
    requests: "Number of requests in shadow",
    agreement: "Agreement with the champion in shadow",
    error_rate: "Error rate in shadow",
    latency_p50_ms: "Median latency in shadow (ms)",
    latency_p95_ms: "95th percentile of latency in shadow (ms)",
    latency_p99_ms: "99th percentile of latency in shadow (ms)",
    psi: "Population stability index (PSI)",
  },
  "model-card": {
    memory_gib: "Memory that the model needs (GiB)",
    accelerators: "Accelerators that the model needs",
    accelerator_memory_gib: "Accelerator memory that the model needs (GiB)",
  },
};

/** The measures that a kind of evidence is known to have; undefined where it may have any. */
export function knownMeasures(kind: string): readonly string[] | undefined {
  return kind === "toxicity" || !Object.hasOwn(titles, kind) ? undefined : Object.keys(titles[kind] ?? {});
}

/** A measure's name as people read it. */
export function measureTitle(kind: string, name: string): string {
  const known = Object.hasOwn(titles, kind) ? titles[kind] : undefined;
  if (known !== undefined && Object.hasOwn(known, name)) return known[name] ?? name;
  const words = metricName(name).replaceAll("_", " ");
  return `${kind}: ${words}`;
}
