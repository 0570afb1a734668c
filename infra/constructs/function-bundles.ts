import { cpSync, existsSync, globSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { buildSync, type OutputFile } from "esbuild";

/** What of policies/ a function reads; Rego sources, schemas and the compiler stay behind. */
const policyFiles = ["*.yaml", "compiled/*"];

/** Whoever has this in its bundle reads `policies/` beside it. */
const policyReader = "adapters/policies/";

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
  #built: Built | undefined;

  /** `names` are folders below `<root>/functions`. */
  constructor(root: string, names: readonly string[]) {
    this.#root = root;
    this.#names = names;
  }

  /** The code of one function: `index.mjs`, and `policies/` if it reads them. */
  code(name: string): Code {
    return Code.fromAsset(this.#folder(name), {
      // What is deployed names the asset: the same source and tools give the same template.
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        // Never pulled: the local bundling below always answers.
        image: DockerImage.fromRegistry("scratch"),
        local: {
          tryBundle: (output) => {
            this.#write(name, output);
            return true;
          },
        },
      },
    });
  }

  #folder(name: string): string {
    return join(this.#root, "functions", name);
  }

  #write(name: string, output: string): void {
    this.#built ??= this.#build();
    const { files, inputs } = this.#built;
    const folder = this.#folder(name);
    for (const file of files.filter(({ path }) => dirname(path) === folder)) {
      writeFileSync(join(output, basename(file.path)), file.contents);
    }
    if (inputs.get(name)?.some((input) => input.startsWith(policyReader))) this.#copyPolicies(join(output, "policies"));
  }

  #build(): Built {
    const entryPoints = this.#names.map((name) => join(this.#folder(name), "index.ts"));
    const missing = entryPoints.filter((entry) => !existsSync(entry));
    if (missing.length > 0) {
      const names = missing.map((entry) => relative(this.#root, entry));
      throw new Error(`These functions have no code yet: ${names.join(", ")}.`);
    }
    const { outputFiles, metafile } = buildSync({
      entryPoints,
      absWorkingDir: this.#root,
      outdir: join(this.#root, "functions"),
      outbase: join(this.#root, "functions"),
      outExtension: { ".js": ".mjs" },
      write: false,
      metafile: true,
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
    const inputs = this.#names.map((name): [string, readonly string[]] => [
      name,
      // esbuild writes its paths with slashes on every system.
      Object.keys(metafile.outputs[`functions/${name}/index.mjs`]?.inputs ?? {}),
    ]);
    return { files: outputFiles, inputs: new Map(inputs) };
  }

  #copyPolicies(output: string): void {
    const policies = join(this.#root, "policies");
    const files = globSync(policyFiles, { cwd: policies });
    if (files.length === 0) throw new Error("policies/ is empty: a function that judges needs it beside its code.");
    for (const file of files) cpSync(join(policies, file), join(output, file));
  }
}

interface Built {
  readonly files: readonly OutputFile[];
  /** By function: every source file in its bundle, from the root of the checkout. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
}
