import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { buildSync, type OutputFile } from "esbuild";

/** Files of policies/ that a function reads; Rego sources, schemas' tests and the like stay behind. */
const policyFiles = new Set([".yaml", ".json", ".wasm"]);

/** Dependencies that are CommonJS call `require`, which an ES module does not have. */
const banner =
  'import{createRequire as $createRequire}from"node:module";const require=$createRequire(import.meta.url);';

/**
 * Bundles functions with esbuild: one run for all of them, in this process, without a shell and without Docker
 * (NodejsFunction starts a process for each, through a shell). Nothing is bundled until a stack asks for it, so that
 * tests which do not look at code need not wait for it.
 */
export class FunctionBundles {
  readonly #root: string;
  readonly #names: readonly string[];
  #outputs: readonly OutputFile[] | undefined;

  /** `names` are folders below `<root>/functions`. */
  constructor(root: string, names: readonly string[]) {
    this.#root = root;
    this.#names = names;
  }

  /** The code of one function: `index.mjs`, the licences of what is in it, and `policies/` if it judges. */
  code(name: string, options: { readonly policies: boolean }): Code {
    const source = join(this.#root, "functions", name);
    return Code.fromAsset(source, {
      // What is deployed names the asset: the same source and tools give the same template.
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        // Never pulled: the local bundling below always answers.
        image: DockerImage.fromRegistry("scratch"),
        local: {
          tryBundle: (output) => {
            this.#write(name, output);
            if (options.policies) this.#copyPolicies(join(output, "policies"));
            return true;
          },
        },
      },
    });
  }

  #write(name: string, output: string): void {
    this.#outputs ??= this.#build();
    const folder = join(this.#root, "functions", name);
    for (const file of this.#outputs.filter(({ path }) => dirname(path) === folder)) {
      writeFileSync(join(output, relative(folder, file.path)), file.contents);
    }
  }

  #build(): readonly OutputFile[] {
    const entryPoints = this.#names.map((name) => join(this.#root, "functions", name, "index.ts"));
    const missing = entryPoints.filter((entry) => !existsSync(entry));
    if (missing.length > 0) {
      throw new Error(
        `These functions have no code yet: ${missing.map((entry) => relative(this.#root, entry)).join(", ")}.`,
      );
    }
    const { outputFiles } = buildSync({
      entryPoints,
      absWorkingDir: this.#root,
      outdir: join(this.#root, "functions"),
      outbase: join(this.#root, "functions"),
      outExtension: { ".js": ".mjs" },
      write: false,
      bundle: true,
      platform: "node",
      target: "node24",
      format: "esm",
      // The SDK's own order of preference: its ES modules are what can be shaken.
      mainFields: ["module", "main"],
      minify: true,
      banner: { js: banner },
      legalComments: "external",
      logLevel: "warning",
    });
    return outputFiles;
  }

  #copyPolicies(output: string): void {
    const policies = join(this.#root, "policies");
    if (!existsSync(policies))
      throw new Error("policies/ is missing: a function that judges needs it beside its code.");
    mkdirSync(output, { recursive: true });
    cpSync(policies, output, {
      recursive: true,
      // Folders are walked; those that hold nothing for a function stay empty and are not deployed.
      filter: (path) => extname(path) === "" || policyFiles.has(extname(path)),
    });
  }
}
