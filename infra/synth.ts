import type { App } from "aws-cdk-lib";
import { RefusedSetting } from "./settings.ts";

/** Synthesizes an app. A setting that cannot be used is one sentence: where in the code that was seen helps nobody. */
export function synth(make: () => App): void {
  try {
    make().synth();
  } catch (error) {
    if (!(error instanceof RefusedSetting)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
