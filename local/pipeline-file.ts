import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CiJob } from "./ci-issuer.ts";

/** What a shell needs to act as a job of a pipeline here. */
export interface PipelineSettings {
  readonly directory: string;
  readonly portal: string;
  readonly bucket: string;
  readonly s3: string;
  /** The CI system's token service, and what it wants of a runner. */
  readonly runner: { readonly url: string; readonly requestToken: string };
  readonly job: Omit<CiJob, "audience">;
}

/**
 * Writes `pipeline.env`, for a shell to read in; answers its path. The names are those that GitHub's runners and the
 * AWS SDK have themselves, so that nothing else knows that it is not in CI.
 */
export function writePipelineFile({ directory, portal, bucket, s3, runner, job }: PipelineSettings): string {
  const variables = {
    COUNTERSIGN_URL: portal,
    COUNTERSIGN_BUCKET: bucket,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${runner.url}/token?${new URLSearchParams(job as Record<string, string>)}`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: runner.requestToken,
    AWS_ENDPOINT_URL_S3: s3,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "CIPIPELINE",
    AWS_SECRET_ACCESS_KEY: "unused",
  };
  const path = join(directory, "pipeline.env");
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", "%27")}'\n`);
  writeFileSync(path, lines.join(""), { mode: 0o600 });
  return path;
}
