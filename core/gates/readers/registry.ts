import type { EvidenceKind } from "../../promotion/freeze-manifest.ts";
import type { EvidenceReader } from "../evidence-reader.ts";
import { clarifyBias } from "./clarify-bias.ts";
import { clarifyShap } from "./clarify-shap.ts";
import { cloudformationChangeSet } from "./cloudformation-change-set.ts";
import { cyclonedxModelCard, cyclonedxModelQuality, cyclonedxVulnerabilities } from "./cyclonedx.ts";
import { driftReport } from "./drift-report.ts";
import { fairlearnMetricFrame } from "./fairlearn-metric-frame.ts";
import { greatExpectations } from "./great-expectations.ts";
import { junit } from "./junit.ts";
import { mlflowMetrics, mlflowToxicity } from "./mlflow-metrics.ts";
import { plainBias } from "./plain-bias.ts";
import { plainDataSchema } from "./plain-data-schema.ts";
import { plainDataValidation, plainShadowRun, plainToxicity, plainUnitTests } from "./plain-measures.ts";
import { plainModelQuality } from "./plain-model-quality.ts";
import { plainSecurityScan } from "./plain-security-scan.ts";
import { plainShap } from "./plain-shap.ts";
import { policyCheck } from "./policy-check.ts";
import { plainModelCard, sagemakerModelCard, sagemakerModelCardQuality } from "./sagemaker-model-card.ts";
import { sagemakerModelQuality } from "./sagemaker-model-quality.ts";
import { sarif } from "./sarif.ts";
import { terraformPlan } from "./terraform-plan.ts";

/** Every format that is understood. A new one is a file beside these and a line here. */
export const evidenceReaders: readonly EvidenceReader[] = [
  sagemakerModelQuality,
  sagemakerModelCardQuality,
  mlflowMetrics,
  cyclonedxModelQuality,
  plainModelQuality,
  clarifyBias,
  fairlearnMetricFrame,
  plainBias,
  clarifyShap,
  plainShap,
  plainDataSchema,
  greatExpectations,
  plainDataValidation,
  mlflowToxicity,
  plainToxicity,
  plainShadowRun,
  junit,
  plainUnitTests,
  plainSecurityScan,
  sarif,
  cyclonedxVulnerabilities,
  terraformPlan,
  cloudformationChangeSet,
  sagemakerModelCard,
  cyclonedxModelCard,
  plainModelCard,
  driftReport,
  policyCheck,
];

/** The reader for a kind and a format, where there is one. */
export function readerFor(kind: EvidenceKind, format: string): EvidenceReader | undefined {
  return evidenceReaders.find((reader) => reader.kind === kind && reader.format === format);
}
