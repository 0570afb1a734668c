import { mayReport } from "../../core/approval/loading/load-machines.ts";
import type { Submitter } from "../../core/approval/machine-identity.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { Source } from "../../core/promotion/promotion.ts";
import { requireDeclared } from "../../core/promotion/reported-file.ts";
import type { DeclaredFile } from "../../core/promotion/request.ts";

/** A report is read into memory, so it has a limit. */
const largestReport = 16 * 1024 * 1024;

/** Where reports lie that were declared, and where they are kept. */
export interface ReportFilePorts {
  readonly files: { readSource(name: string, source: Source, largest: number): Promise<Uint8Array> };
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
}

/** Keeps the report under its digest, once its bytes are the declared ones: a fact names nothing that is not there. */
export async function keepReport(ports: ReportFilePorts, file: DeclaredFile): Promise<void> {
  const { name, uri, versionId, mediaType } = file;
  const source = versionId === undefined ? { uri } : { uri, versionId };
  const bytes = await ports.files.readSource(name, source, largestReport);
  requireDeclared(file, bytes);
  await ports.blobs.put(bytes, mediaType);
}

/** Throws `forbidden` unless the pipeline may tell what became of the model. */
export function requireReporter({ machine }: Submitter, model: string): void {
  if (mayReport(machine, model)) return;
  throw new Failure("forbidden", `The pipeline '${machine.name}' may not report about the model '${model}'.`);
}
