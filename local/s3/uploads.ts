import { randomBytes } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { ReceivedBody } from "./body.ts";
import type { ChecksumAlgorithm } from "./checksum.ts";
import { S3Error } from "./error.ts";
import type { Retention } from "./retention.ts";

/** A multipart upload under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly retention?: Retention;
  readonly algorithm: ChecksumAlgorithm;
  readonly checksumType: "FULL_OBJECT" | "COMPOSITE";
}

/** A part that has arrived. */
export interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** base64 checksum of the part in the upload's algorithm. */
  readonly checksum: string;
}

/** The uploads under way in one bucket, each a folder with `upload.json` and two files per part. */
export class Uploads {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  create(upload: Omit<Upload, "id">): Upload {
    const created = { ...upload, id: randomBytes(24).toString("base64url") };
    mkdirSync(join(this.#directory, created.id));
    writeFileSync(join(this.#directory, created.id, "upload.json"), JSON.stringify(created));
    return created;
  }

  /** The upload `id` of `key`, or `NoSuchUpload`. */
  find(id: string, key: string): Upload {
    const path = join(this.#directory, id, "upload.json");
    const known = /^[\w-]{32}$/.test(id) && existsSync(path);
    const upload = known ? (JSON.parse(readFileSync(path, "utf8")) as Upload) : undefined;
    if (upload?.key !== key) {
      throw new S3Error(
        404,
        "NoSuchUpload",
        "The specified upload does not exist. It may have been aborted or completed.",
      );
    }
    return upload;
  }

  /** Takes the file at `incoming` as part `number`, in place of an earlier one of that number. */
  keepPart(upload: Upload, number: number, incoming: string, body: ReceivedBody): Part {
    const checksum = body.checksums[upload.algorithm];
    if (checksum === undefined) {
      const given = Object.keys(body.checksums).join().toUpperCase();
      const what = `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm}, actual checksum Type: ${given}`;
      throw new S3Error(400, "InvalidRequest", what);
    }
    const part = { number, size: body.size, etag: `"${body.md5.toString("hex")}"`, checksum };
    renameSync(incoming, this.#path(upload, number, "bin"));
    writeFileSync(this.#path(upload, number, "json"), JSON.stringify(part));
    return part;
  }

  /** Parts that have arrived, by number. */
  parts(upload: Upload): ReadonlyMap<number, Part> {
    const names = readdirSync(join(this.#directory, upload.id)).filter((name) => /^\d+\.json$/.test(name));
    const read = (name: string) => JSON.parse(readFileSync(join(this.#directory, upload.id, name), "utf8")) as Part;
    return new Map(names.map(read).map((part) => [part.number, part]));
  }

  /** The bytes of `parts`, one after the other. */
  async *bytes(upload: Upload, parts: readonly Part[]): AsyncGenerator<Buffer> {
    for (const { number } of parts) yield* createReadStream(this.#path(upload, number, "bin")) as AsyncIterable<Buffer>;
  }

  remove(upload: Upload): void {
    rmSync(join(this.#directory, upload.id), { recursive: true, force: true });
  }

  #path(upload: Upload, number: number, kind: "bin" | "json"): string {
    return join(this.#directory, upload.id, `${number}.${kind}`);
  }
}
