import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import type { AwsCall, AwsCallLog } from "../../local/aws/aws-call.ts";

/** What an SDK client needs to reach a stand-in; the access key is the principal the log shows. */
export const credentials = { accessKeyId: "LOCALTESTER", secretAccessKey: "not-checked" };

/** A log that keeps what it is told. */
export class RecordedCalls implements AwsCallLog {
  readonly calls: AwsCall[] = [];

  record(call: AwsCall): void {
    this.calls.push(call);
  }

  /** `action resource status` of every call, in order, and empties the log. */
  take(): string[] {
    return this.calls.splice(0).map((call) => `${call.action} ${call.resource} ${call.status}`);
  }
}

/** A folder that is gone when the test is over. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "countersign-local-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
