import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { submitCommand } from "../../cli/commands/submit.ts";
import type { Upload } from "../../cli/upload.ts";
import { parsePromotionRequest } from "../../core/promotion/request.ts";
import { digestOf, expiresAt, id, manifest } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { stubService } from "./stub-service.ts";

const token = { environment: { COUNTERSIGN_TOKEN: "ci-token", GITHUB_RUN_ID: "77", GITHUB_RUN_ATTEMPT: "2" } };
const answer = { id, status: "gating", attempt: 1, freezeDigest: digestOf("freeze"), expiresAt };
const json = "application/json";

/** A request whose files are still without uri, size and sha256; the evidence lies in a folder of its own. */
const draft = {
  model: manifest.model,
  target: "production",
  artifacts: [
    { role: "model", name: "model.json", mediaType: json },
    { role: "environment", name: "environment.json", mediaType: json },
  ],
  evidence: [
    { kind: "model-quality", format: "plain", name: "quality.json", mediaType: json, path: "evidence/quality.json" },
  ],
  lineage: manifest.lineage,
};
const place = (name: string) => ({ size: 1, sha256: digestOf(name), uri: `s3://exchange/incoming/${name}` });
/** A request that needs no upload. */
const complete = {
  ...draft,
  artifacts: draft.artifacts.map((file) => ({ ...file, ...place(file.name) })),
  evidence: [],
};
const bytes = { "model.json": "model", "environment.json": "environment", "evidence/quality.json": "quality" };

function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "countersign-submit-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

function requestFile(request: unknown): string {
  const text = typeof request === "string" ? request : JSON.stringify(request);
  return join(folder({ "promotion.json": text }), "promotion.json");
}

const noUpload = (): Upload => {
  throw new Error("Nobody set up an upload.");
};

