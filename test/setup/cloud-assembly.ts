import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { forgetOlderCode } from "../../local/lambda/compiled-code.ts";
import { synthesizedAssembly } from "../../local/synthesize.ts";

/**
 * Before any test: `cdk.out` as the sources are now, which builds the portal too. Tests of the templates, of the
 * grants and of the running stack read it; made once here, two of them never make it at the same time.
 */
export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  forgetOlderCode(join(root, ".countersign", "test", "functions"), await synthesizedAssembly(root, console.log));
}
