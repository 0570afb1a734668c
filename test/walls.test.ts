import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { walls } from "./walls/rules.ts";
import { readSource, readSources, type SourceFile } from "./walls/sources.ts";

const sources = readSources();
const byPath = new Map(sources.map((file) => [file.path, file]));

describe("the walls of the house", () => {
  it.each(walls.map((wall) => [wall.name, wall] as const))("%s", (_, wall) => {
    expect(breaches([wall], sources)).toEqual([]);
  });

  it("stand around every folder that they name", () => {
    const idle = walls.filter((wall) => !sources.some(wall.holds)).map(({ name }) => name);
    expect(idle).toEqual([]);
  });

  it("core reads no clock, no chance, no environment, and does no I/O", () => {
    const named = sources
      .filter(({ path }) => path.startsWith("core/"))
      .flatMap(({ path, impurities }) => impurities.map((impurity) => `${path} names ${impurity}`));
    // The portal's build puts another file in the place of this one; every other runs in a browser as it is.
    expect(named.filter((name) => name !== "core/encoding/base64.ts names Buffer")).toEqual([]);
  });

  it("a handler reaches no adapter and no SDK, however long the way", () => {
    const reached = sources
      .filter(({ path }) => path.startsWith("functions/") && path.endsWith("/handler.ts"))
      .flatMap(({ path }) => outsideOf(path).map((way) => way.join(" → ")));
    expect(reached).toEqual([]);
  });

  it("what ships imports what package.json lists as a dependency of production, all of it and nothing else", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: object };
    const shipped = /^(core|adapters|functions|statemachine|cli|portal\/src)\//;
    const imported = sources
      .filter(({ path }) => shipped.test(path))
      .flatMap(({ imports }) => imports.filter(({ kind }) => kind === "package").map(({ to }) => to));
    // Types of the Lambda events come from DefinitelyTyped and leave nothing behind.
    const needed = new Set(imported.filter((name) => name !== "aws-lambda"));
    expect([...needed].toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  it("imports between files go in no circle, types included", () => {
    expect(circle(sources)).toBeUndefined();
  });

  it("every import between files leads to a file", () => {
    const lost = sources.flatMap(({ path, imports }) =>
      imports.filter(({ kind, to }) => kind === "file" && !existsSync(to)).map(({ to }) => `${path} → ${to}`),
    );
    expect(lost).toEqual([]);
  });
});

describe("a breach is seen", () => {
  it.each([
    ["core/gates/judge.ts", 'import { x } from "../approval/votes.ts";'],
    ["core/gates/judge.ts", 'import type { x } from "../../adapters/opa/evaluate.ts";'],
    ["core/gates/judge.ts", 'export * from "node:fs";'],
    ["core/gates/judge.ts", 'import { x } from "@aws-sdk/client-s3";'],
    ["core/ledger/merkle.ts", 'import { createHash } from "node:crypto";'],
    ["core/ledger/merkle.ts", 'type Status = import("../promotion/promotion.ts").Status;'],
    ["core/archive/people/passkeys.ts", 'import { x } from "../promotion/verify-review.ts";'],
    ["core/archive/pack/sums.ts", 'import { x } from "../verify-pack.ts";'],
    ["core/failure.ts", 'import { utf8 } from "./encoding/bytes.ts";'],
    ["adapters/s3/blobs.ts", 'const x = await import("../dynamodb/item.ts");'],
    ["functions/api/submit/handler.ts", 'import type { Environment } from "../withdraw/env.ts";'],
    ["functions/api/submit/env.ts", 'import { x } from "../http.ts";'],
    ["infra/functions.ts", 'import { handler } from "../functions/api/submit/handler.ts";'],
    ["infra/functions.ts", 'import { Failure } from "../core/failure.ts";'],
    ["local/stack.ts", 'import { answering } from "../functions/api/http.ts";'],
    ["local/stack.ts", 'import { settings } from "../infra/settings.ts";'],
    ["portal/src/routes.ts", 'import { submit } from "../../functions/api/submit/handler.ts";'],
    ["portal/src/routes.ts", 'import { readFileSync } from "node:fs";'],
    ["cli/main.ts", 'import { startStack } from "../local/stack.ts";'],
  ])("%s: %s", (path, text) => {
    expect(breaches(walls, [readSource(path, text)])).not.toEqual([]);
  });

  it.each([
    ["new Date()", "const at = new Date();"],
    ["Date.now", "const read = Date.now;"],
    ["Math.random", "const dice = Math.random();"],
    ["process", "const home = process.env;"],
    ["fetch", "const answer = fetch(address);"],
    ["setTimeout", "setTimeout(ring, 1000);"],
  ])("%s in core", (impurity, text) => {
    expect(readSource("core/gates/judge.ts", text).impurities).toEqual([impurity]);
  });

  it("a date that is given is no clock", () => {
    expect(readSource("core/encoding/instant.ts", "const at = new Date(Date.UTC(2026, 0, 1));").impurities).toEqual([]);
  });

  it("a circle through types", () => {
    const pair = [
      readSource("core/a.ts", 'import type { B } from "./b.ts";'),
      readSource("core/b.ts", 'export { a } from "./a.ts";'),
    ];
    expect(circle(pair)).toEqual(["core/a.ts", "core/b.ts", "core/a.ts"]);
  });
});

function breaches(rules: typeof walls, files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    rules
      .filter((wall) => wall.holds(file))
      .flatMap((wall) =>
        file.imports
          .filter((wanted) => wall.refuses(wanted, file))
          .map(({ to }) => `${file.path} → ${to}: ${wall.name}`),
      ),
  );
}

/** The ways from a file to adapters and SDKs, through the files of functions/. */
function outsideOf(path: string, seen = new Set<string>()): readonly (readonly string[])[] {
  if (seen.has(path)) return [];
  seen.add(path);
  return (byPath.get(path)?.imports ?? []).flatMap(({ to }) => {
    if (to.startsWith("adapters/") || to.startsWith("@aws-sdk/")) return [[path, to]];
    return to.startsWith("functions/") ? outsideOf(to, seen).map((way) => [path, ...way]) : [];
  });
}

/** A circle among the files, from a file back to itself; depth first, each file once. */
function circle(files: readonly SourceFile[]): readonly string[] | undefined {
  const imports = new Map(files.map((file) => [file.path, file.imports.filter(({ kind }) => kind === "file")]));
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const { to } of imports.get(path) ?? []) {
      const found = walk(to, [...way, path]);
      if (found !== undefined) return found;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const found = walk(path, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
