import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { downloadModelData, modelDataOf } from "../../../local/sagemaker/model-data.ts";

// Written by GNU tar 1.34: ./, ./model.json with {"a":1}, ./sub/, ./sub/note.txt with deep.
const archive =
  "H4sIAAAAAAAAA+3V0QqCMBTG8T2K+ABztqnQ2xjuJkojJwTRu6t1UxIFxdGg/+/m7O4c+OCbTpQ4Myiy7DoH0/nknRu3UlEmf5pSXRvKYxTNseoX6WTfVH6nt21TS+0YQ82de5F/8Zh/aowd8jdSB9378/zPcRmv08vSZ2AhOmm7jfAf8EH/59bS/3O45V83wetwCjI73ve/m/a/HfOn/+VV3h+WvgEAAAAAAAAAAAAA8L0eaM5AhAAoAAA=";
// Written by GNU tar 1.34: evil, a symbolic link to /etc/passwd.
const archiveWithLink =
  "H4sIAAAAAAAAA+3OOw5AQAAEUEfZG/hE7HkEhUQh1uf6REm93XvNTDWZ6ZyXIrPqEWN88/HNf6+rrm2K0JTTPpRrn9I1Zjt3pL3fQsi2DwAAAAAAAAAAABncoZcC3wAoAAA=";

const folder = mkdtempSync(join(tmpdir(), "model-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

function source(uri: string, type: string, compression: string) {
  return { ModelDataSource: { S3DataSource: { S3Uri: uri, S3DataType: type, CompressionType: compression } } };
}

async function download(container: Parameters<typeof modelDataOf>[0], objects: Readonly<Record<string, Uint8Array>>) {
  const directory = mkdtempSync(join(folder, "model-"));
  const readObject = async (uri: string) => objects[uri] ?? Promise.reject(new Error("NoSuchKey"));
  const listObjects = async (prefix: string) => Object.keys(objects).filter((uri) => uri.startsWith(prefix));
  await downloadModelData(modelDataOf(container), { readObject, listObjects }, directory);
  return directory;
}

const bytes = Buffer.from("{}");

describe("model data", () => {
  it("that is one object is named after the last part of its key", async () => {
    const directory = await download(source("s3://b/sha256/abc", "S3Object", "None"), { "s3://b/sha256/abc": bytes });
    expect(readdirSync(directory)).toEqual(["abc"]);
  });

  it("below a prefix keeps its folders", async () => {
    const objects = { "s3://b/m/model.json": bytes, "s3://b/m/sub/note.txt": bytes, "s3://b/other": bytes };
    const directory = await download(source("s3://b/m/", "S3Prefix", "None"), objects);
    expect(readdirSync(directory, { recursive: true }).toSorted()).toEqual(["model.json", "sub", "sub/note.txt"]);
  });

  it.each([
    ["as ModelDataUrl", { ModelDataUrl: "s3://b/model.tar.gz" }],
    ["as a compressed source", source("s3://b/model.tar.gz", "S3Object", "Gzip")],
  ])("in an archive is unpacked, given %s", async (_, container) => {
    const directory = await download(container, { "s3://b/model.tar.gz": Buffer.from(archive, "base64") });
    expect(readFileSync(join(directory, "model.json"), "utf8")).toBe('{"a":1}');
    expect(readFileSync(join(directory, "sub", "note.txt"), "utf8")).toBe("deep");
  });

  it("with a link in its archive is refused", async () => {
    const objects = { "s3://b/model.tar.gz": Buffer.from(archiveWithLink, "base64") };
    await expect(download({ ModelDataUrl: "s3://b/model.tar.gz" }, objects)).rejects.toThrow("no regular file");
  });

  it.each(["s3://b/m/../../etc", "s3://b/m//x", "s3://b/m/."])(
    "cannot be placed outside its folder by %s",
    async (uri) => {
      await expect(download(source("s3://b/m/", "S3Prefix", "None"), { [uri]: bytes })).rejects.toThrow(
        "cannot have a file",
      );
    },
  );

  it.each([
    ["a prefix without its slash", source("s3://b/m", "S3Prefix", "None"), "must end with a forward slash"],
    ["a compressed prefix", source("s3://b/m/", "S3Prefix", "Gzip"), "cannot be used with CompressionType Gzip"],
    [
      "both ways at once",
      { ...source("s3://b/m", "S3Object", "None"), ModelDataUrl: "s3://b/m" },
      "cannot be given both",
    ],
    ["another store", source("https://b/m", "S3Object", "None"), "is not the S3 URI"],
    ["an unknown type", source("s3://b/m", "S3File", "None"), "failed to satisfy constraint"],
  ])("is refused for %s", (_, container, message) => {
    expect(() => modelDataOf(container)).toThrow(message);
  });
});
