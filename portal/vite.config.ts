import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The two files of core that use Node for speed, and what stands in their place in a browser. */
const inBrowser: ReadonlyMap<string, string> = new Map([
  [here("../core/encoding/sha256.ts"), here("src/browser/sha256.ts")],
  [here("../core/encoding/base64.ts"), here("src/browser/base64.ts")],
]);

/** Swaps by the resolved file, so that it does not matter from where in core it is imported. */
const coreInBrowser: Plugin = {
  name: "core-in-browser",
  enforce: "pre",
  async resolveId(source, importer, options) {
    if (!source.endsWith(".ts")) return null;
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    const other = inBrowser.get(resolved?.id ?? "");
    return other === undefined || importer === other ? resolved : other;
  },
};

export default defineConfig({
  root: here("."),
  plugins: [coreInBrowser],
  // The same bytes whatever NODE_ENV says, so that tests see what is deployed.
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2024",
    // Everything is a file of its own with its digest in its name: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
