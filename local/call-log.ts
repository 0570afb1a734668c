import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { AwsCallLog } from "./aws/aws-call.ts";

/** A call log in a file, one JSON line per call. */
export interface CallLogFile extends AwsCallLog {
  readonly path: string;
  /** Writes down what was recorded so far. */
  flush(): void;
  /** Flushes and writes nothing from then on. */
  close(): void;
}

/** Lines are written together, this long after the first of them at most. */
const flushMilliseconds = 200;

/** Opens the call log at `path`; an earlier one is continued. */
export function openCallLog(path: string): CallLogFile {
  mkdirSync(dirname(path), { recursive: true });
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length === 0) return;
    appendFileSync(path, lines.join(""), { mode: 0o600 });
    lines = [];
  };
  return {
    path,
    record: (call) => {
      if (closed) return;
      lines.push(`${JSON.stringify(call)}\n`);
      timer ??= setTimeout(flush, flushMilliseconds);
    },
    flush,
    close: () => {
      flush();
      closed = true;
    },
  };
}
