import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { closingLine } from "./test/setup/closing-line.ts";

// Nothing outside the checkout is touched: what tests call the machine's temporary folder lies here.
const scratch = fileURLToPath(new URL(".countersign/test/tmp", import.meta.url));
mkdirSync(scratch, { recursive: true });
Object.assign(process.env, { TMPDIR: scratch, TEMP: scratch, TMP: scratch });
// What one process has stripped of its types and compiled, the next one takes as it is, in this run and in later ones.
process.env["NODE_COMPILE_CACHE"] = fileURLToPath(new URL(".countersign/test/compiled", import.meta.url));

const rules = ["core", "functions", "policies", "api"].map((folder) => `test/${folder}/**/*.test.ts`);
// CDK keeps a cache in the home folder.
const home = { HOME: scratch, USERPROFILE: scratch };

export default defineConfig({
  test: {
    // Two cores: as many workers as cores. A file shares its process and its modules with the next one, for loading them
    // costs more than most tests do; what a file changes outside of itself it puts back.
    pool: "forks",
    maxWorkers: 2,
    isolate: false,
    // Node runs the TypeScript itself, as it does everywhere else here: what Vite makes of it costs a fifth more, and another sixth
    // for each name that is used of another module. No test replaces a module, which is what that is for.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    testTimeout: 20_000,
    hookTimeout: 120_000,
    setupFiles: ["test/setup/keep-compiled.ts"],
    reporters: ["default", closingLine],
    projects: [
      {
        // What touches nothing outside of itself.
        extends: true,
        test: { name: "rules", include: rules, env: home },
      },
      {
        extends: true,
        test: { name: "parts", include: ["test/**/*.test.ts"], exclude: ["test/end-to-end/**", ...rules], env: home },
      },
      {
        // What runs the synthesized templates and the bundles; made before the first of them, and only if one is run.
        extends: true,
        test: {
          name: "end-to-end",
          include: ["test/end-to-end/**/*.test.ts"],
          globalSetup: ["test/setup/cloud-assembly.ts"],
          experimental: { viteModuleRunner: true },
          testTimeout: 120_000,
        },
      },
    ],
  },
});
