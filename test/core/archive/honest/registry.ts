import type { ModelPackage, ModelPackages } from "../../../../adapters/sagemaker/model-package.ts";
import { Failure } from "../../../../core/failure.ts";
import type { FreezeManifest } from "../../../../core/promotion/freeze-manifest.ts";

/** The Model Registry, in memory: it has each version that a target names, unless somebody removes it or sets it by hand. */
export class Registry implements ModelPackages {
  readonly #versions = new Map<string, ModelPackage>();
  readonly #removed = new Set<string>();
  /** So many questions it does not answer. */
  silent = 0;

  /** A pipeline registers what it trained, and what it has made of it first stays that. */
  register({ target, artifacts }: FreezeManifest): void {
    const arn = "registry" in target ? target.registry : undefined;
    const modelSha256 = artifacts.find(({ role }) => role === "model")?.sha256;
    if (arn === undefined || this.#versions.has(arn)) return;
    this.#versions.set(arn, { status: "PendingManualApproval", modelSha256, ours: undefined });
  }

  async read(arn: string): Promise<ModelPackage | undefined> {
    this.#answer();
    return this.#removed.has(arn) ? undefined : this.#versions.get(arn);
  }

  readonly set: ModelPackages["set"] = async (arn, status, { promotion }) => {
    this.#answer();
    const known = this.#versions.get(arn);
    if (known === undefined || this.#removed.has(arn))
      throw new Failure("deployment-refused", "The Model Registry has no such version of the model.");
    this.#versions.set(arn, { ...known, status, ours: { status, promotion } });
  };

  /** Somebody sets a version by hand, removes it, or puts it back. */
  meddle(how: number): void {
    const arns = [...this.#versions.keys()];
    const arn = arns[how % Math.max(1, arns.length)];
    const known = arn === undefined ? undefined : this.#versions.get(arn);
    if (arn === undefined || known === undefined) return;
    const status = ["Rejected", "Approved", known.ours?.status ?? "PendingManualApproval"][how % 3] ?? known.status;
    if (how % 4 === 3) this.#removed.add(arn);
    else this.#removed.delete(arn);
    if (how % 4 !== 3) this.#versions.set(arn, { ...known, status });
  }

  /** Nobody has meddled with anything. */
  putRight(): void {
    this.silent = 0;
    this.#removed.clear();
    for (const [arn, known] of this.#versions)
      this.#versions.set(arn, { ...known, status: known.ours?.status ?? "PendingManualApproval" });
  }

  #answer(): void {
    if (this.silent === 0) return;
    this.silent -= 1;
    throw new Failure("unavailable", "The Model Registry does not answer.");
  }
}
