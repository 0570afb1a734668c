import { Readable } from "node:stream";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { artifactStore } from "../../../adapters/s3/artifacts.ts";
import { blobKey, blobStore } from "../../../adapters/s3/blobs.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { incomingFiles } from "../../../adapters/s3/incoming.ts";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { FrozenFile } from "../../../core/promotion/freeze-manifest.ts";
import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

async function open() {
  const local = await startS3({ directory: scratchDirectory(), log: new RecordedCalls() });
  onTestFinished(() => local.close());
  local.createBucket({ name: "exchange", versioning: true });
  local.createBucket({ name: "artifacts", versioning: true });
  local.createBucket({ name: "ledger", versioning: true });
  const s3 = new S3Client({ endpoint: local.url, forcePathStyle: true, region: "us-east-1", credentials });
  onTestFinished(() => s3.destroy());
  const upload = (key: string, text: string, bucket = "exchange") =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  const keeping = { days: 3653, now: () => instantFromMs(Date.now()) };
  return {
    s3,
    upload,
    artifacts: artifactStore(s3, { exchange: "exchange", artifacts: "artifacts" }, keeping),
    frozen: frozenArtifacts(s3, "artifacts"),
    blobs: blobStore(s3, "ledger", keeping),
    objects: ledgerObjects(s3, "ledger"),
  };
}

const weights = '{"weights":[1,2,3]}';
const file: FrozenFile = {
  name: "model.json",
  mediaType: "application/json",
  size: weights.length,
  sha256: sha256Hex(utf8(weights)),
};

function s3Says(s3: S3Client, name: string, message = "as S3 says it"): void {
  s3.middlewareStack.add(
    () => async () => {
      throw Object.assign(new Error(message), { name });
    },
    { step: "deserialize" },
  );
}

/** The connection is lost half way through the next object that is read. */
function nextReadBreaksOff(s3: S3Client, why: string): void {
  async function* half() {
    yield utf8(weights.slice(0, weights.length / 2));
    throw new Error(why);
  }
  let left = 1;
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const answer = await next(given);
        if (commandName !== "GetObjectCommand" || left-- <= 0) return answer;
        const { output } = answer as { readonly output: { Body: Readable } };
        output.Body.destroy();
        output.Body = Readable.from(half());
        return answer;
      },
    { step: "initialize" },
  );
}

const source = { uri: "s3://exchange/incoming/1/model.json" };

