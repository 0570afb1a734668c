import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = "{core,adapters,functions,statemachine,infra,portal,cli,local,examples,bench,policies,scripts}";

/** One import: what it leads to, and whether only types come through it. */
export interface Import {
  /** A file from the root of the checkout (`core/failure.ts`), a package's name (`valibot`), or `node:fs`. */
  readonly to: string;
  readonly kind: "file" | "package" | "node";
  readonly typesOnly: boolean;
}

/** A source file, what it imports, and which of the outside world's doings it names. */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly Import[];
  /** Such as `process` or `new Date()`. */
  readonly impurities: readonly string[];
}

/** Globals that read the clock, chance or the environment, or do I/O. `crypto` and `performance` among them. */
const impure = new Set([
  ...["process", "globalThis", "Buffer", "fetch", "crypto", "performance", "console", "localStorage", "navigator"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "XMLHttpRequest", "WebSocket"],
]);

/** Every source file of the product, without its tests. */
export function readSources(): readonly SourceFile[] {
  const paths = globSync(`${folders}/**/*.{ts,tsx}`, { cwd: root, exclude: ["portal/dist/**"] });
  return paths
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.endsWith(".d.ts"))
    .toSorted()
    .map((path) => readSource(path, readFileSync(join(root, path), "utf8")));
}

/** What a source text imports and names; `path` is where it lies, from the root of the checkout. */
export function readSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const imports: Import[] = [];
  const impurities = new Set<string>();
  const add = (specifier: string, typesOnly: boolean) => imports.push({ ...resolve(path, specifier), typesOnly });
  const name = (node: unknown): string | undefined => {
    const { type, name: text } = node as { readonly type: string; readonly name?: string };
    return type === "Identifier" ? text : undefined;
  };
  const used = (node: unknown) => {
    const global = name(node);
    if (global !== undefined && impure.has(global)) impurities.add(global);
  };
  new Visitor({
    ImportDeclaration: (node) => {
      const allTypes = node.specifiers.length > 0 && node.specifiers.every(isTypeSpecifier);
      add(node.source.value, node.importKind === "type" || allTypes);
    },
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add(node.source.value, node.exportKind === "type");
    },
    ExportAllDeclaration: (node) => {
      add(node.source.value, node.exportKind === "type");
    },
    ImportExpression: (node) => {
      // A path that is computed cannot be followed; walls.test.ts refuses it where a wall stands.
      if (node.source.type === "Literal" && typeof node.source.value === "string") add(node.source.value, false);
      else impurities.add("import() of a computed path");
    },
    TSImportType: (node) => {
      add(node.source.value, true);
    },
    MemberExpression: (node) => {
      used(node.object);
      if (node.property.type !== "Identifier") return;
      const call = `${name(node.object) ?? ""}.${node.property.name}`;
      if (call === "Date.now" || call === "Math.random") impurities.add(call);
    },
    CallExpression: (node) => {
      used(node.callee);
      if (name(node.callee) === "Date") impurities.add("Date()");
    },
    NewExpression: (node) => {
      used(node.callee);
      if (name(node.callee) === "Date" && node.arguments.length === 0) impurities.add("new Date()");
    },
  }).visit(program);
  return { path, imports, impurities: [...impurities].toSorted() };
}

function isTypeSpecifier(specifier: { readonly type: string; readonly importKind?: string }): boolean {
  return specifier.type === "ImportSpecifier" && specifier.importKind === "type";
}

function resolve(from: string, specifier: string): Pick<Import, "to" | "kind"> {
  if (specifier.startsWith(".")) {
    return { to: posix.normalize(posix.join(posix.dirname(from), specifier)), kind: "file" };
  }
  if (isBuiltin(specifier)) return { to: specifier, kind: "node" };
  const parts = specifier.split("/");
  return { to: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/"), kind: "package" };
}
