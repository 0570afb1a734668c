import { foreignId, hasOwnId } from "./documents/record-ids.ts";
import { attempt } from "./history/promotion-history.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import type { Found } from "./pack/compare-view.ts";
import { documents, recordsAt } from "./pack/pack-documents.ts";
import { recordPath } from "./pack/pack-layout.ts";
import { documentsLeftOut, isWithoutPersonalData, type PackManifest } from "./pack/pack-manifest.ts";
import { type KeptDocument, keptDocuments, whyLeftOutWrongly } from "./pack/personal-data.ts";
import { installationIntruders } from "./promotion/verify-intruders.ts";
import type { PackSource } from "./zip/pack-source.ts";

export interface InstallationInput {
  readonly source: PackSource;
  readonly manifest: PackManifest;
  readonly inspected: Pick<InspectedRecords, "installation">;
}

/**
 * Records about the installation itself belong to no promotion; their documents must be there all the same, and what they tell
 * of what runs without an approval is what these come to. Answers which of their personal documents were kept.
 */
export async function verifyInstallation(
  { source, inspected, manifest }: InstallationInput,
  found: Found,
): Promise<readonly KeptDocument[]> {
  const kept: KeptDocument[] = [];
  const leftOut = documentsLeftOut(manifest);
  const left = { leftOut, withoutPersonalData: isWithoutPersonalData(manifest) };
  const read = documents(source, leftOut, found);
  const intruders = installationIntruders(manifest.scope.kind === "everything", read);
  const said = async (path: string, wrong: () => Promise<string | undefined>) => {
    const sentence = await attempt("deployment-differs", path, found, wrong);
    if (sentence !== undefined) found("deployment-differs", path, sentence);
  };
  for (const index of inspected.installation) {
    // One after the other: there may be a million of them.
    for (const { record } of await recordsAt([index], source)) {
      for (const { sha256 } of record.attachments) await read(sha256);
      const path = recordPath(index);
      if (!hasOwnId(record)) found("life-cycle", path, foreignId(record));
      const wrong = whyLeftOutWrongly(record, left);
      if (wrong !== undefined) found("manifest-differs", path, wrong);
      kept.push(...keptDocuments({ record, index }, left));
      await said(path, () => intruders.recheck({ record, index }));
    }
  }
  for (const { index, wrong } of intruders.answers()) await said(recordPath(index), wrong);
  return kept;
}
