import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { oneOf, onlyCarried, requiredObject, requiredText, validationException } from "./input.ts";

/** How the stand-in reaches S3: through its API, as SageMaker does with the model's execution role. */
export interface ModelObjects {
  /** Bytes of `s3://bucket/key`; rejects where there are none. */
  readonly readObject: (s3Uri: string) => Promise<Uint8Array>;
  /** Leaves bytes or text at `s3://bucket/key`; without it, nothing can be captured, nor answered from a queue. */
  readonly writeObject?: (s3Uri: string, body: Uint8Array<ArrayBuffer> | string) => Promise<void>;
  /** URIs below `s3://bucket/prefix/`; without it, `S3Prefix` is refused. */
  readonly listObjects?: (s3Prefix: string) => Promise<readonly string[]>;
}

/** Where a model's files lie and how they are packed. */
export interface ModelData {
  readonly uri: string;
  readonly kind: "object" | "archive" | "prefix";
}

/**
 * Model data of a `PrimaryContainer`: `ModelDataUrl` (always a gzipped tar), or `ModelDataSource.S3DataSource`.
 * A version id has no place in either. `ETag` is kept and described, but nothing says that SageMaker would refuse
 * other bytes, so it is not relied on here; only an object that nobody can replace is safe.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html
 */
export function modelDataOf(container: JsonObject): ModelData {
  const url = container["ModelDataUrl"];
  if (url !== undefined) {
    if (container["ModelDataSource"] !== undefined) {
      throw validationException("ModelDataUrl and ModelDataSource cannot be given both.");
    }
    return { uri: s3Uri(container, "ModelDataUrl"), kind: "archive" };
  }
  const holder = requiredObject(container, "ModelDataSource");
  onlyCarried(holder, ["S3DataSource"], "ModelDataSource");
  const source = requiredObject(holder, "S3DataSource");
  onlyCarried(source, ["S3Uri", "S3DataType", "CompressionType", "ETag"], "S3DataSource");
  const uri = s3Uri(source, "S3Uri");
  const type = oneOf(source, "S3DataType", ["S3Object", "S3Prefix"]);
  const compression = oneOf(source, "CompressionType", ["None", "Gzip"]);
  if (type === "S3Object") return { uri, kind: compression === "Gzip" ? "archive" : "object" };
  if (compression === "Gzip") throw validationException("S3Prefix cannot be used with CompressionType Gzip.");
  if (!uri.endsWith("/")) throw validationException(`S3Uri "${uri}" must end with a forward slash for S3Prefix.`);
  return { uri, kind: "prefix" };
}

function s3Uri(holder: JsonObject, member: string): string {
  const uri = requiredText(holder, member);
  if (!/^s3:\/\/[^/?]+\/[^?]+$/.test(uri)) throw validationException(`"${uri}" is not the S3 URI of an object.`);
  return uri;
}

/** Refuses model data that is not there, as CreateModel does. */
export async function checkModelData(data: ModelData, objects: ModelObjects): Promise<void> {
  try {
    if (data.kind !== "prefix") await objects.readObject(data.uri);
    else if ((await listed(data, objects)).length === 0) throw new Error("nothing lies below it");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw validationException(`Could not find model data at ${data.uri}. (${why})`);
  }
}

/** Puts the model's files into `directory`, as they come under /opt/ml/model. */
export async function downloadModelData(data: ModelData, objects: ModelObjects, directory: string): Promise<void> {
  switch (data.kind) {
    case "object":
      // SageMaker names the file after the last part of the key.
      return place(directory, data.uri.split("/").at(-1) ?? "", await objects.readObject(data.uri));
    case "prefix":
      for (const uri of await listed(data, objects)) {
        place(directory, uri.slice(data.uri.length), await objects.readObject(uri));
      }
      return;
    case "archive":
      return unpackInto(directory, await objects.readObject(data.uri));
    default:
      return data.kind satisfies never;
  }
}

/** Puts the files of a gzipped tar into `directory`. Throws for a name that leads out of it, for links and the like. */
export function unpackInto(directory: string, archive: Uint8Array): void {
  for (const file of tarFiles(gunzipSync(archive))) place(directory, file.name, file.bytes);
}

async function listed(data: ModelData, objects: ModelObjects): Promise<readonly string[]> {
  if (objects.listObjects === undefined) throw new Error("S3Prefix is not carried here");
  return objects.listObjects(data.uri);
}

function place(directory: string, name: string, bytes: Uint8Array): void {
  const parts = name.split("/");
  const forbidden = (part: string) => part === "" || part === "." || part === ".." || part.includes("\0");
  if (parts.some(forbidden)) throw new Error(`Model data cannot have a file named "${name}".`);
  const path = join(directory, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Regular files of a POSIX ustar archive (IEEE Std 1003.1, pax "ustar Interchange Format"); links and the like are refused. */
function tarFiles(archive: Uint8Array): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (let offset = 0; offset + 512 <= archive.length && archive[offset] !== 0; ) {
    const header = Buffer.from(archive.subarray(offset, offset + 512));
    const field = (start: number, length: number) =>
      header
        .subarray(start, start + length)
        .toString("utf8")
        .replace(/\0.*$/s, "");
    const size = Number.parseInt(field(124, 12).trim() || "0", 8);
    const type = field(156, 1);
    const prefix = field(257, 5) === "ustar" ? field(345, 155) : "";
    const name = `${prefix === "" ? "" : `${prefix}/`}${field(0, 100)}`.replace(/^\.\//, "");
    if (!Number.isInteger(size) || offset + 512 + size > archive.length)
      throw new Error("The model archive is broken.");
    const bytes = archive.subarray(offset + 512, offset + 512 + size);
    if (type === "0" || type === "") files.push({ name, bytes });
    else if (!isHarmless(type, bytes)) throw new Error(`The model archive holds "${name}", which is no regular file.`);
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** A directory, or a pax header that says no more than times and owners. */
function isHarmless(type: string, bytes: Uint8Array): boolean {
  const isPaxHeader = type === "x" || type === "g";
  return type === "5" || (isPaxHeader && !/ (path|linkpath|size)=/.test(Buffer.from(bytes).toString("utf8")));
}

/** `Environment` of a container: text by name. */
export function environmentOf(container: JsonObject): Readonly<Record<string, string>> {
  const given = container["Environment"] ?? {};
  if (!isRecord(given)) throw validationException("Environment must be a map.");
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (typeof value !== "string") throw validationException(`Environment ${name} must be text.`);
      return [name, value];
    }),
  );
}
