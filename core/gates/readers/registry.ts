import type { EvidenceKind } from "../../promotion/freeze-manifest.ts";
import type { EvidenceReader } from "../evidence-reader.ts";
import { clarifyBias } from "./clarify-bias.ts";
import { clarifyShap } from "./clarify-shap.ts";
import { plainBias } from "./plain-bias.ts";
import { plainDataSchema } from "./plain-data-schema.ts";
import { plainModelQuality } from "./plain-model-quality.ts";
import { plainSecurityScan } from "./plain-security-scan.ts";
import { plainShap } from "./plain-shap.ts";
import { sagemakerModelQuality } from "./sagemaker-model-quality.ts";
import { sarif } from "./sarif.ts";

/** Every format that is understood. A new one is a file beside these and a line here. */
export const evidenceReaders: readonly EvidenceReader[] = [
  sagemakerModelQuality,
  plainModelQuality,
  clarifyBias,
  plainBias,
  clarifyShap,
  plainShap,
  plainDataSchema,
  plainSecurityScan,
  sarif,
];

/** The reader for a kind and a format, where there is one. */
export function readerFor(kind: EvidenceKind, format: string): EvidenceReader | undefined {
  return evidenceReaders.find((reader) => reader.kind === kind && reader.format === format);
}
