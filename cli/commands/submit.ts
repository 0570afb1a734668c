import { Command } from "commander";
import { hex } from "../../core/encoding/bytes.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { requireJson } from "../../core/gates/strict-json.ts";
import { parsePromotionRequest } from "../../core/promotion/request.ts";
import { completedRequest, draftRequest, foundFiles, isUnmeasured, measuredFiles } from "../candidate-files.ts";
import { fileBytes } from "../file-failure.ts";
import { requireTokenSource, type TokenSource } from "../machine-token.ts";
import { type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { attempt } from "../passing-failure.ts";
import { machineTokens } from "../readers.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf, type Reply } from "../service/api-client.ts";
import { pauseAfter } from "../service/patience.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine } from "../terminal-text.ts";
import { addressIn, type Upload, type Uploaded, uploadTo } from "../upload.ts";

interface SubmitOptions extends TokenSettings {
  readonly url: string;
  readonly file: string;
  readonly upload?: string;
  readonly bucket?: string;
  readonly run?: string;
  readonly json: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Long enough for a deployment of the service, or for a moment of throttling. */
const pausesMs = [1_000, 2_000, 5_000, 15_000, 30_000];

/** `countersign submit`: asks to let a candidate run. The same candidate again finds its open promotion. */
export function submitCommand(surroundings: Surroundings, upload: (bucket: string) => Upload = uploadTo): Command {
  const command = new Command("submit")
    .description("ask for a candidate's promotion, and print the promotion's id; safe to repeat")
    .addOption(urlOption())
    .requiredOption("--file <promotion.json>", "the request: model, target, artifacts, evidence, lineage")
    .option("--upload <dir>", "upload the request's files from here first, and fill in their uri, size and sha256")
    .option("--bucket <bucket>", "the deployment's exchange bucket; needed with --upload")
    .option("--run <name>", "folder for the uploads below incoming/ (default: the CI run's id)")
    .option("--json", "print the service's answer, with the promotion's `page`, as one line of JSON", false)
    .addHelpText(
      "after",
      `
With --upload, a file of the request may have a 'path' below the folder; else its name is its path.
docs/ci.md has a request, and docs/gates.md which evidence there is.`,
    )
    .action((options: SubmitOptions) => submit(options, surroundings, upload));
  for (const option of tokenOptions()) command.addOption(option);
  return command;
}

async function submit(
  options: SubmitOptions,
  surroundings: Surroundings,
  upload: (bucket: string) => Upload,
): Promise<void> {
  const api = apiClient(options.url);
  const token = requireTokenSource(machineTokens(api, options, surroundings), options.tokenEnv);
  const given = await requestFile(options.file);
  const request = options.upload === undefined ? given : await withUploads(given, options, surroundings, upload);
  // The service's own words for what is wrong, before a token is used up.
  checked(request, options);
  const body = await submitted(token, (bearer) => api.post("/v1/promotions", request, bearer), surroundings);
  const { id, status } = readAnswer(answers.submitted, body);
  const page = `${api.base}/#/promotions/${id}`;
  if (options.json) return surroundings.print(jsonText({ ...(body as object), page }));
  surroundings.note(`${status}: ${page}`);
  surroundings.print(id);
}

/**
 * The service's answer. What may pass is tried again, which is safe: the same candidate finds its open promotion, and a
 * token may be used again for the very same request.
 */
async function submitted(
  token: TokenSource,
  send: (token: string) => Promise<Reply>,
  { pause, note, random }: Surroundings,
): Promise<unknown> {
  for (const pauseMs of pausesMs) {
    const sent = await attempt(async () => ({ body: bodyOf(await send(await token())) }));
    if ("body" in sent) return sent.body;
    note(`${sent.failure.message} Trying again.`);
    await pause(pauseAfter(sent.failure, pauseMs, random));
  }
  return bodyOf(await send(await token()));
}

function checked(request: unknown, { upload }: SubmitOptions): void {
  try {
    parsePromotionRequest(request);
  } catch (error) {
    if (upload !== undefined || !(error instanceof Failure) || !isUnmeasured(request)) throw error;
    throw new Failure(
      error.code,
      `--upload and --bucket are missing: they measure and upload the files, and fill in size, sha256 and uri. Without them: ${error.message}`,
      { cause: error },
    );
  }
}

async function requestFile(path: string): Promise<unknown> {
  return requireJson(path, await fileBytes(path));
}

async function withUploads(
  given: unknown,
  options: SubmitOptions,
  surroundings: Surroundings,
  uploadTo: (bucket: string) => Upload,
): Promise<unknown> {
  // A job whose variable is not set gives an empty one.
  if (options.upload === undefined || options.bucket === undefined || options.bucket.trim() === "") {
    throw new Failure("invalid-request", "--upload needs --bucket, the deployment's exchange bucket.");
  }
  // Else every file's address would be called wrong, which nobody has written.
  if (!bucketName.test(options.bucket)) {
    const sentence = `--bucket takes the name of a bucket, such as countersign-exchange, and not '${oneLine(options.bucket, 200)}'.`;
    throw new Failure("invalid-request", sentence);
  }
  const draft = draftRequest(given);
  const found = await foundFiles(draft, options.upload);
  const run = runName(options.run, surroundings);
  // What the service would refuse is not hashed and uploaded first, which may take long.
  const bucket = options.bucket;
  const before = found.map((file) => {
    const declared = { file: { size: file.size, sha256: anyDigest }, uri: addressIn(bucket, run, file) };
    return [file.name, declared] as const;
  });
  checked(completedRequest(draft, new Map(before)), options);
  const files = await measuredFiles(found);
  const upload = uploadTo(bucket);
  const uploaded = new Map<string, Uploaded & { readonly file: (typeof files)[number] }>();
  for (const file of files) {
    uploaded.set(file.name, { ...(await upload(file, run)), file });
    surroundings.note(`Uploaded ${file.name} (${file.size} bytes).`);
  }
  return completedRequest(draft, uploaded);
}

/** What the service would refuse does not depend on it. */
const anyDigest = sha256Hex(new Uint8Array());

/** A folder of this run alone; runs of other pipelines write into the same bucket. */
function runName(given: string | undefined, { environment, random }: Surroundings): string {
  const ofGitHub =
    environment["GITHUB_RUN_ID"] && `${environment["GITHUB_RUN_ID"]}-${environment["GITHUB_RUN_ATTEMPT"] ?? "1"}`;
  const ofOthers = environment["CI_PIPELINE_ID"] ?? environment["CODEBUILD_BUILD_ID"] ?? environment["BUILD_TAG"];
  const name = given ?? (ofGitHub || ofOthers || hex(random(16)));
  const folder = name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^\.+/, "");
  if (folder === "") throw new Failure("invalid-request", "--run must have a letter or a digit in it.");
  return folder;
}
