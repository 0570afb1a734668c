import { compiledPolicy } from "../../adapters/opa/evaluate.ts";
import { Failure } from "../../core/failure.ts";
import { replayPack } from "../../core/replay/replay-pack.ts";
import type { PolicyReplay } from "../../core/replay/tally.ts";
import { withPack } from "../pack-file.ts";
import { directoryIn, instantOption, policyFolder } from "./policy-sources.ts";

export interface ReplayOptions {
  readonly policies: string;
  readonly directory?: string;
  readonly at?: string;
}

/** Runs the policies of a folder over a pack on the disk. */
export async function replayFile(path: string, options: ReplayOptions): Promise<PolicyReplay> {
  const policy = policyFolder(options.policies);
  const members = await directoryIn(options.directory);
  const at = options.at === undefined ? undefined : instantOption(options.at);
  const { evaluate } = compiledPolicy(policy.wasm);
  return await withPack(path, async (pack) => {
    if (pack.kind === "refused") throw new Failure("pack-invalid", `${path} is no audit pack: ${pack.sentence}`);
    return await replayPack(pack.source, {
      policy,
      evaluate,
      ...(members === undefined ? {} : { members }),
      ...(at === undefined ? {} : { at }),
    });
  });
}
