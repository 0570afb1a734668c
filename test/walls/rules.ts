import type { Import, SourceFile } from "./sources.ts";

/** A wall of the house (design 5): who it is for, and which of their imports it refuses. */
export interface Wall {
  readonly name: string;
  readonly holds: (file: SourceFile) => boolean;
  readonly refuses: (wanted: Import, file: SourceFile) => boolean;
}

/** Packages without I/O, clock or chance: all that the rules may build on. */
const purePackages = ["valibot", "yaml", "hyparquet-writer", "@noble/curves", "@noble/hashes", "@rgrove/parse-xml"];

/** What each part of core stands on, beside itself, `encoding` and `failure.ts`. */
const coreParts: Readonly<Record<string, readonly string[]>> = {
  encoding: [],
  ledger: [],
  promotion: [],
  gates: ["promotion"],
  approval: ["promotion"],
  policy: ["approval", "gates", "notification", "promotion"],
  notification: ["promotion"],
  attestation: ["approval", "gates", "promotion"],
  deployment: ["approval", "attestation", "promotion"],
  learning: ["attestation", "promotion"],
  archive: ["approval", "attestation", "deployment", "gates", "ledger", "policy", "promotion"],
  replay: ["approval", "archive", "attestation", "gates", "policy", "promotion"],
};

/** The same within core/archive. What stands in no folder is the verification of a whole pack: it stands on all of them, and none on it. */
const archiveParts: Readonly<Record<string, readonly string[]>> = {
  documents: [],
  zip: [],
  tables: [],
  reports: ["documents"],
  pack: ["documents", "reports", "tables", "zip"],
  export: ["pack", "zip"],
  history: ["documents", "pack"],
  people: ["documents", "history", "pack"],
  policies: ["documents", "history", "pack"],
  promotion: ["documents", "history", "pack", "people", "policies"],
  beside: ["documents", "history", "pack", "people", "policies", "promotion"],
};

/** What the API answers, for those who read it: the one thing of functions/ that others may know, as types. */
const apiTypes = [
  "functions/api/ask-question/view.ts",
  "functions/api/plan-absence/view.ts",
  "functions/api/read-passkeys/view.ts",
  "functions/api/read-promotions/view.ts",
];

/** The policy engine runs in a browser as it does in Node, and the browser evaluates archived gates again. */
const inBrowserToo = ["adapters/opa/warm-policies.ts"];

const within = (file: SourceFile, folder: string) => file.path.startsWith(`${folder}/`);
const top = (path: string) => path.split("/", 1)[0] ?? "";
const part = (path: string) => path.split("/", 2)[1] ?? "";
/** The folder of core/archive that a file is in. */
const archivePart = (path: string) => /^core\/archive\/([^/]+)\//.exec(path)?.[1];
const isSdk = (wanted: Import) => wanted.kind === "package" && wanted.to.startsWith("@aws-sdk/");
const knowsApiTypes = (wanted: Import) => wanted.typesOnly && apiTypes.includes(wanted.to);

/** Refuses files of the house outside the named folders. */
const filesOnlyFrom =
  (...folders: readonly string[]): Wall["refuses"] =>
  (wanted) =>
    wanted.kind === "file" && !folders.includes(top(wanted.to)) && !knowsApiTypes(wanted);

