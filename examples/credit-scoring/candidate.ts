import { readFileSync } from "node:fs";
import { type ContainerImage, environment, infrastructure, localImage, scorerUrl, trainingData } from "./artifacts.ts";
import { committedDataset } from "./dataset.ts";
import { evaluate } from "./evaluation.ts";
import { trainModel } from "./model.ts";
import { oncePerDataset } from "./once-per-dataset.ts";
import { reportJson } from "./report-json.ts";
import { bias, biasForClarify } from "./reports/bias.ts";
import { dataSchema } from "./reports/data-schema.ts";
import { explainability, explainabilityForClarify } from "./reports/explainability.ts";
import { modelQuality, modelQualityForSageMaker } from "./reports/model-quality.ts";
import { scan, securityScan, securityScanSarif } from "./reports/security-scan.ts";
import { unitTests } from "./reports/unit-tests.ts";
import { type VariantName, variants } from "./variants.ts";

/** It describes the data alone, of which every variant is made. */
const schemas = oncePerDataset<ReturnType<typeof dataSchema>>();

/**
 * Everything a pipeline hands over for one variant: path in the output folder → text. The four artifacts lie at the
 * top, the evidence below `evidence/`. The same variant, image and version label give the same bytes.
 */
export function buildCandidate(
  name: VariantName,
  image: ContainerImage = localImage(),
  version: string = variants[name].version,
  dataset = committedDataset(),
): ReadonlyMap<string, string> {
  const trained = trainModel(dataset, { ...variants[name], version });
  const evaluation = evaluate(dataset, trained);
  const artifacts: readonly (readonly [string, string])[] = [
    ["model.json", trained.text],
    ["environment.json", reportJson(environment(image))],
    ["training-data.json", reportJson(trainingData(dataset))],
    ["training-data.csv", Buffer.from(dataset.bytes).toString("utf8")],
    ["infrastructure.json", reportJson(infrastructure(trained.model, image))],
  ];
  const scanned = scan([
    { name: "model.json", kind: "model", text: trained.text },
    { name: "scorer/serve.ts", kind: "program", text: readFileSync(scorerUrl, "utf8") },
    { name: "scorer/Dockerfile", kind: "dockerfile", text: readFileSync(new URL("./Dockerfile", scorerUrl), "utf8") },
    ...artifacts.slice(1).map(([path, text]) => ({ name: path, kind: "document" as const, text })),
  ]);
  const evidence: Readonly<Record<string, unknown>> = {
    "model-quality.json": modelQuality(evaluation),
    "model-quality.sagemaker.json": modelQualityForSageMaker(evaluation),
    "bias.json": bias(evaluation),
    "bias.sagemaker.json": biasForClarify(evaluation),
    "explainability.json": explainability(evaluation),
    "explainability.sagemaker.json": explainabilityForClarify(evaluation),
    "data-schema.json": schemas(dataset, "", () => dataSchema(dataset)),
    "security-scan.json": securityScan(scanned),
    "security-scan.sarif.json": securityScanSarif(scanned),
  };
  return new Map([
    ...artifacts,
    ["evidence/iac-plan.json", reportJson(infrastructure(trained.model, image))],
    ["evidence/unit-tests.xml", unitTests(trained.model)],
    ...Object.entries(evidence).map(([file, report]) => [`evidence/${file}`, reportJson(report)] as const),
  ]);
}
