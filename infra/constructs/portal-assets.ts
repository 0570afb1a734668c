import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type ISource, Source } from "aws-cdk-lib/aws-s3-deployment";

/** Something that is built from sources before it is deployed. */
interface Build {
  /** `npm run` has it. */
  readonly script: string;
  readonly sources: readonly string[];
  /** Where it is built to, and a file that is there once it is. */
  readonly folder: string;
  readonly made: string;
  /** Where the portal has it, below its address. */
  readonly at: string;
}

/** The page, and the command line for whoever has no checkout. */
const builds: readonly Build[] = [
  {
    script: "build:portal",
    sources: ["portal/**/*.{ts,tsx,css,html,svg}", "core/**/*.ts"],
    folder: "portal/dist",
    made: "index.html",
    at: "",
  },
  {
    script: "build:cli",
    sources: [
      "{cli,core,adapters,functions}/**/*.{ts,mjs,md}",
      "{package,package-lock}.json",
      "{LICENSE,THIRD-PARTY-NOTICES.md}",
      "scripts/build-cli.ts",
    ],
    folder: "cli/dist",
    made: "countersign.tgz",
    at: "cli",
  },
];

/**
 * The files of the portal. Whatever is stale is built again, so that no deployment ships an old page, or an old command
 * line, with a new API.
 */
export function portalAssets(root: string): ISource {
  return Source.asset(join(root, "portal"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local bundling below always answers.
      image: DockerImage.fromRegistry("scratch"),
      local: {
        tryBundle: (output) => {
          for (const each of builds) {
            if (isStale(root, each)) build(root, each);
            if (!existsSync(join(root, each.folder, each.made))) throw notBuilt(each);
            cpSync(join(root, each.folder), join(output, each.at), { recursive: true });
          }
          return true;
        },
      },
    },
  });
}

function isStale(root: string, { folder, made, sources }: Build): boolean {
  const file = join(root, folder, made);
  if (!existsSync(file)) return true;
  const builtAt = statSync(file).mtimeMs;
  return globSync(sources, { cwd: root, exclude: [`${folder}/**`] }).some(
    (source) => statSync(join(root, source)).mtimeMs > builtAt,
  );
}

function build(root: string, it: Build): void {
  // npm is a script on Windows, which only a shell starts. The command is fixed, nothing is put into it.
  const { status, stdout, stderr } = spawnSync(`npm run --silent ${it.script}`, {
    cwd: root,
    shell: true,
    encoding: "utf8",
  });
  if (status !== 0) throw notBuilt(it, `${stdout}${stderr}`);
}

function notBuilt({ script, folder }: Build, output = ""): Error {
  return new Error(`${folder} could not be built. Run "npm run ${script}" and look at what it says. ${output}`.trim());
}
