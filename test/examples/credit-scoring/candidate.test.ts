import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { buildCandidate } from "../../../examples/credit-scoring/candidate.ts";
import { readDataset } from "../../../examples/credit-scoring/dataset.ts";
import { type VariantName, variantNames } from "../../../examples/credit-scoring/variants.ts";

const built = new Map(variantNames.map((name) => [name, buildCandidate(name)]));

interface Quality {
  readonly metrics: Readonly<Record<"accuracy" | "auc", number>>;
  readonly crossValidation: { readonly auc: { readonly mean: number } };
}
interface Clarify {
  readonly post_training_bias_metrics: {
    readonly facets: Readonly<
      Record<string, readonly { value_or_threshold: string; metrics: readonly { name: string; value: number }[] }[]>
    >;
  };
}

function read<Document>(variant: VariantName, path: string): Document {
  return JSON.parse(built.get(variant)?.get(path) ?? "null");
}

function clarifyMetric(variant: VariantName, facet: string, name: string): number | undefined {
  const analysis = read<Clarify>(variant, "evidence/bias.sagemaker.json");
  const group = analysis.post_training_bias_metrics.facets[facet]?.[0];
  return group?.metrics.find((metric) => metric.name === name)?.value;
}

describe("a built candidate", () => {
  it("is the same, byte for byte, when it is built again", () => {
    expect(buildCandidate("candidate", undefined, undefined, readDataset())).toEqual(built.get("candidate"));
  });

  it("has the four artifacts, the data and eleven evidence documents", () => {
    expect([...(built.get("candidate")?.keys() ?? [])]).toEqual([
      "model.json",
      "environment.json",
      "training-data.json",
      "training-data.csv",
      "infrastructure.json",
      "evidence/iac-plan.json",
      "evidence/unit-tests.xml",
      "evidence/model-quality.json",
      "evidence/model-quality.sagemaker.json",
      "evidence/bias.json",
      "evidence/bias.sagemaker.json",
      "evidence/explainability.json",
      "evidence/explainability.sagemaker.json",
      "evidence/data-schema.json",
      "evidence/security-scan.json",
      "evidence/security-scan.sarif.json",
    ]);
  });

  it("names the training data by the digest of the file beside it", () => {
    const csv = built.get("candidate")?.get("training-data.csv") ?? "";
    const manifest = read<{ files: readonly { sha256: string; rows: number }[] }>("candidate", "training-data.json");
    expect(manifest.files[0]).toMatchObject({ sha256: createHash("sha256").update(csv).digest("hex"), rows: 1000 });
  });

  it("takes the image that the pipeline built", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const files = buildCandidate("weak", { repository: "registry.example/scorer", digest });
    expect(JSON.parse(files.get("environment.json") ?? "")).toMatchObject({
      image: { digest, reference: `registry.example/scorer@${digest}` },
    });
  });

  it("never lets a model see sex, age or origin", () => {
    for (const variant of variantNames) {
      const { features } = read<{ features: readonly { name: string }[] }>(variant, "model.json");
      expect(features.filter(({ name }) => /^(Age$|ForeignWorker$|Personal\.)/.test(name))).toEqual([]);
    }
  });
});

// The figures of README.md; the gates' thresholds were chosen with them in view.
describe("what was measured", () => {
  const figures: Readonly<Record<VariantName, { accuracy: number; auc: number; crossValidated: number }>> = {
    champion: { accuracy: 0.747, auc: 0.765, crossValidated: 0.726 },
    candidate: { accuracy: 0.747, auc: 0.791, crossValidated: 0.781 },
    weak: { accuracy: 0.715, auc: 0.513, crossValidated: 0.531 },
  };

  it.each(variantNames)("for the %s model is what the README says", (variant) => {
    const { metrics, crossValidation } = read<Quality>(variant, "evidence/model-quality.json");
    expect(metrics.accuracy).toBeCloseTo(figures[variant].accuracy, 3);
    expect(metrics.auc).toBeCloseTo(figures[variant].auc, 3);
    expect(crossValidation.auc.mean).toBeCloseTo(figures[variant].crossValidated, 3);
  });

  it("is the same in plain JSON and in Model Monitor's layout", () => {
    const plain = read<Quality>("candidate", "evidence/model-quality.json");
    const monitor = read<{ binary_classification_metrics: Record<string, { value: number }> }>(
      "candidate",
      "evidence/model-quality.sagemaker.json",
    ).binary_classification_metrics;
    expect(monitor["accuracy"]?.value).toBe(plain.metrics.accuracy);
    expect(monitor["auc"]?.value).toBe(plain.metrics.auc);
  });

  it("keeps the candidate within four fifths for both facets", () => {
    expect(clarifyMetric("candidate", "sex", "DI")).toBeCloseTo(0.968, 3);
    expect(clarifyMetric("candidate", "age", "DI")).toBeCloseTo(0.875, 3);
    expect(clarifyMetric("candidate", "age", "DPPL")).toBeCloseTo(0.097, 3);
  });

  it("shows that the weak model accepts everybody", () => {
    expect(clarifyMetric("weak", "sex", "DPPL")).toBe(0);
    expect(read("weak", "evidence/model-quality.json")).toMatchObject({ metrics: { recall: 1, specificity: 0 } });
  });

  it("finds nothing to object to in the files it scanned", () => {
    expect(read("candidate", "evidence/security-scan.json")).toMatchObject({
      findings: [],
      counts: { critical: 0, high: 0 },
    });
  });
});
