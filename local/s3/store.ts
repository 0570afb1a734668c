import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { type JsonLines, openJsonLines } from "../json-lines.ts";
import type { Checksums } from "./checksum.ts";
import { S3Error } from "./error.ts";
import { assertRemovable, assertRetentionChange, type Retention } from "./retention.ts";

/** A bucket's settings, as code creates it from the template. */
export interface BucketSettings {
  readonly name: string;
  readonly versioning: boolean;
  /** Object Lock with a default retention for every new version; `days` from the moment it is written. */
  readonly objectLock?: { readonly mode: Retention["mode"]; readonly days: number };
  /** Pages of any origin may read by GET: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */
  readonly readByPages?: boolean;
}

/** One version of one object, or a delete marker. */
export interface StoredVersion {
  readonly key: string;
  /** `null` (the word) in a bucket without versioning. */
  readonly id: string;
  readonly at: string;
  /** File under `blobs/` that holds the bytes; none for a delete marker. */
  readonly blob?: string;
  readonly size: number;
  readonly etag: string;
  /** Content-Type and its like, and `x-amz-meta-*`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Checksums;
  readonly checksumType: "FULL_OBJECT" | "COMPOSITE";
  readonly retention?: Retention;
}

/** What a writer demands of the current version before its own becomes current. */
export interface WriteCondition {
  readonly ifNoneMatch: boolean;
  readonly ifMatch?: string;
}

type JournalLine =
  | { readonly put: StoredVersion }
  | { readonly remove: { readonly key: string; readonly id: string } }
  | { readonly retain: { readonly key: string; readonly id: string; readonly retention?: Retention } };

/**
 * One bucket on disk: bytes in `blobs/`, everything else in `journal.jsonl`, which is read back at start. A change
 * is checked, applied and written to the journal in one synchronous step, so that two writers of one key can never both win
 * and a change that was answered survives the end of the process.
 */
export class Bucket {
  readonly settings: BucketSettings;
  readonly #directory: string;
  readonly #versions = new Map<string, readonly StoredVersion[]>();
  /** Every key that has versions, in S3's order: by UTF-8 bytes. */
  readonly #keys: string[] = [];
  readonly #journal: JsonLines;

  constructor(directory: string, settings: BucketSettings) {
    this.settings = settings;
    this.#directory = directory;
    mkdirSync(join(directory, "blobs"), { recursive: true });
    // What was still arriving when the process ended was never answered.
    rmSync(join(directory, "incoming"), { recursive: true, force: true });
    mkdirSync(join(directory, "incoming"));
    const { documents, file } = openJsonLines(join(directory, "journal.jsonl"));
    for (const line of documents) this.#apply(line as JournalLine, false);
    this.#journal = file;
  }

