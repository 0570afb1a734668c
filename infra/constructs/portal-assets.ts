import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type ISource, Source } from "aws-cdk-lib/aws-s3-deployment";

/** What the portal is built from. */
const sources = ["portal/**/*.{ts,tsx,css,html,svg}", "core/**/*.ts"];

/**
 * The built portal. Whatever is stale is built again with `npm run build:portal`, so that no deployment ships an old
 * page with a new API.
 */
export function portalAssets(root: string): ISource {
  return Source.asset(join(root, "portal"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local bundling below always answers.
      image: DockerImage.fromRegistry("scratch"),
      local: {
        tryBundle: (output) => {
          const dist = join(root, "portal", "dist");
          if (isStale(root, dist)) build(root);
          if (!existsSync(join(dist, "index.html"))) throw notBuilt();
          cpSync(dist, output, { recursive: true });
          return true;
        },
      },
    },
  });
}

function isStale(root: string, dist: string): boolean {
  const page = join(dist, "index.html");
  if (!existsSync(page)) return true;
  const builtAt = statSync(page).mtimeMs;
  return globSync(sources, { cwd: root, exclude: ["portal/dist/**"] }).some(
    (file) => statSync(join(root, file)).mtimeMs > builtAt,
  );
}

function build(root: string): void {
  // npm is a script on Windows, which only a shell starts. The command is fixed, nothing is put into it.
  const { status, stdout, stderr } = spawnSync("npm run --silent build:portal", {
    cwd: root,
    shell: true,
    encoding: "utf8",
  });
  if (status !== 0) throw notBuilt(`${stdout}${stderr}`);
}

function notBuilt(output = ""): Error {
  return new Error(
    `The portal could not be built. Run "npm run build:portal" and look at what it says. ${output}`.trim(),
  );
}
