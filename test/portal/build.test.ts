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

  it("loads in less than 150 kB, compressed, all files together", () => {
    const bytes = [...files.values()].reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(bytes).toBeLessThan(150_000);
  });

  it("has a digest in the name of every file but the page", () => {
    const others = [...files.keys()].filter((path) => path !== "index.html");
    expect(others.length).toBeGreaterThan(2);
    for (const path of others) expect(path).toMatch(/^assets\/[a-z-]+-[A-Za-z0-9_-]{8}\.(js|css|svg)$/);
  });

  it("has nothing in its page that the policy forbids: no inline script or style, no other host", () => {
    const page = files.get("index.html") ?? "";
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|=.javascript:/i);
    expect(page.match(/<script[^>]*>[^<]*<\/script>/g)).toHaveLength(1);
    expect(page).toMatch(/<script type="module"[^>]* src="\/assets\/[^"]+"><\/script>/);
    expect(page).not.toMatch(/https?:\/\//);
  });

  it("loads nothing from another host and nothing of Node", () => {
    const style = [...files].filter(([path]) => extname(path) === ".css").map(([, text]) => text);
    expect(style.join()).not.toMatch(/url\(|@import/);
    const script = [...files].filter(([path]) => extname(path) === ".js").map(([, text]) => text);
    expect(script.join()).not.toMatch(/node:|\bBuffer\.|\beval\(|new Function\(|import\("https?:/);
  });
});