  /** A path for a body that is still arriving. */
  incomingPath(): string {
    return join(this.#directory, "incoming", randomBytes(16).toString("hex"));
  }

  blobPath(version: StoredVersion): string {
    return join(this.#directory, "blobs", version.blob?.slice(0, 2) ?? "", version.blob ?? "");
  }

  /** Versions of `key`, oldest first. */
  versions(key: string): readonly StoredVersion[] {
    return this.#versions.get(key) ?? [];
  }

  current(key: string): StoredVersion | undefined {
    return this.versions(key).at(-1);
  }

  /** Keys at or after `from` in S3's order. */
  *keysFrom(from: string): Generator<string, void, string | undefined> {
    let at = this.#position(from);
    for (let key = this.#keys[at]; key !== undefined; key = this.#keys[at]) {
      const jump = yield key;
      at = jump === undefined ? at + 1 : this.#position(jump);
    }
  }

  /** Refuses with 412 (or 404, as S3 does for If-Match on nothing) where `condition` does not hold now. */
  assertCondition(key: string, condition: WriteCondition): void {
    const current = this.current(key);
    // A delete marker counts as no object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    const exists = current?.blob !== undefined;
    if (condition.ifNoneMatch && exists) throw preconditionFailed("If-None-Match");
    if (condition.ifMatch === undefined) return;
    if (!exists) throw new S3Error(404, "NoSuchKey", "The specified key does not exist.");
    if (current.etag !== condition.ifMatch) throw preconditionFailed("If-Match");
  }

  /** Makes the file at `incoming` the current version of `draft.key`, if `condition` holds at this very moment. */
  commit(incoming: string, draft: Omit<StoredVersion, "id" | "blob">, condition: WriteCondition): StoredVersion {
    this.assertCondition(draft.key, condition);
    const blob = randomBytes(16).toString("hex");
    const version = { ...draft, id: this.#newVersionId(), blob };
    const path = this.blobPath(version);
    mkdirSync(join(path, ".."), { recursive: true });
    renameSync(incoming, path);
    this.#apply({ put: version }, true);
    return version;
  }

  /** Puts a delete marker before the versions of `key`; without versioning, removes the object. */
  delete(key: string, at: string): StoredVersion | undefined {
    if (!this.settings.versioning) {
      const current = this.current(key);
      if (current !== undefined) this.#apply({ remove: { key, id: current.id } }, true);
      return undefined;
    }
    const id = this.#newVersionId();
    const marker: StoredVersion = {
      key,
      id,
      at,
      size: 0,
      etag: "",
      headers: {},
      checksums: {},
      checksumType: "FULL_OBJECT",
    };
    this.#apply({ put: marker }, true);
    return marker;
  }

  /** Removes one version for good, unless its retention forbids it; `undefined` where there is none. */
  deleteVersion(key: string, id: string, now: number, bypass: boolean): StoredVersion | undefined {
    const version = this.versions(key).find((candidate) => candidate.id === id);
    if (version === undefined) return undefined;
    assertRemovable(version.retention, now, bypass);
    this.#apply({ remove: { key, id } }, true);
    return version;
  }

  /** Changes the retention of a version, as far as the present one lets it be changed. */
  retain(version: StoredVersion, retention: Retention | undefined, now: number, bypass: boolean): void {
    assertRetentionChange(version.retention, retention, now, bypass);
    const { key, id } = version;
    this.#apply({ retain: retention === undefined ? { key, id } : { key, id, retention } }, true);
  }

  close(): void {
    this.#journal.close();
  }

  #apply(line: JournalLine, live: boolean): void {
    if (live) this.#journal.append(line);
    if ("put" in line) {
      const { key } = line.put;
      const before = this.#versions.get(key);
      if (before === undefined) this.#keys.splice(this.#position(key), 0, key);
      // Without versioning every version is called "null" and takes the place of the one before.
      const kept = (before ?? []).filter((version) => version.id !== line.put.id);
      if (live && before !== undefined && kept.length < before.length) this.#removeBlob(before.at(-1));
      this.#versions.set(key, [...kept, line.put]);
    } else if ("remove" in line) {
      const { key, id } = line.remove;
      const before = this.versions(key);
      const kept = before.filter((version) => version.id !== id);
      if (live) this.#removeBlob(before.find((version) => version.id === id));
      if (kept.length > 0) this.#versions.set(key, kept);
      else if (this.#versions.delete(key)) this.#keys.splice(this.#position(key), 1);
    } else {
      const { key, id, retention } = line.retain;
      const changed = this.versions(key).map((version) => {
        if (version.id !== id) return version;
        const { retention: _before, ...rest } = version;
        return retention === undefined ? rest : { ...rest, retention };
      });
      this.#versions.set(key, changed);
    }
  }

  #removeBlob(version: StoredVersion | undefined): void {
    if (version?.blob !== undefined) rmSync(this.blobPath(version), { force: true });
  }

  #position(key: string): number {
    const wanted = Buffer.from(key);
    let low = 0;
    let high = this.#keys.length;
    // The usual new key comes last: look there first.
    const last = this.#keys[high - 1];
    if (last === undefined || Buffer.compare(Buffer.from(last), wanted) < 0) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(Buffer.from(this.#keys[middle] ?? ""), wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #newVersionId(): string {
    return this.settings.versioning ? randomBytes(24).toString("base64url") : "null";
  }
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    412,
    "PreconditionFailed",
    `At least one of the pre-conditions you specified did not hold: ${condition}.`,
  );
}
