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

const portalPage = here("index.html");
const watchScript = here("src/loading/watch.ts");

/**
 * What stands in the page before anything has loaded is seen at once: a stylesheet in the head would keep the page
 * blank until it has come, however long that takes, and so would every script behind it. So the stylesheet stands behind
 * the first words, and the script that says when something does not come is one of its own that waits for nothing.
 */
const seenAtOnce: Plugin = {
  name: "seen-at-once",
  buildStart() {
    this.emitFile({ type: "chunk", id: watchScript, name: "watch" });
  },
  transformIndexHtml: {
    order: "post",
    handler(page, { bundle = {}, filename }) {
      // It loads nothing that could fail to come.
      if (filename !== portalPage) return page;
      const watch = Object.values(bundle).find((file) => file.type === "chunk" && file.facadeModuleId === watchScript);
      const late = page.match(/ *<(?:link rel="stylesheet"|script type="module")[^>]*>(?:<\/script>)?\n/g) ?? [];
      const early = late.reduce((rest, tag) => rest.replace(tag, ""), page);
      const script = `    <script type="module" async crossorigin src="/${watch?.fileName}"></script>\n`;
      return early.replace("  </body>", () => `${script}${late.join("")}  </body>`);
    },
  },
};

export default defineConfig({
  root: here("."),
  plugins: [coreInBrowser, seenAtOnce],
  worker: {
    format: "es",
    plugins: () => [coreInBrowser],
    // By its name it gets a policy of its own (infra/constructs/portal-distribution.ts).
    rolldownOptions: { output: { entryFileNames: "assets/verifier-[hash].js" } },
  },
  // The same bytes whatever NODE_ENV says, so that tests see what is deployed.
  define: { "process.env.NODE_ENV": JSON.stringify("production"), global: "globalThis" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: "es2024",
    // Everything is a file of its own with its digest in its name: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [portalPage, here("not-found.html")] },
    reportCompressedSize: true,
  },
});
