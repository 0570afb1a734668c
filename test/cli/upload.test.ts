import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { globalAgent } from "node:http";
import type { LookupFunction } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { foundFiles, measuredFiles } from "../../cli/candidate-files.ts";
import { uploadTo } from "../../cli/upload.ts";
import { listenOnLoopback } from "../../local/loopback-server.ts";
import { freePort } from "../../local/ports.ts";
import { startS3 } from "../../local/s3/s3.ts";
import { refused } from "../core/refusal.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../local/recorded-calls.ts";

async function scene() {
  const local = await startS3({ directory: scratchDirectory(), log: new RecordedCalls(), clock: Date.now });
  onTestFinished(() => local.close());
  local.createBucket({ name: "exchange", versioning: true });
  // The credentials of a CI job are in its environment.
  vi.stubEnv("AWS_ENDPOINT_URL", local.url);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = mkdtempSync(join(tmpdir(), "countersign-upload-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const measured = async (name: string) => {
    const entry = { name, mediaType: "application/json" };
    const [file] = await measuredFiles(await foundFiles({ artifacts: [entry], evidence: [] }, folder));
    return file ?? expect.unreachable();
  };
  return { folder, measured };
}

describe("an upload", () => {
  it("puts the file under the run's folder, and answers where and in which version", async () => {
    const { folder, measured } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    const { uri, versionId } = await uploadTo("exchange")(await measured("model.json"), "77-1");
    expect(uri).toBe("s3://exchange/incoming/77-1/model.json");
    const got = await new S3Client({}).send(
      new GetObjectCommand({ Bucket: "exchange", Key: "incoming/77-1/model.json", VersionId: versionId }),
    );
    expect([await got.Body?.transformToString(), got.ContentType]).toEqual(["the model", "application/json"]);
  });

  it("sends a file that does not fit into memory as a stream", async () => {
    const { folder, measured } = await scene();
    // A sparse file: 65 MiB that cost no space.
    writeFileSync(join(folder, "large.json"), "");
    truncateSync(join(folder, "large.json"), 65 * 1024 ** 2);
    const file = await measured("large.json");
    expect(await uploadTo("exchange")(file, "77-1")).toMatchObject({ uri: "s3://exchange/incoming/77-1/large.json" });
  });

  describe("of a file that one PUT does not carry", () => {
    const sizes = { largestInOne: 1024, partBytes: 5 * 1024 ** 2 };
    const bytes = Buffer.concat([
      Buffer.alloc(sizes.partBytes, "a"),
      Buffer.alloc(sizes.partBytes, "b"),
      Buffer.from("c"),
    ]);

    it("goes in parts", async () => {
      const { folder, measured } = await scene();
      writeFileSync(join(folder, "model.bin"), bytes);
      const { uri, versionId } = await uploadTo("exchange", sizes)(await measured("model.bin"), "77-1");
      expect(uri).toBe("s3://exchange/incoming/77-1/model.bin");
      const got = await new S3Client({}).send(
        new GetObjectCommand({ Bucket: "exchange", Key: "incoming/77-1/model.bin", VersionId: versionId }),
      );
      expect([got.ContentType, got.ETag]).toEqual(["application/json", expect.stringMatching(/-3"$/)]);
      expect(Buffer.compare((await got.Body?.transformToByteArray()) ?? Buffer.of(), bytes)).toBe(0);
    });

    it.each([
      ["is gone", (path: string) => rmSync(path), /^.+model\.bin cannot be used: it is not there \(ENOENT\)\.$/],
      ["was cut", (path: string) => truncateSync(path, 1024), /exchange: it changed after it was measured\.$/],
    ])("is refused where it %s since it was measured", async (_, change, words) => {
      const { folder, measured } = await scene();
      const path = join(folder, "model.bin");
      writeFileSync(path, bytes);
      const file = await measured("model.bin");
      change(path);
      const { code, sentence } = await refused(uploadTo("exchange", sizes)(file, "77-1"));
      expect([code, sentence]).toEqual(["invalid-request", expect.stringMatching(words)]);
    });
  });

  it("goes through the proxy that the job's environment names", async () => {
    const { folder } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    const asked: string[] = [];
    const proxy = await listenOnLoopback((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(403).end();
    });
    onTestFinished(() => proxy.close());
    // Node reads these as it starts.
    const environment = { ...process.env, NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy.url, NO_PROXY: "", no_proxy: "" };
    const file = {
      name: "model.json",
      path: "model.json",
      location: join(folder, "model.json"),
      mediaType: "application/json",
    };
    const script = `const { uploadTo } = await import(${JSON.stringify(new URL("../../cli/upload.ts", import.meta.url).href)});
      await uploadTo("exchange")(${JSON.stringify({ ...file, size: 9, sha256: "0".repeat(64) })}, "77-1").catch(() => undefined);`;
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { env: environment });
    expect(asked[0]).toMatch(/^PUT http:\/\/127\.0\.0\.1:[0-9]+\/exchange\/incoming\/77-1\/model\.json/);
  });

  it.each([
    ["has other bytes", "THE MODEL"],
    ["is longer", "the model!"],
    ["is shorter", "the mode"],
  ])("is refused where the file %s since it was measured", async (_, bytes) => {
    const { folder, measured } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    const file = await measured("model.json");
    writeFileSync(join(folder, "model.json"), bytes);
    expect(await refused(uploadTo("exchange")(file, "77-1"))).toMatchObject({
      code: "invalid-request",
      sentence: "'model.json' could not be uploaded to exchange: it changed after it was measured.",
    });
  });

  it.each([
    ["is gone", (path: string) => rmSync(path), /^.+large\.json cannot be used: it is not there \(ENOENT\)\.$/],
    ["was cut", (path: string) => truncateSync(path, 1024), /exchange: it changed after it was measured\.$/],
  ])("is refused where a file that does not fit into memory %s since it was measured", async (_, change, words) => {
    const { folder, measured } = await scene();
    const path = join(folder, "large.json");
    writeFileSync(path, "");
    truncateSync(path, 65 * 1024 ** 2);
    const file = await measured("large.json");
    change(path);
    const { code, sentence } = await refused(uploadTo("exchange")(file, "77-1"));
    expect([code, sentence]).toEqual(["invalid-request", expect.stringMatching(words)]);
  });

  it("takes of a file that grows what was measured", async () => {
    const { folder, measured } = await scene();
    const path = join(folder, "large.json");
    writeFileSync(path, "");
    truncateSync(path, 65 * 1024 ** 2);
    const file = await measured("large.json");
    truncateSync(path, 66 * 1024 ** 2);
    expect(await uploadTo("exchange")(file, "77-1")).toMatchObject({ uri: "s3://exchange/incoming/77-1/large.json" });
  });

  it("into a bucket that is not there is refused in one line, and is not worth another try", async () => {
    const { folder, measured } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    expect(await refused(uploadTo("elsewhere")(await measured("model.json"), "1"))).toMatchObject({
      code: "invalid-request",
      sentence: "'model.json' could not be uploaded to elsewhere: S3 says NoSuchBucket.",
    });
  });

  it("by a job without a region is refused, and says what the job lacks", async () => {
    const { folder, measured } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
    const { code, sentence } = await refused(uploadTo("exchange")(await measured("model.json"), "1"));
    expect([code, sentence]).toEqual([
      "invalid-request",
      expect.stringContaining("no AWS region or no AWS credentials"),
    ]);
  });

  it("to a storage that is away may be tried again", async () => {
    const { folder, measured } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${await freePort()}`);
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    expect(await refused(uploadTo("exchange")(await measured("model.json"), "1"))).toMatchObject({
      code: "unavailable",
      sentence: "'model.json' could not be uploaded to exchange: nothing listens there (ECONNREFUSED).",
    });
  });

  it("to a storage with several addresses, of which none answers, says why as well", async () => {
    const { folder, measured } = await scene();
    writeFileSync(join(folder, "model.json"), "the model");
    vi.stubEnv("AWS_ENDPOINT_URL", `http://storage.example:${await freePort()}`);
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    const both = [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ];
    const { options } = globalAgent as unknown as { readonly options: { lookup?: LookupFunction } };
    options.lookup = (_name, _options, answer) => answer(null, both);
    onTestFinished(() => void delete options.lookup);
    expect(await refused(uploadTo("exchange")(await measured("model.json"), "1"))).toMatchObject({
      code: "unavailable",
      sentence: "'model.json' could not be uploaded to exchange: nothing listens there (ECONNREFUSED).",
    });
  });
});
