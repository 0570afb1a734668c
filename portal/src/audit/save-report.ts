import { reportPath } from "../../../core/archive/pack/pack-layout.ts";
import { readWhole } from "../../../core/archive/zip/pack-source.ts";
import { openZip } from "../../../core/archive/zip/read-zip.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { saveFile } from "../ui/save-file.ts";
import { accessTo } from "./verifier/file-access.ts";

/** Hands the reader a promotion's report out of a pack. It was compared with the records when the pack was verified. */
export async function saveReport(pack: File, promotion: PromotionId): Promise<void> {
  const opened = await openZip(accessTo(pack));
  if (opened.kind === "refused") return;
  const bytes = await readWhole(opened.source, reportPath(promotion));
  if (bytes !== undefined) saveFile(new File([new Uint8Array(bytes)], `${promotion}.html`, { type: "text/html" }));
}
