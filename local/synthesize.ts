import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "../core/failure.ts";

/** What the templates and the bundles are made from. */
const sources = [
  "{core,adapters,functions,statemachine,infra}/**/*.{ts,json}",
  "policies/**/*.{yaml,json,wasm}",
  "portal/**/*.{ts,tsx,css,html,svg}",
  "cli/**/*.{ts,mjs,md}",
  "cdk.json",
  "package-lock.json",
];

/** CDK says nothing while it works; whoever waits is told so often that it still does. */
const tellingMs = 15_000;

/**
 * The cloud assembly of the checkout at `root`, that of the service or that of a witness, synthesized where it is missing or older than a source.
 * Throws `unavailable` with the end of CDK's output where it cannot be synthesized.
 */
export async function synthesizedAssembly(
  root: string,
  tell: (line: string) => void,
  of: "service" | "witness" = "service",
): Promise<string> {
  const cdkOut = join(root, of === "service" ? "cdk.out" : join(".countersign", "witness.out"));
  if (isFresh(root, cdkOut)) return cdkOut;
  tell("Synthesizing the CloudFormation templates and the bundles: a minute or two, where a source has changed …");
  const began = performance.now();
  const telling = setInterval(() => {
    tell(`… still synthesizing, after ${Math.round((performance.now() - began) / 1000)} s`);
  }, tellingMs);
  const cdk = join(dirname(createRequire(import.meta.url).resolve("aws-cdk/package.json")), "bin", "cdk");
  const home = join(root, ".countersign", "home");
  mkdirSync(home, { recursive: true });
  const own = of === "service" ? [] : ["--app", "node infra/witness-app.ts", "--output", cdkOut];
  const child = spawn(process.execPath, [cdk, "synth", "--quiet", "--no-notices", ...own], {
    cwd: root,
    // CDK starts the app with whatever `node` comes first, and that must be the one that runs TypeScript.
    env: { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-8000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const [status] = (await once(child, "close").finally(() => clearInterval(telling))) as [number | null];
  if (status !== 0) throw new Failure("unavailable", `The templates could not be synthesized:\n${output}`);
  return cdkOut;
}

function isFresh(root: string, cdkOut: string): boolean {
  const manifest = join(cdkOut, "manifest.json");
  if (!existsSync(manifest)) return false;
  const at = statSync(manifest).mtimeMs;
  const files = globSync(sources, { cwd: root, exclude: (name) => name === "node_modules" || name === "dist" });
  return files.every((file) => statSync(join(root, file)).mtimeMs <= at);
}
