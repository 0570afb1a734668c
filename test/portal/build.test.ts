import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "countersign-build-"));
const configFile = fileURLToPath(new URL("../../portal/vite.config.ts", import.meta.url));

/** The files of one build: path → text. */
async function built(name: string): Promise<ReadonlyMap<string, string>> {
  const outDir = join(folder, name);
  await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true, reportCompressedSize: false } });
  const files = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name: file }) => {
      const path = join(parentPath, file);
      return [path.slice(outDir.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

describe("the built portal", () => {
  let files: ReadonlyMap<string, string>;
  beforeAll(async () => {
    files = await built("first");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is the same bytes every time", async () => {
    expect([...(await built("second"))]).toEqual([...files]);
  });

  const verifier = (path: string) => path.startsWith("assets/verifier-");
  const weight = (wanted: (path: string) => boolean) =>
    [...files].reduce((sum, [path, text]) => sum + (wanted(path) ? gzipSync(text).length : 0), 0);

  it("loads in less than 150 kB, compressed: all files but the verifier, which only a verification loads", () => {
    expect(weight((path) => !verifier(path))).toBeLessThan(150_000);
    expect(files.get("index.html")).not.toContain("verifier-");
  });

  it("verifies with less than 275 kB more: the rules, what reads and judges policies, and the reports of both versions of packs", () => {
    expect([...files.keys()].filter(verifier)).toHaveLength(1);
    expect(weight(verifier)).toBeLessThan(275_000);
  });

  it("has a digest in the name of every file but its pages", () => {
    const others = [...files.keys()].filter((path) => !["index.html", "not-found.html"].includes(path));
    expect(others.length).toBeGreaterThan(2);
    for (const path of others) expect(path).toMatch(/^assets\/[a-z-]+-[A-Za-z0-9_-]{8}\.(js|css|svg)$/);
  });

  it("has a page for what it does not have, without a script, that leads home", () => {
    const page = files.get("not-found.html") ?? "";
    expect(page).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|https?:\/\//i);
    const [, style = ""] = /rel="stylesheet"[^>]* href="\/([^"]+)"/.exec(page) ?? [];
    expect(files.get(style)).toContain(".narrow");
    expect(page).toContain('<a href="/">Go to the inbox</a>');
  });

  it("has nothing in its page that the policy forbids: no inline script or style, no other host", () => {
    const page = files.get("index.html") ?? "";
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|=.javascript:/i);
    const scripts = page.match(/<script[^>]*>[^<]*<\/script>/g) ?? [];
    expect(scripts).toHaveLength(2);
    for (const script of scripts)
      expect(script).toMatch(/^<script type="module"[^>]* src="\/assets\/[^"]+"><\/script>$/);
    expect(page).not.toMatch(/https?:\/\//);
  });

  it("says something before anything else has loaded: nothing that must come first stands before its first words", () => {
    const page = files.get("index.html") ?? "";
    expect(page.slice(0, page.indexOf("Loading…"))).not.toMatch(/<script|rel="stylesheet"/);
    expect(page).toMatch(/<script type="module" async crossorigin src="\/assets\/watch-[^"]+"><\/script>/);
    expect(page.indexOf("watch-")).toBeLessThan(page.indexOf('rel="stylesheet"'));
  });

  it("loads nothing from another host and nothing of Node", () => {
    const style = [...files].filter(([path]) => extname(path) === ".css").map(([, text]) => text);
    expect(style.join()).not.toMatch(/url\(|@import/);
    const script = [...files].filter(([path]) => extname(path) === ".js").map(([, text]) => text);
    expect(script.join()).not.toMatch(/["'`]node:|(?<!\.)\beval\(|new Function\(|import\(["'`]https?:/);
    // A library of the verifier looks for it, and does without.
    const page = [...files].filter(([path]) => extname(path) === ".js" && !verifier(path)).map(([, text]) => text);
    expect(page.join()).not.toMatch(/\bBuffer\./);
  });
});
