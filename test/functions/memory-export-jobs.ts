import type { ExportBook } from "../../core/archive/export/export-book.ts";
import type { ExportId, ExportJob } from "../../core/archive/export/export-job.ts";
import { type Identity, identityKey } from "../../core/promotion/identity.ts";

/** Exports in memory: the same conditions as adapters/dynamodb/export-jobs.ts, nothing else. */
export class MemoryExportJobs {
  readonly #jobs = new Map<ExportId, ExportJob>();
  readonly #recent = new Map<string, ExportBook>();

  /** What is stored; fails the test where nothing is. */
  stored(id: ExportId): ExportJob {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Error("There is no such export.");
    return job;
  }

  all(): readonly ExportJob[] {
    return [...this.#jobs.values()];
  }

  /** Replaces what is stored, as another attempt would meanwhile. */
  put(job: ExportJob): void {
    this.#jobs.set(job.id, job);
  }

  readonly load = async (id: ExportId): Promise<ExportJob | undefined> => this.#jobs.get(id);

  readonly create = async (job: ExportJob): Promise<void> => {
    if (this.#jobs.has(job.id)) throw new Error("The conditional request failed");
    this.#jobs.set(job.id, job);
  };

  readonly recentOf = async (by: Identity): Promise<ExportBook | undefined> => this.#recent.get(identityKey(by));

  readonly noteRecent = async (by: Identity, next: ExportBook): Promise<"moved" | "lost"> => {
    if ((this.#recent.get(identityKey(by))?.revision ?? 0) !== next.revision - 1) return "lost";
    this.#recent.set(identityKey(by), next);
    return "moved";
  };

  readonly move = async (next: ExportJob): Promise<"moved" | "lost"> => {
    if (this.#jobs.get(next.id)?.revision !== next.revision - 1) return "lost";
    this.#jobs.set(next.id, next);
    return "moved";
  };
}