describe("freezing an artifact", () => {
  it("copies the bytes to a key that holds their digest", async () => {
    const { upload, artifacts, frozen } = await open();
    await upload("incoming/1/model.json", weights);
    const copy = await artifacts.freeze(file, source);
    expect(copy.key).toBe(`frozen/${file.sha256}/model.json`);
    expect(await frozen.measure(copy.key)).toEqual({ sha256: file.sha256, size: file.size, versionId: copy.versionId });
    expect(Buffer.from(await frozen.read(copy, 1000)).toString()).toBe(weights);
  });

  it("takes what the service itself has left, although a pipeline writes over it", async () => {
    const { s3, upload, artifacts } = await open();
    const left = await incomingFiles(s3, "exchange").leave("policies", utf8(weights), "application/json");
    await upload(`incoming/policies/${file.sha256}`, "{}");
    expect((await artifacts.freeze(file, left)).key).toContain(file.sha256);
  });

  it("finds the same copy when it is done again", async () => {
    const { upload, artifacts } = await open();
    await upload("incoming/1/model.json", weights);
    const first = await artifacts.freeze(file, source);
    expect(await artifacts.freeze(file, source)).toEqual(first);
  });

  it.each([
    ["other bytes of the same length", weights.replace("3", "4")],
    ["fewer bytes", weights.slice(1)],
    ["more bytes", `${weights} `],
  ])("refuses %s, and keeps nothing", async (_, bytes) => {
    const { upload, artifacts, frozen } = await open();
    await upload("incoming/1/model.json", bytes);
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({ code: "digest-mismatch" });
    expect(await frozen.currentVersion(`frozen/${file.sha256}/model.json`)).toBeUndefined();
  });

  it.each([
    ["a key that is not there", "s3://exchange/incoming/2/model.json"],
    ["another bucket", "s3://ledger/incoming/1/model.json"],
    ["a place outside incoming/", "s3://exchange/exports/pack.zip"],
  ])("refuses %s", async (_, uri) => {
    const { artifacts } = await open();
    await expect(artifacts.freeze(file, { uri })).rejects.toMatchObject({ code: "artifact-unreachable" });
  });

  it.each(["InvalidArgument", "InvalidURI", "MethodNotAllowed", "KeyTooLongError", "InvalidObjectState"])(
    "refuses what S3 answers with %s: the request names no object that can be read",
    async (name) => {
      const { s3, artifacts } = await open();
      s3Says(s3, name);
      await expect(artifacts.freeze(file, { ...source, versionId: "1" })).rejects.toMatchObject({
        code: "artifact-unreachable",
        message: "'model.json' is not where the request says it is.",
      });
    },
  );

  it.each([
    ["of KMS that it may not use", "AccessDenied", "… is not authorized to perform: kms:Decrypt on the resource …"],
    ["of KMS that is disabled", "KMS.DisabledException", "arn:… is disabled."],
    [
      "that whoever reads has to bring",
      "InvalidRequest",
      "The object was stored using a form of Server Side Encryption.",
    ],
  ])("refuses what is encrypted with a key %s, and says how it is to be uploaded", async (_, name, message) => {
    const { s3, artifacts } = await open();
    s3Says(s3, name, message);
    const refusal = {
      code: "artifact-unreachable",
      message:
        "'model.json' was uploaded under an encryption key of its own, which Countersign may not use: leave it to the bucket, which encrypts by itself.",
    };
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject(refusal);
    await expect(artifacts.readSource("model.json", source, 1000)).rejects.toMatchObject(refusal);
  });

  it("takes a right that it lacks itself for no fault of the candidate", async () => {
    const { s3, artifacts } = await open();
    s3Says(s3, "AccessDenied", "… is not authorized to perform: s3:GetObject …");
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("notices a copy that was replaced, and one that is gone", async () => {
    const { s3, upload, artifacts, frozen } = await open();
    await upload("incoming/1/model.json", weights);
    const copy = await artifacts.freeze(file, source);
    await upload(copy.key, "{}", "artifacts");
    const measured = await frozen.measure(copy.key);
    expect(measured.sha256).not.toBe(file.sha256);
    expect(measured.versionId).not.toBe(copy.versionId);
    expect(await frozen.currentVersion(copy.key)).toBe(measured.versionId);
    await s3.send(new DeleteObjectCommand({ Bucket: "artifacts", Key: copy.key }));
    await expect(frozen.measure(copy.key)).rejects.toMatchObject({ code: "artifact-unreachable" });
  });

  it("whose bytes break off is frozen when the step is tried again, and ends no process", async () => {
    const { s3, upload, artifacts, frozen } = await open();
    await upload("incoming/1/model.json", weights);
    nextReadBreaksOff(s3, "aborted");
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({
      code: "unavailable",
      message: "The artifact 'model.json' broke off while it was read.",
      cause: { message: "aborted" },
    });
    expect(await frozen.currentVersion(`frozen/${file.sha256}/model.json`)).toBeUndefined();
    expect((await artifacts.freeze(file, source)).key).toContain(file.sha256);
  });

  it("whose copy broke off, or came spoilt, as it was read is read again", async () => {
    const { s3, upload, artifacts, frozen } = await open();
    await upload("incoming/1/model.json", weights);
    const copy = await artifacts.freeze(file, source);
    nextReadBreaksOff(s3, "Checksum mismatch");
    const unavailable = { code: "unavailable", cause: { message: "Checksum mismatch" } };
    await expect(frozen.measure(copy.key)).rejects.toMatchObject(unavailable);
    expect(await frozen.measure(copy.key)).toMatchObject({ sha256: file.sha256 });
    nextReadBreaksOff(s3, "Checksum mismatch");
    await expect(frozen.read(copy, 1000)).rejects.toMatchObject(unavailable);
  });

  it("does not read a document that is larger than allowed", async () => {
    const { upload, artifacts } = await open();
    await upload("incoming/1/model.json", weights);
    await expect(artifacts.readSource("model.json", source, 10)).rejects.toMatchObject({ code: "invalid-evidence" });
  });
});

describe("where another write of the same key is under way, and S3 cannot say yet who wins", () => {
  /** The next writes answer so; https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_Errors */
  const undecided = (s3: S3Client, times: number) => {
    let left = times;
    s3.middlewareStack.add(
      (next, { commandName }) =>
        async (given) => {
          if (commandName !== "PutObjectCommand" || left <= 0) return await next(given);
          left -= 1;
          throw Object.assign(new Error("409"), { name: "ConditionalRequestConflict" });
        },
      { step: "deserialize" },
    );
  };

  it("a document is kept all the same", async () => {
    const { s3, blobs } = await open();
    undecided(s3, 3);
    const digest = await blobs.put(utf8("fact"), "text/plain");
    expect(await blobs.get(digest)).toEqual(utf8("fact"));
  });

  it("an artifact, whose bytes are gone by then, is frozen when the step is tried again", async () => {
    const { s3, upload, artifacts } = await open();
    await upload("incoming/1/model.json", weights);
    undecided(s3, 1);
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({ code: "unavailable" });
    expect((await artifacts.freeze(file, source)).key).toContain(file.sha256);
  });

  it("and never does, that is not waited for", async () => {
    const { s3, blobs } = await open();
    undecided(s3, Number.POSITIVE_INFINITY);
    await expect(blobs.put(utf8("fact"), "text/plain")).rejects.toThrow("409");
  });
});

describe("documents in the ledger bucket", () => {
  it("are kept under their digest, once", async () => {
    const { blobs } = await open();
    const digest = await blobs.put(utf8("fact"), "text/plain");
    expect(await blobs.put(utf8("fact"), "text/plain")).toBe(digest);
    expect(await blobs.get(digest)).toEqual(utf8("fact"));
  });

  it("are not handed out where the bytes are others, or none", async () => {
    const { blobs, upload } = await open();
    const digest = sha256Hex(utf8("fact"));
    await expect(blobs.get(digest)).rejects.toMatchObject({ code: "ledger-invalid" });
    await upload(blobKey(digest), "another fact", "ledger");
    await expect(blobs.get(digest)).rejects.toMatchObject({ code: "ledger-invalid" });
    await expect(blobs.put(utf8("fact"), "text/plain")).rejects.toMatchObject({ code: "ledger-invalid" });
  });
});

describe("the ledger's objects", () => {
  it("are written once", async () => {
    const { objects } = await open();
    expect(await objects.putNew("tile/0/000", utf8("a"), "application/octet-stream")).toBe("created");
    expect(await objects.putNew("tile/0/000", utf8("b"), "application/octet-stream")).toBe("exists");
    expect(await objects.get("tile/0/000")).toEqual(utf8("a"));
    expect(await objects.get("tile/0/001")).toBeUndefined();
  });

  it("have one alias, which a slow writer cannot set back", async () => {
    const { objects } = await open();
    const first = await objects.replaceAlias("checkpoint", utf8("1"), undefined, "text/plain");
    if (first === "changed") throw new Error("the first checkpoint was not written");
    expect(await objects.replaceAlias("checkpoint", utf8("1"), undefined, "text/plain")).toBe("changed");
    const second = await objects.replaceAlias("checkpoint", utf8("2"), first.version, "text/plain");
    expect(second).not.toBe("changed");
    expect(await objects.replaceAlias("checkpoint", utf8("old"), first.version, "text/plain")).toBe("changed");
    expect((await objects.getAlias("checkpoint"))?.bytes).toEqual(utf8("2"));
  });
});