describe("submit", () => {
  it("says what measures the files where a request leaves that to it, and sends nothing", async () => {
    const { url, requests } = await stubService({});
    const world = recordedSurroundings(token);
    const failure = await run(submitCommand(world, noUpload), "--url", url, "--file", requestFile(draft));
    expect(failure).toMatch(
      /^--upload and --bucket are missing: they measure .* uri\. Without them: .*artifacts\.0\.size is missing/,
    );
    expect(requests).toEqual([]);
  });

  it("hashes nothing of what the service would refuse by its size", async () => {
    const files = folder(bytes);
    // Hashed, it would take minutes.
    truncateSync(join(files, "model.json"), 600 * 1024 ** 3);
    const world = recordedSurroundings(token);
    const failure = await run(
      submitCommand(world, noUpload),
      ...["--url", "http://127.0.0.1:9", "--file", requestFile(draft), "--upload", files, "--bucket", "exchange"],
    );
    expect(failure).toMatch(/^'model\.json' has 600 GiB; of files above 5 GiB at most 32 GiB are hashed\./);
  });

  it("does not say so of a request whose files are measured", async () => {
    const world = recordedSurroundings(token);
    const measured = { size: 1, sha256: "0".repeat(64), uri: "s3://b/incoming/r/f" };
    const complete = {
      ...draft,
      model: {},
      artifacts: draft.artifacts.map((each) => ({ ...each, ...measured })),
      evidence: [],
    };
    const failure = await run(
      submitCommand(world, noUpload),
      "--url",
      "http://127.0.0.1:9",
      "--file",
      requestFile(complete),
    );
    expect(failure).toMatch(/model\.name is missing/);
    expect(failure).not.toContain("--upload");
  });

  it("uploads the files, fills in what they are and where, and prints the promotion's id", async () => {
    const { url, requests } = await stubService({ "POST /v1/promotions": { status: 202, body: answer } });
    const uploads: string[] = [];
    const upload =
      (bucket: string): Upload =>
      async (file, folderOfRun) => {
        const uri = `s3://${bucket}/incoming/${folderOfRun}/${file.path}`;
        uploads.push(uri);
        return { uri, versionId: `version of ${file.name}` };
      };
    const world = recordedSurroundings(token);
    const parameters = ["--file", requestFile(draft), "--upload", folder(bytes), "--bucket", "exchange", "--url", url];
    expect(await run(submitCommand(world, upload), ...parameters)).toBeUndefined();
    expect(world.printed).toEqual([id]);
    expect(world.noted.at(-1)).toBe(`gating: ${url}/#/promotions/${id}`);
    expect(uploads).toEqual([
      "s3://exchange/incoming/77-2/model.json",
      "s3://exchange/incoming/77-2/environment.json",
      "s3://exchange/incoming/77-2/evidence/quality.json",
    ]);
    const sent = parsePromotionRequest(requests[0]?.body);
    expect(sent.evidence).toEqual([
      {
        kind: "model-quality",
        format: "plain",
        name: "quality.json",
        mediaType: json,
        size: 7,
        sha256: digestOf("quality"),
        uri: "s3://exchange/incoming/77-2/evidence/quality.json",
        versionId: "version of quality.json",
      },
    ]);
    expect(requests[0]?.authorization).toBe("Bearer ci-token");
    expect(world.everything()).not.toContain("ci-token");
  });

  it.each([
    ["no bucket", []],
    ["one that a variable without a value named", ["--bucket", ""]],
    ["one of blanks", ["--bucket", " "]],
  ])("says which bucket is meant where it was given %s, and uploads nothing", async (_, given) => {
    const { url, requests } = await stubService({});
    const parameters = ["--file", requestFile(draft), "--upload", folder(bytes), "--url", url, ...given];
    const failure = await run(submitCommand(recordedSurroundings(token), noUpload), ...parameters);
    expect(failure).toBe("--upload needs --bucket, the deployment's exchange bucket.");
    expect(requests).toEqual([]);
  });

  it.each(["s3://countersign-exchange", "arn:aws:s3:::countersign-exchange", "countersign-exchange/", "My Bucket"])(
    "says that '%s' is no bucket's name, and calls no address wrong that nobody has written",
    async (given) => {
      const { url, requests } = await stubService({});
      const parameters = ["--file", requestFile(draft), "--upload", folder(bytes), "--url", url, "--bucket", given];
      const failure = await run(submitCommand(recordedSurroundings(token), noUpload), ...parameters);
      expect(failure).toBe(`--bucket takes the name of a bucket, such as countersign-exchange, and not '${given}'.`);
      expect(requests).toEqual([]);
    },
  );

  it("sends a complete request as it is, and prints the whole answer for programs", async () => {
    const { url, requests } = await stubService({ "POST /v1/promotions": { status: 200, body: answer } });
    const world = recordedSurroundings(token);
    await run(submitCommand(world, noUpload), "--file", requestFile(complete), "--url", url, "--json");
    expect(requests[0]?.body).toEqual(complete);
    expect(world.printed).toEqual([JSON.stringify({ ...answer, page: `${url}/#/promotions/${id}` })]);
  });

  it("repeats the very same request while the service is away", async () => {
    const away = { status: 503, type: "application/problem+json", body: { code: "unavailable", detail: "Not now." } };
    const given = [away, away, { status: 202, body: answer }];
    const { url, requests } = await stubService({ "POST /v1/promotions": () => given.shift() ?? away });
    const world = recordedSurroundings({ ...token, random: (bytes) => new Uint8Array(bytes) });
    await run(submitCommand(world, noUpload), "--file", requestFile(complete), "--url", url);
    expect(world.printed).toEqual([id]);
    expect(world.pauses).toEqual([1_000, 2_000]);
    expect(requests.map(({ body, authorization }) => ({ body, authorization }))).toEqual(
      new Array(3).fill({ body: complete, authorization: "Bearer ci-token" }),
    );
  });

  it("gives up on a service that stays away", async () => {
    const { url, requests } = await stubService({
      "POST /v1/promotions": {
        status: 503,
        type: "application/problem+json",
        body: { code: "unavailable", detail: "No." },
      },
    });
    expect(
      await run(submitCommand(recordedSurroundings(token), noUpload), "--file", requestFile(complete), "--url", url),
    ).toBe("No. (unavailable)");
    expect(requests).toHaveLength(6);
  });

  it("passes on the service's own words when it refuses", async () => {
    const refusal = {
      code: "missing-evidence",
      detail: "The gates need evidence that the request does not name: bias.",
    };
    const { url } = await stubService({
      "POST /v1/promotions": { status: 422, type: "application/problem+json", body: refusal },
    });
    const upload =
      (): Upload =>
      async ({ path }) => ({ uri: `s3://exchange/incoming/${path}` });
    const parameters = ["--file", requestFile(draft), "--upload", folder(bytes), "--bucket", "exchange", "--url", url];
    expect(await run(submitCommand(recordedSurroundings(token), upload), ...parameters)).toBe(
      "The gates need evidence that the request does not name: bias. (missing-evidence)",
    );
  });

  it.each<[string, unknown, RegExp]>([
    ["that is not JSON", "{", /^.*promotion\.json is not JSON that can be taken/],
    ["that names a key twice", '{"model":1,"model":2}', /^.*promotion\.json is not JSON that can be taken/],
    ["without artifacts", {}, /^The request cannot be read: artifacts is missing/],
    [
      "for a file that is not there",
      { ...draft, evidence: [{ ...draft.evidence[0], path: "gone.json" }] },
      /^There is no file 'gone\.json'/,
    ],
    [
      "for a file outside the folder",
      { ...draft, evidence: [{ ...draft.evidence[0], path: "../../etc/hosts" }] },
      /^There is no file|lies outside/,
    ],
    [
      "for a link that leads out of the folder",
      { ...draft, evidence: [{ ...draft.evidence[0], path: "link.json" }] },
      /^The file 'link\.json' for 'quality\.json' lies outside/,
    ],
    [
      "for another file than it declares",
      { ...draft, evidence: [{ ...draft.evidence[0], sha256: digestOf("other") }] },
      /^The file 'quality\.json' is not the one that the request declares: it has 7 bytes/,
    ],
    [
      "that the service would refuse",
      { ...draft, target: "pro duction" },
      /^The request cannot be read: target must be 1 to 63 lower-case letters, digits or dashes/,
    ],
  ])("uploads nothing for a request %s", async (_, request, expected) => {
    const directory = folder(bytes);
    symlinkSync(join(folder({ "secret.json": "secret" }), "secret.json"), join(directory, "link.json"));
    const parameters = ["--file", requestFile(request), "--upload", directory, "--bucket", "exchange"];
    const command = submitCommand(recordedSurroundings(token), () => noUpload());
    expect(await run(command, ...parameters, "--url", "http://127.0.0.1:9")).toMatch(expected);
  });

  it("says what a job without a token must do", async () => {
    const sentence = await run(
      submitCommand(recordedSurroundings(), noUpload),
      "--file",
      requestFile(draft),
      "--url",
      "https://countersign.example",
    );
    expect(sentence).toBe(
      "There is no CI token: set COUNTERSIGN_TOKEN, or in GitHub Actions give the job 'permissions: id-token: write'.",
    );
  });

  it("names the wrong field before it uses up a token", async () => {
    const { url, requests } = await stubService({});
    const incomplete = { ...draft, evidence: [] };
    expect(
      await run(submitCommand(recordedSurroundings(token), noUpload), "--file", requestFile(incomplete), "--url", url),
    ).toMatch(/artifacts\.0\.size is missing/);
    expect(requests).toEqual([]);
  });
});
