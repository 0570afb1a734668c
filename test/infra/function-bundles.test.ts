import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import { Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FunctionBundles } from "../../infra/constructs/function-bundles.ts";

/** A checkout of two functions, of which one reads policies. */
const checkout: Readonly<Record<string, string>> = {
  "functions/api/plain/index.ts": 'import { answer } from "./answer.cjs"; export const handler = () => answer();',
  "functions/api/plain/answer.cjs": 'const { sep } = require("node:path"); exports.answer = () => sep.length;',
  "functions/api/judge/index.ts":
    'import { read } from "../../../adapters/policies/folder.ts"; export const handler = (): string => read();',
  "adapters/policies/folder.ts":
    'import { readFileSync } from "node:fs"; export const read = () => readFileSync(new URL("./policies/matrix.yaml", import.meta.url), "utf8");',
  "policies/matrix.yaml": "matrixVersion: 1",
  "policies/compiled/gates.wasm": "wasm",
  "policies/gates/gates.rego": "package gates",
  "policies/schema/matrix.schema.json": "{}",
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "countersign-bundle-"));
  for (const [file, text] of Object.entries(checkout)) write(file, text);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** The directory that would be uploaded as the function's code, and the name of its asset. */
function bundled(name: string): { readonly directory: string; readonly asset: string } {
  const app = new App({
    outdir: mkdtempSync(join(root, "out-")),
    analyticsReporting: false,
    // Nothing here is of the template, and loading the rules takes ten seconds.
    builtinCloudFormationValidation: false,
  });
  const stack = new Stack(app, "Trial");
  new LambdaFunction(stack, "Function", {
    code: new FunctionBundles(root, ["api/plain", "api/judge"]).code(name),
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
  });
  const { directory } = app.synth();
  const asset = readdirSync(directory).find((entry) => entry.startsWith("asset."));
  if (asset === undefined) throw new Error("nothing was bundled");
  return { directory: join(directory, asset), asset };
}

const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll("\\", "/"),
    )
    .toSorted();

const run = async (directory: string): Promise<unknown> =>
  (await import(pathToFileURL(join(directory, "index.mjs")).href)).handler();

describe("a bundle", () => {
  it("is one ES module that runs, with what is CommonJS in it", async () => {
    const { directory } = bundled("api/plain");
    expect(filesIn(directory)).toEqual(["index.mjs"]);
    expect(await run(directory)).toBe(1);
  });

  it("has the policies beside it if its code reads them, and of those only what it reads", async () => {
    const { directory } = bundled("api/judge");
    expect(filesIn(directory)).toEqual(["index.mjs", "policies/compiled/gates.wasm", "policies/matrix.yaml"]);
    expect(await run(directory)).toBe("matrixVersion: 1");
  });

  it("keeps its name while nothing in it changes, wherever the checkout lies", () => {
    const first = bundled("api/judge").asset;
    const elsewhere = mkdtempSync(join(tmpdir(), "countersign-bundle-"));
    cpSync(root, elsewhere, { recursive: true, filter: (path) => !path.includes("out-") });
    rmSync(root, { recursive: true });
    root = elsewhere;
    expect(bundled("api/judge").asset).toBe(first);
  });

  it("gets another name when a policy changes", () => {
    const before = bundled("api/judge").asset;
    write("policies/matrix.yaml", "matrixVersion: 2");
    expect(bundled("api/judge").asset).not.toBe(before);
  });

  it("names the functions that have no code yet", () => {
    rmSync(join(root, "functions/api/judge/index.ts"));
    expect(() => bundled("api/plain")).toThrow(join("functions", "api", "judge", "index.ts"));
  });

  it("is refused where its policies are missing", () => {
    rmSync(join(root, "policies"), { recursive: true });
    mkdirSync(join(root, "policies"));
    expect(() => bundled("api/judge")).toThrow("policies/ is empty");
  });
});

it("the test's own checkout is what a real one looks like", () => {
  const real = readFileSync(new URL("../../functions/policies/policies-here.ts", import.meta.url), "utf8");
  expect(real).toContain("/adapters/policies/");
});