export const walls: readonly Wall[] = [
  {
    name: "core imports nothing but core and pure packages; node:crypto only where bytes are hashed",
    holds: (file) => within(file, "core"),
    refuses: (wanted, file) => {
      if (wanted.kind === "file") return top(wanted.to) !== "core";
      if (wanted.kind === "package") return !purePackages.includes(wanted.to);
      return !(wanted.to === "node:crypto" && file.path === "core/encoding/sha256.ts");
    },
  },
  {
    name: "within core: promotion ← gates, approval ← policy, attestation ← archive ← replay; and ledger ← archive",
    holds: (file) => within(file, "core") && file.path !== "core/failure.ts",
    refuses: (wanted, file) => {
      if (wanted.kind !== "file" || wanted.to === "core/failure.ts" || top(wanted.to) !== "core") return false;
      const [from, to] = [part(file.path), part(wanted.to)];
      return to !== from && to !== "encoding" && !(coreParts[from] ?? []).includes(to);
    },
  },
  {
    name: "within core/archive: documents, zip, tables ← reports ← pack ← export; pack ← history ← people, policies ← promotion ← beside",
    holds: (file) => archivePart(file.path) !== undefined,
    refuses: (wanted, file) => {
      if (wanted.kind !== "file" || !wanted.to.startsWith("core/archive/")) return false;
      const [from, to] = [archivePart(file.path) ?? "", archivePart(wanted.to)];
      return to !== from && (to === undefined || !(archiveParts[from] ?? []).includes(to));
    },
  },
  {
    name: "core/failure.ts stands below everything and imports nothing",
    holds: (file) => file.path === "core/failure.ts",
    refuses: () => true,
  },
  {
    name: "an adapter knows core and its own outside thing, and no other adapter",
    holds: (file) => within(file, "adapters"),
    refuses: (wanted, file) =>
      wanted.kind === "file" &&
      top(wanted.to) !== "core" &&
      // What a package keeps to itself is a part of that outside thing.
      top(wanted.to) !== "node_modules" &&
      !(top(wanted.to) === "adapters" && part(wanted.to) === part(file.path)),
  },
  {
    name: "functions import core, adapters, the machine's contract, and shared modules of functions",
    holds: (file) => within(file, "functions"),
    refuses: filesOnlyFrom("core", "adapters", "functions", "statemachine"),
  },
  {
    name: "a function's folder is its own: another's index, handler and environment are not imported",
    holds: (file) => within(file, "functions"),
    refuses: (wanted, file) =>
      wanted.kind === "file" &&
      /^functions\/.*\/(index|handler|env)\.ts$/.test(wanted.to) &&
      folderOf(wanted.to) !== folderOf(file.path),
  },
  {
    name: "a function's environment is a schema and nothing else",
    holds: (file) => /^functions\/.*\/env\.ts$/.test(file.path),
    refuses: (wanted) => wanted.to !== "valibot",
  },
  {
    name: "the machine's contract is a schema and nothing else",
    holds: (file) => within(file, "statemachine"),
    refuses: (wanted) => wanted.to !== "valibot",
  },
  {
    name: "infra knows functions by their env.ts, the machine by its contract, and of core the list of codes as a type",
    holds: (file) => within(file, "infra"),
    refuses: (wanted) =>
      wanted.kind === "file" &&
      top(wanted.to) !== "infra" &&
      wanted.to !== "statemachine/contract.ts" &&
      !/^functions\/.*\/env\.ts$/.test(wanted.to) &&
      !(wanted.typesOnly && wanted.to === "core/failure.ts"),
  },
  {
    name: "nothing imports infra",
    holds: (file) => !within(file, "infra"),
    refuses: (wanted) => wanted.kind === "file" && top(wanted.to) === "infra",
  },
  {
    name: "local runs the bundles and the templates: it imports core's words and the example's scorer, nothing else",
    holds: (file) => within(file, "local"),
    refuses: (wanted) =>
      filesOnlyFrom("core", "local", "examples")(wanted, nobody) || isSdk(wanted) || wanted.to === "aws-cdk-lib",
  },
  {
    name: "the portal knows core, the policy engine, and of functions what the API answers; it runs in a browser",
    holds: (file) => within(file, "portal/src"),
    refuses: (wanted) =>
      (!inBrowserToo.includes(wanted.to) && filesOnlyFrom("core", "portal")(wanted, nobody)) ||
      wanted.kind === "node" ||
      isSdk(wanted),
  },
  {
    name: "the command line knows core and adapters, and of functions what the API answers",
    holds: (file) => within(file, "cli"),
    refuses: filesOnlyFrom("cli", "core", "adapters"),
  },
  {
    name: "examples use the product from outside: the stack, the API's types, core's formats",
    holds: (file) => within(file, "examples"),
    refuses: filesOnlyFrom("examples", "core", "local", "cli"),
  },
];

/** For walls that do not look at who is asking. */
const nobody: SourceFile = { path: "", imports: [], impurities: [] };

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
